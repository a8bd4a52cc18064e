/// Two-sample tests and divergences on raw samples.
///
/// NaNs are left out and counted in the note; an empty sample is InvalidArgument. Statistics in double, in an order
/// that gives the same bits on every machine.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <holdfast/data/column.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

/// Two-sample Kolmogorov-Smirnov: D = sup |F - G|. p: exact (Hodges 1958, as SciPy's method="exact") up to
/// max(n, m) = 10,000, else asymptotic (the law kstwo at n m / (n + m), as SciPy's "asymp"). Effect: D.
[[nodiscard]] HOLDFAST_EXPORT TestResult ks(std::span<const double> reference, std::span<const double> current);

/// Wasserstein-1, the area between the distribution functions (SciPy's wasserstein_distance). Effect: in reference
/// standard deviations (statistic / sd; 0 where both are constant and equal, infinite where only the reference is).
[[nodiscard]] HOLDFAST_EXPORT TestResult wasserstein(std::span<const double> reference,
                                                     std::span<const double> current);

/// Pearson's chi-square of homogeneity on two rows of counts, without continuity correction (SciPy's chi2_contingency,
/// correction=False); columns that are zero in both are left out. Effect: Cramer's V.
[[nodiscard]] HOLDFAST_EXPORT TestResult chi2(std::span<const double> reference_counts,
                                              std::span<const double> current_counts);

/// Population stability index over given shares or counts; zeros get `smoothing` counts. Effect: PSI.
[[nodiscard]] HOLDFAST_EXPORT TestResult psi(std::span<const double> reference_counts,
                                             std::span<const double> current_counts, double smoothing = 0.5);
/// Jensen-Shannon distance, base 2 (SciPy's jensenshannon, base=2). Effect: the distance, in [0, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult js(std::span<const double> reference_counts,
                                            std::span<const double> current_counts);
/// Total variation distance, half the sum of absolute differences of shares. Effect: the distance, in [0, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult total_variation(std::span<const double> reference_counts,
                                                         std::span<const double> current_counts);

/// Counts of both samples over the reference's decile edges (PSI and JS of numeric samples).
struct BinnedPair {
    std::vector<double> edges, reference, current;
};
[[nodiscard]] HOLDFAST_EXPORT BinnedPair bin_by_quantiles(std::span<const double> reference,
                                                          std::span<const double> current, std::int64_t bins = 10);

}  // namespace holdfast::stats

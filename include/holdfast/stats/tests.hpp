/// Two-sample tests and divergences on raw samples.
///
/// NaNs are left out and counted in the note; an empty sample is InvalidArgument. Statistics in double, in an order
/// that gives the same bits on every machine. docs/statistics.md has each method's formula, assumptions and source.
///
/// Effects that are signed are positive where the current values are the larger. Two samples of one and the same
/// value: effect 0, p 1. Where a method has no interval, its ends are NaN.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <holdfast/data/column.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/permutations.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

/// Two-sample Kolmogorov-Smirnov: D = sup |F - G|. p: exact (Hodges 1958, as SciPy's method="exact") up to
/// max(n, m) = 10,000, else asymptotic (the law kstwo at n m / (n + m), as SciPy's "asymp"). Effect: D.
[[nodiscard]] HOLDFAST_EXPORT TestResult ks(std::span<const double> reference, std::span<const double> current);

/// Wasserstein-1, the area between the distribution functions (SciPy's wasserstein_distance). Effect: in reference
/// standard deviations (statistic / sd; 0 where both are constant and equal, infinite where only the reference is).
[[nodiscard]] HOLDFAST_EXPORT TestResult wasserstein(std::span<const double> reference,
                                                     std::span<const double> current);

/// Cramer-von Mises' T (Anderson 1962), with midranks. p: over all splits of the pooled rows up to n m = 400 (SciPy's
/// "exact" where nothing is tied), else the limit at T's own mean and variance, its tail to the last double. Effect:
/// the root of the mean over the pooled rows of (F - G)^2, in [0, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult cramer_von_mises(std::span<const double> reference,
                                                          std::span<const double> current);

/// Anderson-Darling for two samples, with midranks (Scholz and Stephens 1987, eq. 7). Statistic: (A^2 - 1) / sd
/// (SciPy's anderson_ksamp); NaN below four rows. p: over all splits of the pooled rows (to 20,000 of 1,000 rows), else
/// the limit, never clipped. Effect: A^2 (n + m) / (n m), the integral of (F - G)^2 / (H (1 - H)) over the pooled H.
[[nodiscard]] HOLDFAST_EXPORT TestResult anderson_darling(std::span<const double> reference,
                                                          std::span<const double> current);

/// Kuiper: V = sup (F - G) + sup (G - F), the same wherever a circle is cut. p: the limit (Kuiper 1960) at Stephens'
/// (1970) argument. Effect: V, in [0, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult kuiper(std::span<const double> reference, std::span<const double> current);

/// Energy distance, sqrt(2 integral (F - G)^2) (SciPy's energy_distance). p: over all splits of the pooled rows (to
/// 20,000 of 1,000 rows), else, and with blocks, by permutations. Effect: Szekely and Rizzo's coefficient in [0, 1],
/// bias-corrected. NaN with infinite values.
[[nodiscard]] HOLDFAST_EXPORT TestResult energy(std::span<const double> reference, std::span<const double> current,
                                                const Permutations& permutations = {});

/// Mann-Whitney: U, the pairs in which the reference's value is the larger, ties by half. p, two-sided: exact up to
/// n m = 4,000 without ties, else normal with corrections for ties and continuity (SciPy's mannwhitneyu). Effect:
/// Cliff's delta, P(current larger) - P(reference larger), in [-1, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult mann_whitney(std::span<const double> reference,
                                                      std::span<const double> current);

/// Welch's t: of the reference's mean less the current one (SciPy's ttest_ind, equal_var=False), two-sided. Effect: the
/// current mean less the reference's in pooled standard deviations. NaN with one row or infinite values.
[[nodiscard]] HOLDFAST_EXPORT TestResult welch(std::span<const double> reference, std::span<const double> current);

enum class LeveneCenter : std::uint8_t { median, mean };
/// Levene's W on distances from the median (Brown and Forsythe 1974) or from the mean (Levene 1960). Effect: the
/// logarithm of the ratio of mean distances, current over reference. NaN with one row or infinite values.
[[nodiscard]] HOLDFAST_EXPORT TestResult levene(std::span<const double> reference, std::span<const double> current,
                                                LeveneCenter center = LeveneCenter::median);

/// Pearson's chi-square of homogeneity on two rows of counts, without continuity correction (SciPy's chi2_contingency,
/// correction=False); columns that are zero in both are left out. Effect: Cramer's V.
[[nodiscard]] HOLDFAST_EXPORT TestResult chi2(std::span<const double> reference_counts,
                                              std::span<const double> current_counts);

/// The G test (log-likelihood ratio) of homogeneity, uncorrected (SciPy's chi2_contingency, lambda_="log-likelihood").
/// Effect: the information that a category has on which sample it is of, G / (2 (n + m) log 2), in bits.
[[nodiscard]] HOLDFAST_EXPORT TestResult g_test(std::span<const double> reference_counts,
                                                std::span<const double> current_counts);
/// Fisher's exact test of two categories, two-sided: all tables of these margins that are at most as likely. Statistic:
/// the sample odds ratio a d / (b c); NaN where a category is empty. Effect: the difference of the first category's
/// shares. InvalidArgument: more than two categories, counts that are not whole.
[[nodiscard]] HOLDFAST_EXPORT TestResult fisher(std::span<const double> reference_counts,
                                                std::span<const double> current_counts);

/// Population stability index over given shares or counts; zeros get `smoothing` counts. Effect: PSI.
[[nodiscard]] HOLDFAST_EXPORT TestResult psi(std::span<const double> reference_counts,
                                             std::span<const double> current_counts, double smoothing = 0.5);
/// Jensen-Shannon distance, base 2 (SciPy's jensenshannon, base=2). Effect: the distance, in [0, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult js(std::span<const double> reference_counts,
                                            std::span<const double> current_counts);
/// Kullback-Leibler divergence of the reference from the current shares, sum p log(p / q), in nats; a count of zero
/// (of either) is taken as `smoothing`. Effect: the divergence.
[[nodiscard]] HOLDFAST_EXPORT TestResult kl(std::span<const double> reference_counts,
                                            std::span<const double> current_counts, double smoothing = 0.5);
/// Hellinger distance, sqrt(sum (sqrt p - sqrt q)^2 / 2). Effect: the distance, in [0, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult hellinger(std::span<const double> reference_counts,
                                                   std::span<const double> current_counts);
/// The largest absolute difference of shares. Effect: the distance, in [0, 1].
[[nodiscard]] HOLDFAST_EXPORT TestResult l_infinity(std::span<const double> reference_counts,
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

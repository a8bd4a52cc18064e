/// kstwo: the law of the two-sided one-sample Kolmogorov-Smirnov statistic.
#pragma once

#include <cstdint>

namespace holdfast::stats::detail {

/// P(D_n >= d) for n continuous values. Source: Simard and L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov
/// distribution", J. Stat. Soft. 39(11), 2011; the choice of method is SciPy's (kstwo), so that both agree where a
/// method is approximate (Pelz-Good, and above a million values Smirnov's tail).
[[nodiscard]] double kstwo_sf(std::int64_t n, double d);

/// P(D_n^+ >= d), the one-sided law: exact (Birnbaum and Tingey 1951) up to a million values.
[[nodiscard]] double smirnov_sf(std::int64_t n, double d);

/// P(n m D >= gap), gap a whole number: exact; time n m at most, or n for equal sizes.
[[nodiscard]] double ks_exact_p(std::int64_t n, std::int64_t m, double gap);

/// P(D >= d) for samples of n and m from one continuous distribution, in the limit: the law above at n m / (n + m); far
/// out in large samples by Smirnov's tail with the next term of its exponent (2 d^2 + 4 / 9 d^4, the least divergence
/// of two coins d apart), whose relative error is below 1e-3 for p above 1e-40, without a sum over all rows.
[[nodiscard]] double ks_limit_p(double n, double m, double d);

}  // namespace holdfast::stats::detail

/// Limit laws of quadratic statistics of distribution functions: sums of squared independent normals, each weighted.
#pragma once

namespace holdfast::stats::detail {

/// P(X > x) for the limit of Cramer and von Mises' omega^2 (weights 1 / (pi j)^2) and of Anderson and Darling's A^2
/// (weights 1 / (j (j + 1))), by Smirnov's integral (1937); relative error below 1e-10 down to 1e-300.
[[nodiscard]] double cramer_von_mises_sf(double x);
[[nodiscard]] double anderson_darling_sf(double x);

/// P(V >= v) for Kuiper's V of samples of n and m: the limit (1960) at Stephens' (1970) argument.
[[nodiscard]] double kuiper_p(double n, double m, double v);

}  // namespace holdfast::stats::detail

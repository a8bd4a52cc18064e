/// Quantiles and tails, by Boost.Math, in one unit of compilation.
#pragma once

namespace holdfast::stats::detail {

[[nodiscard]] double normal_quantile(double p);
[[nodiscard]] double t_quantile(double degrees, double p);  ///< degrees at least 1
[[nodiscard]] double normal_sf(double x);
[[nodiscard]] double t_sf(double degrees, double x);
[[nodiscard]] double chi2_sf(double degrees, double x);
[[nodiscard]] double chi2_quantile(double degrees, double p);
[[nodiscard]] double beta_quantile(double a, double b, double p);

/// (1 + x) log(1 + x) - x, precise near 0; x at least -1.
[[nodiscard]] double relative_entropy(double x);

/// The noncentrality at which P(X <= x) is p, for a noncentral chi-square X; 0 where P is below p even at 0.
[[nodiscard]] double noncentrality_at(double degrees, double x, double p);
[[nodiscard]] double noncentral_chi2_cdf(double degrees, double noncentrality, double x);
[[nodiscard]] double noncentral_chi2_sf(double degrees, double noncentrality, double x);
[[nodiscard]] double noncentral_chi2_quantile(double degrees, double noncentrality, double p);

}  // namespace holdfast::stats::detail

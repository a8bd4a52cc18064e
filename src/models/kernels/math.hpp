/// exp, log and tanh of our own: the same bits on every machine, whatever its C library.
///
/// Errors, over the whole range: exp and log below 1 ulp, tanh and expm1 below 3. NaN, infinities, overflow and
/// denormal results as C's.
///
/// Thread safety: pure functions.
#pragma once

namespace holdfast::kernels {

[[nodiscard]] double exp(double x);
[[nodiscard]] double expm1(double x);
[[nodiscard]] double log(double x);
[[nodiscard]] double tanh(double x);
/// The x whose standard normal distribution function is p; relative error about 1e-15.
[[nodiscard]] double normal_quantile(double p);

}  // namespace holdfast::kernels

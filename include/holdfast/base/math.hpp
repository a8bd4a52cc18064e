/// exp, log and tanh of our own: the same bits on every machine, whatever its C library.
///
/// Errors, over the whole range: exp and log below 1 ulp, tanh and expm1 below 3. NaN, infinities, overflow and
/// denormal results as C's.
///
/// Thread safety: pure functions.
#pragma once

#include <holdfast/export.hpp>

namespace holdfast::math {

[[nodiscard]] HOLDFAST_EXPORT double exp(double x);
[[nodiscard]] HOLDFAST_EXPORT double expm1(double x);
[[nodiscard]] HOLDFAST_EXPORT double log(double x);
[[nodiscard]] HOLDFAST_EXPORT double tanh(double x);
/// The x whose standard normal distribution function is p; relative error about 1e-15.
[[nodiscard]] HOLDFAST_EXPORT double normal_quantile(double p);

}  // namespace holdfast::math

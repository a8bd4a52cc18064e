/// Functions of one or two numbers with the same bits on every machine.
#pragma once

#include <cstdint>

namespace holdfast::engine {

/// The error function; relative error below 2e-15.
[[nodiscard]] double erf(double x);
/// log(1 + exp(x)), without overflow.
[[nodiscard]] double softplus(double x);
/// C's pow with its special cases; relative error below 1e-13. Small whole powers are products.
[[nodiscard]] double power(double x, double y);
/// By squaring, wrapping around; what is left of a fraction is 0.
[[nodiscard]] std::int64_t power(std::int64_t x, std::int64_t y);

}  // namespace holdfast::engine

/// Exponential and logarithm with the same bits on every processor: libm's have variants with and without fused
/// multiply-add that differ in the last bit. Within 2 units in the last place.
#pragma once

#include <cmath>
#include <limits>

namespace holdfast::stats::detail {

// ln 2 in two parts, of which the first times a small whole number is exact (Cody and Waite).
constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;

[[nodiscard]] inline double exponential(double x) {
    if (std::isnan(x)) return x;
    if (x > 710.0) return std::numeric_limits<double>::infinity();
    if (x < -746.0) return 0.0;
    const double twos = std::nearbyint(x / 0x1.62e42fefa39efp-1);
    const double rest = (x - twos * ln2_high) - twos * ln2_low;
    double series = 1.0;  // Taylor's; rest is at most 0.35
    for (double n = 14.0; n >= 2.0; n -= 1.0) series = 1.0 + series * rest / n;
    return std::ldexp(1.0 + series * rest, static_cast<int>(twos));
}

[[nodiscard]] inline double logarithm(double x) {
    if (!(x > 0.0))
        return x == 0.0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    if (std::isinf(x)) return x;
    int exponent = 0;
    double part = std::frexp(x, &exponent);
    if (part < 0x1.6a09e667f3bcdp-1) {  // the root of one half
        part *= 2.0;
        --exponent;
    }
    const double s = (part - 1.0) / (part + 1.0), square = s * s;
    double series = 0.0;  // atanh(s) = s + s^3 / 3 + s^5 / 5 + ...; s is at most 0.172
    for (double n = 25.0; n >= 3.0; n -= 2.0) series = square * (1.0 / n + series);
    return exponent * ln2_high + (exponent * ln2_low + 2.0 * (s + s * series));
}

}  // namespace holdfast::stats::detail

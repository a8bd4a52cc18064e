#include "models/engine/tensor/functions.hpp"

#include <cmath>

#include <holdfast/base/math.hpp>

namespace holdfast::engine {
namespace {

constexpr double inverse_root_pi = 0.56418958354775628695;

/// The series 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!, whose terms have one sign (DLMF 7.6.2).
double erf_series(double x) {
    double term = x, sum = x;
    for (int n = 1; std::fabs(term) > 1e-17 * std::fabs(sum); ++n) sum += term *= 2.0 * x * x / (2.0 * n + 1.0);
    return 2.0 * inverse_root_pi * math::exp(-x * x) * sum;
}

/// The continued fraction of erfc for x >= 2.5 (DLMF 7.9.1), from its 60th level.
double erfc_fraction(double x) {
    double rest = x;
    for (int n = 60; n >= 1; --n) rest = x + 0.5 * n / rest;
    return inverse_root_pi * math::exp(-x * x) / rest;
}

double whole_power(double x, int count) {
    double result = 1.0;
    for (double square = x; count > 0; count >>= 1, square *= square) {
        if ((count & 1) != 0) result *= square;
    }
    return result;
}

double positive_power(double x, double y) { return math::exp(y * math::log(x)); }

}  // namespace

double erf(double x) {
    if (x == 0.0 || std::isnan(x)) return x;
    const double size = std::fabs(x);
    if (size < 2.5) return erf_series(x);
    return std::copysign(size > 6.0 ? 1.0 : 1.0 - erfc_fraction(size), x);
}

double softplus(double x) {
    if (std::isnan(x)) return x;
    const double e = math::exp(-std::fabs(x));
    const double u = 1.0 + e;  // log1p(e) = log(u) e / (u - 1), after Kahan
    const double rest = u == 1.0 ? e : math::log(u) * e / (u - 1.0);
    return (x > 0.0 ? x : 0.0) + rest;
}

double power(double x, double y) {
    if (x == 0.0 || x == 1.0 || !std::isfinite(x) || !std::isfinite(y)) return std::pow(x, y);  // exact everywhere
    if (y == 0.5) return std::sqrt(x);
    if (y == std::floor(y) && std::fabs(y) <= 64.0) {
        const double result = whole_power(x, static_cast<int>(std::fabs(y)));
        return y < 0.0 ? 1.0 / result : result;
    }
    if (x > 0.0) return positive_power(x, y);
    if (y != std::floor(y)) return std::nan("");
    const double size = positive_power(-x, y);
    return std::fmod(y, 2.0) == 0.0 ? size : -size;
}

std::int64_t power(std::int64_t x, std::int64_t y) {
    const bool odd = y % 2 != 0;
    if (x == 1) return 1;
    if (x == -1) return odd ? -1 : 1;
    if (y < 0) return 0;
    std::uint64_t result = 1;
    for (auto square = static_cast<std::uint64_t>(x); y > 0; y /= 2, square *= square) {
        if (y % 2 != 0) result *= square;
    }
    return static_cast<std::int64_t>(result);
}

}  // namespace holdfast::engine

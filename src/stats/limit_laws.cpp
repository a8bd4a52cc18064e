#include "stats/limit_laws.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <holdfast/base/math.hpp>

namespace holdfast::stats::detail {
namespace {

// 1 / pi times the integral over (0, 1) of rest(w) / sqrt(sin(pi w)): Gauss and Chebyshev's rule takes the roots at
// both ends exactly.
template <class Rest>
double arc(int nodes, Rest rest) {
    double sum = 0.0;
    for (int i = 0; i < nodes; ++i) {
        const double angle = (i + 0.5) * std::numbers::pi / nodes;
        const double half = std::sin(0.5 * angle);
        const double w = half * half;
        sum += rest(w) * 0.5 * std::sin(angle) / std::sqrt(std::sin(std::numbers::pi * std::min(w, 1.0 - w)));
    }
    return sum / nodes;
}

// Smirnov: P(X > x) is an alternating sum of integrals of exp(-x y / 2) / (pi y sqrt(|D(y)|)) from the (2k - 1)th to
// the 2k-th zero of D(y) = product of 1 - y weight_j. `integral(k, nodes)` is the k-th.
template <class Integral>
double alternating(int nodes, Integral integral) {
    double sum = 0.0;
    for (int k = 1;; ++k) {
        const double term = integral(k, nodes);
        sum += k % 2 == 1 ? term : -term;
        if (term <= 1e-18 * sum) break;
    }
    return std::clamp(sum, 0.0, 1.0);
}

int nodes_for(double x, double width) { return 64 + static_cast<int>(std::ceil(6.0 * std::sqrt(x * width))); }

}  // namespace

double cramer_von_mises_sf(double x) {
    constexpr double pi = std::numbers::pi;
    if (x <= 0.003) return 1.0;  // P(X <= x) is below 1e-18
    if (x > 200.0) return 0.0;   // below exp(-980)
    return alternating(nodes_for(x, 1.5 * pi * pi), [x](int k, int nodes) {
        return arc(nodes, [=](double w) {
            const double root = (2.0 * k - 1.0 + w) * pi;  // of y; D = sin(root) / root
            return 2.0 * pi / std::sqrt(root) * math::exp(-0.5 * x * root * root);
        });
    });
}

double anderson_darling_sf(double x) {
    constexpr double pi = std::numbers::pi;
    if (x <= 0.03) return 1.0;   // P(X <= x) is below 1e-17
    if (x > 1000.0) return 0.0;  // below exp(-1000)
    return alternating(nodes_for(x, 2.0), [x](int k, int nodes) {
        return arc(nodes, [=](double w) {
            const double v = 4.0 * k - 1.0 + 2.0 * w;  // sqrt(1 + 4 y); D = -cos(pi v / 2) / (pi y)
            const double y = 0.25 * (v - 1.0) * (v + 1.0);
            return v * std::sqrt(pi / y) * math::exp(-0.5 * x * y);
        });
    });
}

}  // namespace holdfast::stats::detail

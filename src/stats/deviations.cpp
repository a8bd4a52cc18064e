#include "stats/deviations.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <holdfast/base/math.hpp>

namespace holdfast::stats::detail {

// P(X + Y > t) for independent X, Y with P(X > x) = min(1, 2 exp(-2 n x^2)), likewise m: in closed form by completing
// the square.
double sup_tail(double n, double m, double t) {
    const double from = std::sqrt(std::numbers::ln2 / (2.0 * n));    // X is never below
    const double to = t - std::sqrt(std::numbers::ln2 / (2.0 * m));  // above, Y's tail is 1
    if (to <= from) return 1.0;
    const double all = n + m;
    const double centre = m * t / all;
    const double below = from - centre, above = to - centre;
    const double moment = (math::exp(-2.0 * all * below * below) - math::exp(-2.0 * all * above * above)) / (4.0 * all);
    const double root = std::sqrt(2.0 * all);
    const double mass = std::sqrt(std::numbers::pi / (8.0 * all)) * (std::erf(root * above) - std::erf(root * below));
    return std::min(1.0, 2.0 * math::exp(-2.0 * n * to * to) +
                             16.0 * n * math::exp(-2.0 * (n * m / all) * t * t) * (moment + centre * mass));
}

double sup_deviation(double n, double m, double alpha) {
    double low = 0.0, high = 1.0;
    while (sup_tail(n, m, high) > alpha) high *= 2.0;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (sup_tail(n, m, middle) > alpha ? low : high) = middle;
    }
    return high;
}

double point_deviation(double n, double m, double alpha) {
    return std::sqrt(0.5 * math::log(1.0 / alpha) * (1.0 / n + 1.0 / m));
}

double point_tail(double n, double m, double w) { return math::exp(-2.0 * (n * m / (n + m)) * w * w); }

double widened_to(double alpha) { return alpha >= 0.01 ? 1.0 : std::sqrt(math::log(2.0 / alpha) / math::log(200.0)); }

double LargestShareWidth::at(double alpha, double rows) const { return point_deviation(n, rows, alpha / events()); }

double LargestShareWidth::tail(double width, double rows) const {
    return std::min(1.0, events() * point_tail(n, rows, width));
}

double corrected_distance(double n, double m, double distance) {
    constexpr double mean_square = std::numbers::pi * std::numbers::pi / 12.0;
    return std::sqrt(std::max(0.0, distance * distance - mean_square * (1.0 / n + 1.0 / m)));
}

}  // namespace holdfast::stats::detail

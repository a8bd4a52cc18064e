#include "stats/deviations.hpp"

#include <cmath>
#include <numbers>

namespace holdfast::stats::detail {
namespace {

// P(X + Y > t) for independent X, Y with P(X > x) = min(1, 2 exp(-2 n x^2)), likewise m: in closed form by completing
// the square.
double tail_of_sum(double n, double m, double t) {
    const double from = std::sqrt(std::numbers::ln2 / (2.0 * n));    // X is never below
    const double to = t - std::sqrt(std::numbers::ln2 / (2.0 * m));  // above, Y's tail is 1
    if (to <= from) return 1.0;
    const double all = n + m;
    const double centre = m * t / all;
    const double below = from - centre, above = to - centre;
    const double moment = (std::exp(-2.0 * all * below * below) - std::exp(-2.0 * all * above * above)) / (4.0 * all);
    const double root = std::sqrt(2.0 * all);
    const double mass = std::sqrt(std::numbers::pi / (8.0 * all)) * (std::erf(root * above) - std::erf(root * below));
    return 2.0 * std::exp(-2.0 * n * to * to) +
           16.0 * n * std::exp(-2.0 * (n * m / all) * t * t) * (moment + centre * mass);
}

}  // namespace

double sup_deviation(double n, double m, double alpha) {
    double low = 0.0, high = 1.0;
    while (tail_of_sum(n, m, high) > alpha) high *= 2.0;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (tail_of_sum(n, m, middle) > alpha ? low : high) = middle;
    }
    return high;
}

double point_deviation(double n, double m, double alpha) {
    return std::sqrt(0.5 * std::log(1.0 / alpha) * (1.0 / n + 1.0 / m));
}

double widened_to(double alpha) { return alpha >= 0.01 ? 1.0 : std::sqrt(std::log(2.0 / alpha) / std::log(200.0)); }

}  // namespace holdfast::stats::detail

#include "stats/wasserstein_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "stats/compensated.hpp"
#include "stats/curves.hpp"
#include "stats/distributions.hpp"

namespace holdfast::stats::detail {

WassersteinBounds::WassersteinBounds(std::vector<Kll::Weighted> reference, std::vector<Kll::Weighted> current,
                                     Spread reference_spread, Spread current_spread)
    : a_(std::move(reference)), b_(std::move(current)), reference_(reference_spread), current_(current_spread) {}

double WassersteinBounds::mean_deviation(double m) const {
    CompensatedSum sum;
    walk(a_, reference_.count, b_, current_.count, [&](double x, double next, double f, double g) {
        const double variance = std::max(0.0, f * (1.0 - f)) / reference_.count + std::max(0.0, g * (1.0 - g)) / m;
        sum.add(std::sqrt(variance) * (next - x));
    });
    return sum.value();
}

double WassersteinBounds::standard_error(double m) const {
    return std::sqrt(reference_.variance / reference_.count + current_.variance / m);
}

double WassersteinBounds::quantile(double m, double alpha) const {
    return t_quantile(std::min(reference_.count, m) - 1.0, 1.0 - alpha);
}

double WassersteinBounds::lower_width(double m, double alpha) const {
    return mean_deviation(m) + quantile(m, alpha / 2.0) * standard_error(m);
}

double WassersteinBounds::lower(double area, double m, double alpha) const {
    const double of_means = std::abs(reference_.mean - current_.mean) - quantile(m, alpha / 4.0) * standard_error(m);
    return std::max({0.0, area - lower_width(m, alpha), of_means});
}

double WassersteinBounds::upper(double area, double m, double alpha) const {
    return area + quantile(m, alpha) * standard_error(m);
}

}  // namespace holdfast::stats::detail

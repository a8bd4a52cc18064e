#include "stats/wasserstein_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "stats/distributions.hpp"

namespace holdfast::stats::detail {

WassersteinBounds::WassersteinBounds(const CurveGaps& gaps, Spread reference, Spread current, double unit_error)
    : gaps_(gaps),
      reference_(reference),
      current_(current),
      apart_(std::abs(reference.mean - current.mean)),
      reference_error_(std::sqrt(reference.variance / reference.count) + gaps.area * unit_error) {}

// With other current rows, as it would be were both distributions the same.
double WassersteinBounds::mean_deviation(double rows) const {
    if (rows == gaps_.m) return gaps_.deviation;
    return gaps_.deviation * std::sqrt((1.0 / gaps_.n + 1.0 / rows) / (1.0 / gaps_.n + 1.0 / gaps_.m));
}

double WassersteinBounds::standard_error(double rows) const {
    return std::sqrt(reference_error_ * reference_error_ + current_.variance / rows);
}

double WassersteinBounds::degrees(double rows) const { return std::max(1.0, std::min(reference_.count, rows) - 1.0); }

double WassersteinBounds::lower_width(double alpha, double rows) const {
    return mean_deviation(rows) + t_quantile(degrees(rows), 1.0 - alpha / 2.0) * standard_error(rows);
}

double WassersteinBounds::lower(double alpha, double rows, double sketch) const {
    const double of_means = apart_ - t_quantile(degrees(rows), 1.0 - alpha / 4.0) * standard_error(rows);
    return std::max({0.0, gaps_.area - sketch - lower_width(alpha, rows), of_means});
}

double WassersteinBounds::upper(double alpha, double rows, double sketch) const {
    const double of_area = gaps_.area + sketch + t_quantile(degrees(rows), 1.0 - alpha) * standard_error(rows);
    return std::max(of_area, apart_);
}

double WassersteinBounds::p_drift(double tolerance, double rows, double sketch) const {
    const double error = standard_error(rows);
    if (!std::isfinite(error)) return 1.0;
    const double by_area = (gaps_.area - sketch - mean_deviation(rows) - tolerance) / error;
    const double by_means = (apart_ - tolerance) / error;
    return std::min({1.0, 2.0 * t_sf(degrees(rows), by_area), 4.0 * t_sf(degrees(rows), by_means)});
}

double WassersteinBounds::p_ok(double tolerance, double rows, double sketch) const {
    const double error = standard_error(rows);
    if (tolerance <= apart_ || !std::isfinite(error)) return 1.0;
    return t_sf(degrees(rows), (tolerance - gaps_.area - sketch) / error);
}

double WassersteinBounds::corrected() const {
    constexpr double eighth = std::numbers::pi / 8.0;
    constexpr double share = 7.0 / 60.0 / (eighth * eighth);
    return std::sqrt(std::max(0.0, gaps_.area * gaps_.area - share * gaps_.deviation * gaps_.deviation));
}

}  // namespace holdfast::stats::detail

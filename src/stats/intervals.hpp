/// Intervals of shares and correlations.
#pragma once

#include <algorithm>
#include <cmath>

#include <holdfast/base/math.hpp>
#include <holdfast/stats/types.hpp>

#include "stats/distributions.hpp"

namespace holdfast::stats::detail {

/// Wilson, J. Am. Stat. Assoc. 22, 1927.
[[nodiscard]] inline Interval wilson(double right, double n, double level) {
    const double z = normal_quantile(0.5 + 0.5 * level);
    const double centre = (right + 0.5 * z * z) / (n + z * z);
    const double width = z / (n + z * z) * std::sqrt(right * (n - right) / n + 0.25 * z * z);
    return {right <= 0.0 ? 0.0 : std::max(0.0, centre - width), right >= n ? 1.0 : std::min(1.0, centre + width),
            level};
}

/// Of a value in (0, 1) and a width on its own scale: symmetric on the logit's.
[[nodiscard]] inline Interval logit_interval(double value, double width, double level) {
    const double odds = value / (1.0 - value), factor = math::exp(width / (value * (1.0 - value)));
    const double upper = std::isfinite(odds * factor) ? odds * factor / (1.0 + odds * factor) : 1.0;
    return {std::isfinite(factor) ? odds / (odds + factor) : 0.0, upper, level};
}

/// Of a correlation with a standard error, normal on the scale of Fisher's z; all there is where no error was seen.
[[nodiscard]] inline Interval fisher_interval(double value, double error, double level) {
    if (std::abs(value) >= 1.0 || error < 1e-12) return {-1.0, 1.0, level};
    const double width = normal_quantile(0.5 + 0.5 * level) * error / (1.0 - value * value);
    const double ratio = (1.0 + value) / (1.0 - value), factor = math::exp(2.0 * width);  // exp(2 z)
    const double upper = std::isfinite(ratio * factor) ? (ratio * factor - 1.0) / (ratio * factor + 1.0) : 1.0;
    const double lower = std::isfinite(factor) ? (ratio - factor) / (ratio + factor) : -1.0;
    return {lower, upper, level};
}

}  // namespace holdfast::stats::detail

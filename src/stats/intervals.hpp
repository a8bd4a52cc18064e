/// Intervals of means and shares.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <holdfast/stats/types.hpp>

#include "stats/distributions.hpp"
#include "stats/rows.hpp"

namespace holdfast::stats::detail {

/// Student's interval of the mean of `n` losses; everything there is (from 0 up) below two.
[[nodiscard]] inline Interval mean_interval(const Mean& of, double n, double level) {
    if (n < 2.0) return {0.0, std::numeric_limits<double>::infinity(), level};
    const double width = t_quantile(n - 1.0, 0.5 + 0.5 * level) * std::sqrt(of.variance / n);
    return {std::max(0.0, of.mean - width), of.mean + width, level};
}

/// Wilson, J. Am. Stat. Assoc. 22, 1927.
[[nodiscard]] inline Interval wilson(double right, double n, double level) {
    const double z = normal_quantile(0.5 + 0.5 * level);
    const double centre = (right + 0.5 * z * z) / (n + z * z);
    const double width = z / (n + z * z) * std::sqrt(right * (n - right) / n + 0.25 * z * z);
    return {std::max(0.0, centre - width), std::min(1.0, centre + width), level};
}

}  // namespace holdfast::stats::detail

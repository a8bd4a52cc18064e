/// What metrics of rows and of sums have in common.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <holdfast/stats/quality.hpp>

#include "stats/distributions.hpp"

namespace holdfast::stats::detail {

/// A metric that has no value yet.
[[nodiscard]] inline QualityValue undefined(std::string metric, double level, std::int64_t rows,
                                            double effective_rows) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    QualityValue result;
    result.metric = std::move(metric);
    result.value = nan;
    result.interval = {nan, nan, level};
    result.rows = rows;
    result.effective_rows = effective_rows;
    return result;
}

/// What an insufficient metric does not have.
inline void forget(QualityValue& result) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    result.value = nan;
    result.interval = {nan, nan, result.interval.level};
    result.method.clear();
    result.note.clear();
}

/// A mean of losses with Student's interval on the effective rows; rmse: of the mean square, through the root.
inline void score_mean(QualityValue& result, double mean, double error, double level) {
    result.value = mean;
    result.method = "Student";
    result.interval = {0.0, std::numeric_limits<double>::infinity(), level};
    if (result.effective_rows > 1.0) {
        const double width = t_quantile(std::max(1.0, result.effective_rows - 1.0), 0.5 + 0.5 * level) * error;
        result.interval = {std::max(0.0, mean - width), mean + width, level};
    }
    if (result.metric != "rmse") return;
    result.method = "Student of the mean square";
    result.value = std::sqrt(result.value);
    result.interval = {std::sqrt(result.interval.lower), std::sqrt(result.interval.upper), level};
}

}  // namespace holdfast::stats::detail

#include "stats/r2.hpp"

#include <algorithm>
#include <cmath>

#include "stats/distributions.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats::detail {

std::string why_no_r2(const CleanRows& rows) {
    if (rows.size() < 2) return "one row has no variance";
    const auto differs = [&](double value) { return value != rows.truth.front(); };
    return std::any_of(rows.truth.begin(), rows.truth.end(), differs) ? "" : "the true values are constant";
}

/// 1 - error / total, by the delta method over rows' influences.
void score_r2(MetricValue& result, const CleanRows& rows, double level) {
    if (!why_no_r2(rows).empty()) return;
    const std::vector<double> errors = losses("rmse", rows);
    const Weight all = weight_of_all(rows);
    CompensatedSum sum, error, total;
    for (std::size_t i = 0; i < errors.size(); ++i) sum.add(rows.weight_of(i) * rows.truth[i]);
    const double mean = sum.value() / all.sum();
    for (std::size_t i = 0; i < errors.size(); ++i) {
        error.add(rows.weight_of(i) * errors[i]);
        total.add(rows.weight_of(i) * ((rows.truth[i] - mean) * (rows.truth[i] - mean)));
    }
    if (total.value() == 0.0) return;
    const double ratio = error.value() / total.value();
    result.value = 1.0 - ratio;
    CompensatedSum squares;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const double deviation = rows.truth[i] - mean;
        const double influence = rows.weight_of(i) * (errors[i] - ratio * deviation * deviation) / total.value();
        squares.add(influence * influence);
    }
    const double quantile = t_quantile(std::max(1.0, all.rows() - 1.0), 0.5 + 0.5 * level);
    const double width = quantile * std::sqrt(squares.value());
    result.interval = {result.value - width, std::min(1.0, result.value + width), level};
}

}  // namespace holdfast::stats::detail

#include <holdfast/stats/scores.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <holdfast/base/error.hpp>

#include "stats/auc.hpp"
#include "stats/compensated.hpp"
#include "stats/distributions.hpp"
#include "stats/intervals.hpp"
#include "stats/rows.hpp"

namespace holdfast::stats {
namespace {

using detail::CleanRows;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// DeLong, DeLong, Clarke-Pearson, Biometrics 44, 1988; where no pair is out of order its variance is 0, and the ends
/// are Clopper and Pearson's for that many rows of the rarest class.
Interval delong(const detail::Auc& auc, double level) {
    const double variance = auc.variance();
    if (variance == 0.0) {
        const double end = std::pow(0.5 * (1.0 - level), 1.0 / auc.rarest);
        if (auc.value == 1.0) return {end, 1.0, level};
        if (auc.value == 0.0) return {0.0, 1.0 - end, level};
    }
    const double width = detail::normal_quantile(0.5 + 0.5 * level) * std::sqrt(variance);
    return {std::max(0.0, auc.value - width), std::min(1.0, auc.value + width), level};
}

/// 1 - error / total, by the delta method over rows' influences.
void score_r2(MetricValue& result, const CleanRows& rows, double level) {
    const std::vector<double> errors = detail::losses("rmse", rows);
    const double mean = detail::mean_of(rows.truth).mean;
    detail::CompensatedSum error, total;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        error.add(errors[i]);
        total.add((rows.truth[i] - mean) * (rows.truth[i] - mean));
    }
    if (rows.size() < 2 || total.value() == 0.0) return;
    const double ratio = error.value() / total.value();
    result.value = 1.0 - ratio;
    detail::CompensatedSum squares;
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const double deviation = rows.truth[i] - mean;
        const double influence = (errors[i] - ratio * deviation * deviation) / total.value();
        squares.add(influence * influence);
    }
    const double quantile = detail::t_quantile(static_cast<double>(rows.size()) - 1.0, 0.5 + 0.5 * level);
    const double width = quantile * std::sqrt(squares.value());
    result.interval = {result.value - width, std::min(1.0, result.value + width), level};
}

}  // namespace

MetricValue score(std::string_view metric, const ScoredRows& given, double level) {
    detail::check_rows(metric, given);
    if (!(level > 0.0 && level < 1.0))
        throw InvalidArgument("level is " + std::to_string(level) + ", between 0 and 1 wanted");
    const CleanRows rows = detail::clean(metric, given, detail::usable(metric, given));
    MetricValue result;
    result.metric = std::string(metric);
    result.value = nan;
    result.interval = {nan, nan, level};
    result.rows = rows.size();
    if (rows.size() == 0) return result;
    if (metric == "r2") {
        score_r2(result, rows, level);
    } else if (metric == "auc") {
        const detail::Auc auc = detail::auc_of(rows);
        result.value = auc.value;
        if (!std::isnan(auc.value)) result.interval = delong(auc, level);
    } else {
        const std::vector<double> losses = detail::losses(metric, rows);
        const detail::Mean of = detail::mean_of(losses);
        result.value = metric == "rmse" ? std::sqrt(of.mean) : metric == "accuracy" ? 1.0 - of.mean : of.mean;
        result.interval = detail::mean_interval(of, static_cast<double>(losses.size()), level);
        if (metric == "rmse") {  // the interval of the mean square, through the root
            result.interval = {std::sqrt(result.interval.lower), std::sqrt(result.interval.upper), level};
        } else if (metric == "accuracy") {
            const auto n = static_cast<double>(rows.size());
            const auto right = static_cast<double>(std::count(losses.begin(), losses.end(), 0.0));
            result.value = right / n;
            result.interval = detail::wilson(right, n, level);
        }
    }
    return result;
}

}  // namespace holdfast::stats

#include <holdfast/stats/scores.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <holdfast/base/error.hpp>

#include "stats/auc.hpp"
#include "stats/intervals.hpp"
#include "stats/r2.hpp"
#include "stats/rows.hpp"

namespace holdfast::stats {
namespace {

using detail::CleanRows;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

MetricValue score(std::string_view metric, const ScoredRows& given, double level) {
    detail::check_rows(metric, given);
    if (!(level > 0.0 && level < 1.0))
        throw InvalidArgument("level is " + std::to_string(level) + ", between 0 and 1 wanted");
    const bool scored = needs_probability(metric);
    const CleanRows rows = detail::clean(scored, given, detail::usable(scored, given));
    MetricValue result;
    result.metric = std::string(metric);
    result.value = nan;
    result.interval = {nan, nan, level};
    result.rows = rows.size();
    if (rows.size() == 0) return result;
    if (metric == "r2") {
        detail::score_r2(result, rows, level);
    } else if (metric == "auc") {
        const detail::Auc auc = detail::auc_of(rows);
        result.value = auc.value;
        if (!std::isnan(auc.value)) result.interval = detail::delong(auc, level);
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

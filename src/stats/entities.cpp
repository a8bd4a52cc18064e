#include "stats/entities.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_map>

#include <holdfast/base/error.hpp>
#include <holdfast/base/math.hpp>
#include <holdfast/base/rng.hpp>

#include "stats/distributions.hpp"
#include "stats/intervals.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr std::array<std::string_view, 7> shares{"accuracy", "precision", "recall",        "f1",
                                                 "auc",      "pr_auc",    "top_k_accuracy"};
bool is_share(std::string_view metric) { return std::find(shares.begin(), shares.end(), metric) != shares.end(); }

/// Each row's entity, numbered as they first come; -1 for a row that does not count.
struct Numbered {
    std::vector<std::int64_t> of_row;
    std::int64_t count = 0;
};
Numbered numbered(std::span<const std::int64_t> entities, const std::vector<bool>& keep) {
    Numbered result;
    std::unordered_map<std::int64_t, std::int64_t> known;
    for (std::size_t i = 0; i < keep.size(); ++i)
        result.of_row.push_back(keep[i] ? known.try_emplace(entities[i], known.size()).first->second : -1);
    result.count = static_cast<std::int64_t>(known.size());
    return result;
}

/// Symmetric on the scale where the metric has no ends: logit of a share, Fisher's z, logarithm of a loss.
Interval interval_of(const QualityValue& result, double error, double level) {
    const double value = result.value;
    const auto entities = static_cast<double>(result.entities);
    const double width = t_quantile(std::max(1.0, entities - 1.0), 0.5 + 0.5 * level) * error;
    if (is_share(result.metric)) {
        const double end = lower_of_all(entities, level);
        if (value > 1.0 - 1e-12) return {end, 1.0, level};
        if (value < 1e-12) return {0.0, 1.0 - end, level};
        return logit_interval(value, width, level);
    }
    if (result.metric == "mcc") return fisher_interval(value, width / normal_quantile(0.5 + 0.5 * level), level);
    if (result.metric == "r2") return {value - width, std::min(1.0, value + width), level};
    if (value == 0.0) return {0.0, 0.0, level};
    const double factor = math::exp(width / value);
    return {value / factor, value * factor, level};
}

}  // namespace

void check_entities(const QualityValue& result, std::size_t rows, std::span<const std::int64_t> entities) {
    if (!entities.empty() && entities.size() != rows) {
        throw InvalidArgument(result.metric + ": " + std::to_string(entities.size()) + " entities for " +
                              std::to_string(rows) + " rows; one each wanted");
    }
    if (!entities.empty() && result.metric == "ece")
        throw Unsupported("ece: its interval is of independent rows; no entities wanted");
}

void resample_entities(QualityValue& result, std::span<const std::int64_t> entities, const std::vector<bool>& keep,
                       std::span<const double> weights, const QualityOptions& options,
                       const std::function<double(std::span<const double>)>& value_of) {
    const Numbered rows = numbered(entities, keep);
    result.entities = rows.count;
    if (rows.count < 2) {
        result.reason = "fewer than two entities";
        return;
    }
    Rng rng(options.seed, "stats.quality", result.metric);
    std::vector<double> values, times(static_cast<std::size_t>(rows.count)), drawn(keep.size());
    for (std::int64_t draw = 0; draw < options.resamples; ++draw) {
        std::fill(times.begin(), times.end(), 0.0);
        for (std::int64_t i = 0; i < rows.count; ++i) times[static_cast<std::size_t>(rng.below(rows.count))] += 1.0;
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            const std::int64_t entity = rows.of_row[i];
            const double weight = weights.empty() ? 1.0 : weights[i];
            drawn[i] = entity < 0 ? 0.0 : weight * times[static_cast<std::size_t>(entity)];
        }
        const double value = value_of(drawn);
        if (!std::isnan(value)) values.push_back(value);
    }
    const auto defined = static_cast<std::int64_t>(values.size());
    if (defined < 2 || 10 * defined < 9 * options.resamples) {
        result.reason = "not defined in " + std::to_string(options.resamples - defined) + " of " +
                        std::to_string(options.resamples) + " draws of entities";
        return;
    }
    const auto count = static_cast<double>(rows.count);  // a draw varies by (count - 1) / count of what a sample does
    const double error = std::sqrt(mean_of(values).variance * (count / (count - 1.0)));
    result.method = "entities drawn anew, Student";
    result.interval = interval_of(result, error, options.level);
}

}  // namespace holdfast::stats::detail

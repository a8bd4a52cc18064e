#include <holdfast/stats/slices.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast::stats {
namespace {

constexpr std::string_view missing = "(missing)";

void refuse_continuous(const Column& column, std::string_view name) {
    bool continuous = column.type() == ColumnType::timestamp;
    if (column.type() == ColumnType::float32 || column.type() == ColumnType::float64) {
        for (const double value : column.as_doubles())
            continuous = continuous || (!std::isnan(value) && value != std::floor(value));
    }
    if (!continuous) return;
    throw InvalidArgument("slices by \"" + std::string(name) + "\": a column of " +
                          std::string(to_string(column.type())) + " with continuous values given, categories wanted");
}

/// Rows of one slice, side by side.
struct Part {
    std::vector<double> truth, prediction, probability, weights;
    std::vector<std::int64_t> entities;
};

/// What comes first is worse: what the metric is at its best, then what it is; those without a value last.
std::tuple<bool, double, double> order_of(const QualityValue& quality, bool greater_is_better) {
    if (quality.insufficient()) return {true, 0.0, 0.0};
    if (greater_is_better) return {false, quality.interval.upper, quality.value};
    return {false, -quality.interval.lower, -quality.value};
}

}  // namespace

Slices slices_of(const Column& column, std::string_view name, std::int64_t most) {
    if (most < 1) {
        throw InvalidArgument("slices by \"" + std::string(name) + "\": at most " + std::to_string(most) +
                              " asked for, 1 or more wanted");
    }
    refuse_continuous(column, name);
    std::map<std::string, std::vector<std::int64_t>, std::less<>> rows;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        const bool known = column.is_valid(row) && !(is_numeric(column.type()) && std::isnan(column.number(row)));
        rows[known ? column.value_text(row) : std::string(missing)].push_back(row);
        if (static_cast<std::int64_t>(rows.size()) <= most) continue;
        throw InvalidArgument("slices by \"" + std::string(name) + "\": more than " + std::to_string(most) +
                              " values seen; fewer, or a larger limit, wanted");
    }
    Slices slices;
    slices.of_rows.resize(static_cast<std::size_t>(column.size()));
    for (const auto& [value, members] : rows) {
        for (const std::int64_t row : members)
            slices.of_rows[static_cast<std::size_t>(row)] = static_cast<std::int64_t>(slices.names.size());
        slices.names.push_back(value);
    }
    return slices;
}

std::vector<QualitySlice> quality_by(const Slices& slices, std::string_view metric, const ScoredRows& rows,
                                     std::span<const double> weights, const QualityOptions& options,
                                     std::span<const std::int64_t> entities) {
    const MetricSpec spec = parse_metric(metric, options);
    const std::size_t n = rows.truth.size(),
                      classes = rows.probability.empty() ? 0 : rows.probability.size() / std::max<std::size_t>(1, n);
    if (slices.of_rows.size() != n) {
        throw InvalidArgument(spec.name + ": slices of " + std::to_string(slices.of_rows.size()) + " rows for " +
                              std::to_string(n) + "; one each wanted");
    }
    std::vector<Part> parts(slices.names.size());
    for (std::size_t row = 0; row < n; ++row) {
        Part& part = parts[static_cast<std::size_t>(slices.of_rows[row])];
        part.truth.push_back(rows.truth[row]);
        if (!rows.prediction.empty()) part.prediction.push_back(rows.prediction[row]);
        if (!weights.empty()) part.weights.push_back(weights[row]);
        if (!entities.empty()) part.entities.push_back(entities[row]);
        const auto own = rows.probability.subspan(row * classes, classes);
        part.probability.insert(part.probability.end(), own.begin(), own.end());
    }
    std::vector<QualitySlice> result;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Part& part = parts[i];
        const ScoredRows own{part.truth, part.prediction, part.probability, rows.classes};
        result.push_back({slices.names[i], quality(metric, own, part.weights, options, part.entities)});
    }
    std::ranges::stable_sort(
        result, {}, [&](const QualitySlice& slice) { return order_of(slice.quality, spec.greater_is_better); });
    return result;
}

}  // namespace holdfast::stats

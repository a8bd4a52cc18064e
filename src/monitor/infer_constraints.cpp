#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/monitor/constraints.hpp>
#include <holdfast/stats/binomial.hpp>

#include "monitor/constraint_columns.hpp"
#include "monitor/value_rules.hpp"

namespace holdfast {
namespace {

constexpr double level = 0.99;              // of what the reference lets expect
constexpr std::int64_t least_unique = 100;  // values that are all different, before that says something
constexpr std::int64_t least_ordered = 20;

std::string_view type_of(ColumnType type) {
    switch (type) {
        case ColumnType::float32:
        case ColumnType::float64: return "number";
        case ColumnType::int32:
        case ColumnType::int64: return "integer";
        case ColumnType::boolean: return "boolean";
        case ColumnType::timestamp: return "time";
        default: return "text";
    }
}

// No end where the reference has an infinite value.
void infer_range(ColumnConstraints& constraints, const Column& column, std::int64_t values) {
    double least = INFINITY, most = -INFINITY;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        const double value = column.number(row);
        if (std::isnan(value)) continue;
        least = std::min(least, value);
        most = std::max(most, value);
    }
    constraints.finite = std::isfinite(least) && std::isfinite(most);
    if (std::isfinite(least)) constraints.least = least;
    if (std::isfinite(most)) constraints.most = most;
    constraints.tolerated[ConstraintRule::range] = stats::share_outside(values, level);
}

// What is tolerated is Good and Turing's estimate of the share of what was not seen (Biometrika 40, 1953): the
// categories of one row, and here those that are not written, with a binomial bound.
void infer_categories(ColumnConstraints& constraints, const Column& column, std::int64_t values,
                      const InferOptions& options) {
    std::map<std::string_view, std::int64_t> counts;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!column.is_valid(row)) continue;
        ++counts[column.text(row)];
        if (std::ssize(counts) > options.max_categories) return;
    }
    TextSet kept;
    std::int64_t rare = 0;
    for (const auto& [text, count] : counts) {
        if (count >= options.min_count) kept.emplace(text);
        if (count < options.min_count || count == 1) rare += count;
    }
    if (2 * rare > values) return;  // free text
    constraints.categories = std::move(kept);
    constraints.tolerated[ConstraintRule::category] = stats::share_upper(rare, values, level);
}

ColumnConstraints infer(const Column& column, bool is_private, const InferOptions& options) {
    ColumnConstraints constraints;
    const std::int64_t values = column.size() - detail::missing_values(column);
    constraints.is_private = is_private;
    constraints.missing = stats::share_upper(column.size() - values, column.size(), level);
    if (values == 0) return constraints;
    constraints.type = type_of(column.type());
    const bool time = column.type() == ColumnType::timestamp, text = detail::is_text(column.type());
    if (values >= least_unique && constraints.type != "number") {
        constraints.unique = detail::repeated_values(column).empty();
    }
    if (time) {
        constraints.increasing =
            values >= least_ordered && values == column.size() && detail::late_values(column).empty();
    }
    if (is_private || time) return constraints;
    if (text) {
        infer_categories(constraints, column, values, options);
    } else if (constraints.type != "boolean") {
        infer_range(constraints, column, values);
    }
    return constraints;
}

}  // namespace

Constraints Constraints::of(const Table& reference, const InferOptions& options) {
    if (reference.rows() == 0 || reference.width() == 0) {
        throw InvalidArgument("constraints: a reference of " + std::to_string(reference.rows()) + " rows and " +
                              std::to_string(reference.width()) + " columns; at least one each wanted");
    }
    if (options.max_categories < 1 || options.min_count < 1) {
        throw InvalidArgument("constraints: max_categories " + std::to_string(options.max_categories) +
                              " and min_count " + std::to_string(options.min_count) + ", at least 1 wanted");
    }
    for (const std::string& name : options.private_columns) static_cast<void>(reference.column(name));
    Constraints constraints;
    constraints.rows_ = reference.rows();
    constraints.names_ = reference.names();
    for (const std::string& name : reference.names()) {
        const auto& hidden = options.private_columns;
        const bool is_private = std::find(hidden.begin(), hidden.end(), name) != hidden.end();
        constraints.columns_.emplace(name, infer(reference.column(name), is_private, options));
    }
    return constraints;
}

}  // namespace holdfast

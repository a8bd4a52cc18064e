// Tables cut by the values of some columns.
#include <cmath>
#include <map>

#include <holdfast/base/error.hpp>

#include "monitor/drift_parts.hpp"

namespace holdfast::detail {
namespace {

using Values = std::vector<std::optional<std::string>>;
using RowsByValues = std::map<Values, std::vector<std::int64_t>>;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool is_float(ColumnType type) { return type == ColumnType::float32 || type == ColumnType::float64; }

void refuse_continuous(const std::string& name, const Column& column) {
    const auto refuse = [&](std::string_view what) {
        throw InvalidArgument("drift: by column " + in_quotes(name) + " is continuous (" + std::string(what) +
                              "); categories or whole numbers wanted: cut it into some first");
    };
    if (column.type() == ColumnType::timestamp) refuse("a timestamp");
    if (!is_float(column.type())) return;
    for (const double value : column.as_doubles()) {
        if (std::isfinite(value) && value != std::nearbyint(value)) refuse("it holds " + std::to_string(value));
    }
}

/// The same number is the same value, whether it came as an integer or, beside missing ones, as a float.
std::optional<std::string> value_of(const Column& column, std::int64_t row) {
    if (!column.is_valid(row)) return std::nullopt;
    if (!is_float(column.type())) return column.value_text(row);
    const double value = column.number(row);
    if (std::isnan(value)) return std::nullopt;
    return std::abs(value) < 9e15 ? std::to_string(static_cast<std::int64_t>(value)) : column.value_text(row);
}

const Column& by_column(const Table& table, std::string_view which, const std::string& name) {
    if (table.has(name)) return table.column(name);
    throw InvalidArgument("drift: the " + std::string(which) + " side has no column " + in_quotes(name) +
                          " to cut slices by");
}

RowsByValues rows_by_values(const Table& table, std::string_view which, const DriftOptions& options) {
    std::vector<const Column*> columns;
    for (const std::string& name : options.by) {
        columns.push_back(&by_column(table, which, name));
        refuse_continuous(name, *columns.back());
    }
    RowsByValues rows;
    Values values(columns.size());
    for (std::int64_t row = 0; row < table.rows(); ++row) {
        for (std::size_t i = 0; i < columns.size(); ++i) values[i] = value_of(*columns[i], row);
        rows[values].push_back(row);
        if (static_cast<std::int64_t>(rows.size()) > options.max_slices) break;
    }
    return rows;
}

}  // namespace

std::vector<Slice> slices_of(const DriftSide& reference, const DriftSide& current, const DriftOptions& options) {
    if (reference.table() == nullptr || current.table() == nullptr)
        throw Unsupported("drift: slices by " + in_quotes(options.by.front()) +
                          " of a profile, which does not keep rows; rows on both sides wanted");
    RowsByValues before = rows_by_values(*reference.table(), "reference", options);
    RowsByValues now = rows_by_values(*current.table(), "current", options);
    RowsByValues all = before;
    all.insert(now.begin(), now.end());
    if (static_cast<std::int64_t>(all.size()) > options.max_slices) {
        std::string names;
        for (const std::string& name : options.by) names += (names.empty() ? "" : ", ") + in_quotes(name);
        throw InvalidArgument("drift: by " + names + " there are more than " + std::to_string(options.max_slices) +
                              " slices; fewer, or a larger max_slices, wanted");
    }
    std::vector<Slice> slices;
    for (const auto& [values, rows] : all)
        slices.push_back({values, reference.table()->without(options.by).take(before[values]),
                          current.table()->without(options.by).take(now[values])});
    return slices;
}

}  // namespace holdfast::detail

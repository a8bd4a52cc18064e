#include "monitor/constraint_columns.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "monitor/value_rules.hpp"

namespace holdfast::detail {

bool is_missing(const Column& column, std::int64_t row) {
    return !column.is_valid(row) || (!is_text(column.type()) && std::isnan(column.number(row)));
}

std::int64_t missing_values(const Column& column) {
    std::int64_t missing = 0;
    for (std::int64_t row = 0; row < column.size(); ++row) missing += is_missing(column, row) ? 1 : 0;
    return missing;
}

std::vector<std::int64_t> repeated_values(const Column& column) {
    std::vector<std::int64_t> repeated;
    std::unordered_set<std::string_view> texts;
    std::unordered_set<std::int64_t> whole;  // exact where doubles are not
    std::unordered_set<double> numbers;
    const auto is_new = [&](std::int64_t row) {
        switch (column.type()) {
            case ColumnType::string:
            case ColumnType::categorical: return texts.insert(column.text(row)).second;
            case ColumnType::int64:
            case ColumnType::timestamp:
                return whole.insert(column.values<std::int64_t>()[static_cast<std::size_t>(row)]).second;
            default: return numbers.insert(column.number(row)).second;
        }
    };
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!is_missing(column, row) && !is_new(row)) repeated.push_back(row);
    }
    return repeated;
}

std::vector<std::int64_t> late_values(const Column& column) {
    std::vector<std::int64_t> late;
    std::int64_t latest = INT64_MIN;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!column.is_valid(row)) continue;
        const std::int64_t time = column.values<std::int64_t>()[static_cast<std::size_t>(row)];
        if (time < latest) late.push_back(row);
        latest = std::max(latest, time);
    }
    return late;
}

}  // namespace holdfast::detail

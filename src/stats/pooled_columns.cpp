#include "stats/pooled_columns.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <holdfast/base/error.hpp>

#include "stats/compensated.hpp"

namespace holdfast::stats::detail {
namespace {

// Appends the whole rows of a table, its columns in the order of `names`; returns how many.
std::int64_t append_rows(std::string_view test, std::string_view side, const Table& table,
                         const std::vector<std::string>& names, std::vector<std::vector<double>>& columns) {
    std::vector<std::vector<double>> values;
    for (const std::string& name : names) {
        const Column& column = table.column(name);
        if (column.type() == ColumnType::string || column.type() == ColumnType::categorical) {
            throw InvalidArgument(std::string(test) + ": column \"" + name + "\" of the " + std::string(side) +
                                  " sample is text; numbers wanted");
        }
        values.push_back(column.as_doubles());
    }
    std::int64_t whole = 0;
    for (std::size_t row = 0; row < static_cast<std::size_t>(table.rows()); ++row) {
        if (std::any_of(values.begin(), values.end(), [row](const auto& v) { return std::isnan(v[row]); })) continue;
        for (std::size_t c = 0; c < values.size(); ++c) columns[c].push_back(values[c][row] + 0.0);  // -0.0 is 0.0
        ++whole;
    }
    if (whole > 0) return whole;
    throw InvalidArgument(std::string(test) + ": the " + std::string(side) + " sample has " +
                          std::to_string(table.rows()) + " rows and none without a missing value; at least one wanted");
}

}  // namespace

void check_columns(std::string_view test, const Table& reference, const Table& current) {
    if (reference.width() == 0) throw InvalidArgument(std::string(test) + ": no columns; at least one wanted");
    const auto check = [test](const Table& has, const Table& lacks, std::string_view side) {
        for (const std::string& name : has.names()) {
            if (lacks.has(name)) continue;
            throw InvalidArgument(std::string(test) + ": the " + std::string(side) + " sample has no column \"" + name +
                                  "\"; the same columns wanted in both");
        }
    };
    check(reference, current, "current");
    check(current, reference, "reference");
}

PooledColumns pooled_columns(std::string_view test, const Table& reference, const Table& current) {
    check_columns(test, reference, current);
    PooledColumns pooled;
    pooled.columns.resize(static_cast<std::size_t>(reference.width()));
    pooled.n = append_rows(test, "reference", reference, reference.names(), pooled.columns);
    pooled.m = append_rows(test, "current", current, reference.names(), pooled.columns);
    const std::int64_t left_out = reference.rows() + current.rows() - pooled.rows();
    if (left_out > 0) pooled.note = std::to_string(left_out) + " rows with missing values left out";
    return pooled;
}

bool PooledColumns::is_finite() const {
    return std::all_of(columns.begin(), columns.end(), [](const std::vector<double>& column) {
        return std::all_of(column.begin(), column.end(), [](double value) { return std::isfinite(value); });
    });
}

void PooledColumns::sort_rows() {
    std::vector<std::size_t> order(static_cast<std::size_t>(rows()));
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto less = [this](std::size_t a, std::size_t b) {
        for (const auto& column : columns) {
            if (column[a] != column[b]) return column[a] < column[b];
        }
        return false;
    };
    std::sort(order.begin(), order.begin() + n, less);
    std::sort(order.begin() + n, order.end(), less);
    std::vector<double> moved(order.size());
    for (auto& column : columns) {
        std::transform(order.begin(), order.end(), moved.begin(), [&column](std::size_t row) { return column[row]; });
        column.swap(moved);
    }
}

void PooledColumns::standardise() {
    const auto count = static_cast<double>(rows());
    for (auto& column : columns) {
        const auto [least, most] = std::minmax_element(column.begin(), column.end());
        const double low = *least, half = 0.5 * (0.5 * *most - 0.5 * *least);  // quarters, so that no range overflows
        if (half == 0.0) {
            std::fill(column.begin(), column.end(), 0.0);
            continue;
        }
        CompensatedSum sum, squares;
        for (double& value : column) sum.add(value = (0.25 * value - 0.25 * low) / half);
        const double mean = sum.value() / count;
        for (double& value : column) {
            value -= mean;
            squares.add(value * value);
        }
        const double deviation = std::sqrt(squares.value() / count);
        for (double& value : column) value /= deviation;
    }
}

}  // namespace holdfast::stats::detail

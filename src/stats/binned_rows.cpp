#include "stats/binned_rows.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>

namespace holdfast::stats::detail {
namespace {

constexpr std::int64_t bins = 63;  // besides the one of what is missing

void count(Codes& codes, std::size_t values) {
    codes.counts.assign(values + 1, 0);
    for (const std::int64_t code : codes.of_row) ++codes.counts[static_cast<std::size_t>(code)];
}

Codes of_text(const Column& column) {
    std::map<std::string_view, std::int64_t> counts;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (column.is_valid(row)) ++counts[column.text(row)];
    }
    std::vector<std::map<std::string_view, std::int64_t>::iterator> order;
    for (auto value = counts.begin(); value != counts.end(); ++value) order.push_back(value);
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a->second > b->second; });
    for (std::size_t i = 0; i < order.size(); ++i) order[i]->second = static_cast<std::int64_t>(i + 1);
    Codes codes;
    codes.ordered = false;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        codes.of_row.push_back(column.is_valid(row) ? counts.find(column.text(row))->second : 0);
    }
    count(codes, order.size());
    return codes;
}

Codes of_numbers(const Column& column) {
    const std::vector<double> rows = column.as_doubles();
    std::vector<double> values;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(values), [](double v) { return !std::isnan(v); });
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    Codes codes;
    for (const double row : rows) {
        const auto at = std::lower_bound(values.begin(), values.end(), row);
        codes.of_row.push_back(std::isnan(row) ? 0 : at - values.begin() + 1);
    }
    count(codes, values.size());
    return codes;
}

std::vector<std::uint8_t> bins_of(const Codes& codes) {
    std::vector<std::uint8_t> of_code(codes.counts.size());
    const auto values = std::ssize(codes.counts) - 1;
    const std::int64_t rows = std::ssize(codes.of_row) - codes.counts[0];
    std::int64_t below = 0;
    for (std::int64_t code = 1; code <= values; ++code) {
        const bool by_value = !codes.ordered || values <= bins;
        const std::int64_t bin = by_value ? std::min(code, bins) : 1 + below * bins / rows;
        of_code[static_cast<std::size_t>(code)] = static_cast<std::uint8_t>(bin);
        below += codes.counts[static_cast<std::size_t>(code)];
    }
    return of_code;
}

}  // namespace

Codes codes_of(const Column& column) {
    const bool is_text = column.type() == ColumnType::string || column.type() == ColumnType::categorical;
    return is_text ? of_text(column) : of_numbers(column);
}

BinnedRows binned(const std::vector<Codes>& columns) {
    const std::size_t width = columns.size();
    BinnedRows rows;
    rows.columns = std::ssize(columns);
    rows.bins.resize(width * (columns.empty() ? 0 : columns.front().of_row.size()));
    for (std::size_t c = 0; c < width; ++c) {
        rows.ordered.push_back(columns[c].ordered);
        const std::vector<std::uint8_t> bins_of_codes = bins_of(columns[c]);
        for (std::size_t row = 0; row < columns[c].of_row.size(); ++row) {
            rows.bins[row * width + c] = bins_of_codes[static_cast<std::size_t>(columns[c].of_row[row])];
        }
    }
    return rows;
}

std::vector<std::int64_t> equal_rows(const std::vector<Codes>& columns) {
    std::vector<std::size_t> order(columns.front().of_row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto compare = [&columns](std::size_t a, std::size_t b) {
        for (const Codes& column : columns) {
            if (column.of_row[a] != column.of_row[b]) return column.of_row[a] < column.of_row[b] ? -1 : 1;
        }
        return 0;
    };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const int sign = compare(a, b);
        return sign != 0 ? sign < 0 : a < b;
    });
    std::vector<std::int64_t> groups(order.size());
    for (std::size_t i = 1; i < order.size(); ++i) {
        groups[order[i]] = groups[order[i - 1]] + (compare(order[i - 1], order[i]) != 0 ? 1 : 0);
    }
    return groups;
}

}  // namespace holdfast::stats::detail

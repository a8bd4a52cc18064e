/// Both samples' rows of numbers, column by column, the reference's first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/table.hpp>

namespace holdfast::stats::detail {

/// InvalidArgument naming a column that one of the two lacks, or that there are none.
void check_columns(std::string_view test, const Table& reference, const Table& current);

struct PooledColumns {
    std::vector<std::vector<double>> columns;  ///< n + m values each
    std::int64_t n = 0, m = 0;
    std::string note;  ///< how many rows were left out
    [[nodiscard]] std::int64_t rows() const { return n + m; }
    [[nodiscard]] bool is_finite() const;
    /// Sorts each sample's rows, by the first column, then the second, ...: so that their order says nothing.
    void sort_rows();
    /// Each column in its own pooled standard deviations, about its mean; constant ones become 0. Finite.
    void standardise();
};
/// Rows in which no value is missing. InvalidArgument: a column of text; a sample without such a row.
[[nodiscard]] PooledColumns pooled_columns(std::string_view test, const Table& reference, const Table& current);

}  // namespace holdfast::stats::detail

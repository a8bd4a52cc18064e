/// Rows of any columns as a tree learner wants them: every value a code, and one of at most 64 bins.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <holdfast/data/table.hpp>

#include "stats/boosted_trees.hpp"

namespace holdfast::stats::detail {

/// A column's distinct values by number, one a row; 0: missing. Numbers in their order, text by falling counts.
struct Codes {
    std::vector<std::int64_t> of_row;
    std::vector<std::int64_t> counts;  ///< rows of each code
    bool ordered = true;
};
[[nodiscard]] Codes codes_of(const Column& column);

/// Bin 0 is what is missing; the others hold about equally many rows, or a value each; of text, 63 has all but the 62
/// commonest.
[[nodiscard]] BinnedRows binned(const std::vector<Codes>& columns);

/// Which rows have the same code in every column: a group's number a row, groups numbered from 0.
[[nodiscard]] std::vector<std::int64_t> equal_rows(const std::vector<Codes>& columns);

}  // namespace holdfast::stats::detail

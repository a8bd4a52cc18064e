/// Strikes: the tests of small trees as sets of leaves that remain, over vectors of rows.
///
/// A row that is above a node's threshold cannot end in a leaf below it: those are struck out, whether the row comes to
/// the node or not. The first leaf left is the row's. Source: Lucchese et al., "QuickScorer", SIGIR 2015; here tree by
/// tree and without an early end, since 16 rows together need most tests.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>

namespace holdfast::engine::tree_walks {

struct Strike {
    std::int32_t threshold = 0;
    std::uint32_t feature = 0;
    std::uint32_t below[2] = {0, 0};  // the leaves below the threshold, 0 to 31 and 32 to 63
};

struct StrikeTrees {
    const Strike* strikes = nullptr;
    const std::uint32_t* nan_below = nullptr;  // all bits or none, a strike; null where NaN is above everywhere
    const std::uint32_t* begin = nullptr;      // of each tree's strikes, and one past the end
    const std::uint8_t* wide = nullptr;        // whether the tree has more than 32 leaves
    std::int64_t trees = 0;
};

/// Of 16 rows, keys x[feature * 16 + row], their first bit turned over: leaves[tree * 16 + row]. `nan`: whether one may
/// be NaN's.
void find_leaves(const StrikeTrees& trees, const std::uint32_t* x, bool nan, std::uint32_t* leaves);

}  // namespace holdfast::engine::tree_walks

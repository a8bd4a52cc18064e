/// Tops: the first four levels of a tree for sixteen rows together. Each of their tests is made for every row, and what
/// comes of them picks the node that the row walks on from.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>

namespace holdfast::engine::tree_walks {

constexpr std::uint32_t top_levels = 4;

/// Tests level after level, each from below to above. Behind a leaf stand tests that every key is below.
struct Top {
    std::int32_t thresholds[15];  // keys with their first bit turned over
    std::uint32_t features[15];   // where their keys begin in a group of rows
    std::uint32_t nodes[16];      // that the four tests lead to, from below to above
};

/// The same of words under masks.
struct MaskedTop {
    std::int64_t thresholds[15];
    std::uint64_t masks[15];
    std::uint32_t features[15];
    std::uint32_t nodes[16];
};

/// Of 16 rows, keys x[features[...] + row]: the node of each.
void enter(const Top& top, const std::uint32_t* x, std::uint32_t* nodes);
void enter(const MaskedTop& top, const std::uint64_t* x, std::uint32_t* nodes);

}  // namespace holdfast::engine::tree_walks

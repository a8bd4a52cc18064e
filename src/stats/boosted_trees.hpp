/// A small learner: gradient-boosted trees for two classes, on columns in at most 64 bins.
///
/// Friedman, Ann. Stat. 29, 2001, with second-order leaves (Chen and Guestrin 2016). A split is the set of bins that go
/// left: of ordered columns the lower ones, of categories any, ordered by their gradients at the node (Fisher 1958).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace holdfast::stats::detail {

/// Rows of bins, row after row.
struct BinnedRows {
    std::int64_t columns = 0;
    std::vector<std::uint8_t> bins;
    std::vector<bool> ordered;  ///< a column
    [[nodiscard]] const std::uint8_t* row(std::int64_t row) const { return bins.data() + row * columns; }
};

class BoostedTrees {
  public:
    /// Learns from the rows named; is_current is a label of each row of `all`.
    BoostedTrees(const BinnedRows& all, std::span<const std::int64_t> rows, std::span<const std::uint8_t> is_current);

    /// Log odds, up to a constant, that a row is current.
    [[nodiscard]] double score(const std::uint8_t* bins) const;
    [[nodiscard]] bool uses(std::int64_t column) const { return used_[static_cast<std::size_t>(column)]; }

  private:
    struct Node {
        std::int64_t column = -1;  // -1: a leaf
        std::uint64_t left = 0;    // bins that go to node `next`; the others to the one behind it
        std::size_t next = 0;
        double value = 0.0;
    };
    friend class TreeGrower;
    static double value_of(const std::vector<Node>& tree, const std::uint8_t* row);
    std::vector<std::vector<Node>> trees_;
    std::vector<bool> used_;
};

}  // namespace holdfast::stats::detail

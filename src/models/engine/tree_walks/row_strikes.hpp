/// RowStrikes: the tests of small trees for one row, 32 at a time, on processors with AVX-512.
///
/// A value becomes its rank among its feature's thresholds, a number of 16 bits: one instruction then looks up the
/// values that 32 tests ask for, in registers. What tests strike out is as in strikes.hpp.
///
/// Thread safety: immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/engine/tree_walks/layout.hpp"
#include "models/engine/tree_walks/strikes.hpp"

namespace holdfast::engine::tree_walks {

/// The tests of one tree; places that are left are never above.
struct alignas(64) RowTree {
    std::uint16_t features[32] = {}, thresholds[32] = {};
    std::uint32_t below[32] = {};  // the leaves below the threshold

    RowTree();
};

class RowStrikes {
  public:
    /// Of trees whose strikes begin at `begin` and end where the next one's begin; null where the processor has no
    /// AVX-512, a tree more than 32 leaves, or there are more than 256 features.
    [[nodiscard]] static std::unique_ptr<RowStrikes> make(std::span<const Strike> strikes,
                                                          std::span<const std::uint32_t> begin, std::int64_t features);

    /// Of one row, keys x[feature * lanes]: leaves[tree] of every tree. NaN is above every threshold.
    void find(const Key* x, std::uint32_t* leaves) const;

  private:
    RowStrikes() = default;

    void add_bounds(std::span<const Strike> strikes, std::int64_t features);
    void add_tree(std::span<const Strike> strikes);
    [[nodiscard]] std::span<const Key> bounds(std::size_t feature) const {
        return std::span(bounds_).subspan(begin_[feature], begin_[feature + 1] - begin_[feature]);
    }

    std::vector<Key> bounds_;           // thresholds, rising, feature after feature
    std::vector<std::uint32_t> begin_;  // of each feature's bounds, and one past the end
    std::vector<RowTree> trees_;
};

}  // namespace holdfast::engine::tree_walks

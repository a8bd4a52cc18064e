/// Tests: the tests of an ensemble's inner nodes, all said as "key of x <= threshold" in whole numbers.
///
/// - x < t is x <= the double before t; greater and greater_equal change the children's places. NaN is not <= anything:
///   where it belongs with the smaller values, `nan_below` says so.
/// - Where x is a float32, the threshold is rounded down to a float32: no float32 lies between the two. The key of a
///   float32 are its bits, turned so that they rise with it.
/// - Else the key of x is its rank, the number of the feature's thresholds below it, and a threshold its position:
///   x <= t[k] where rank(x) <= k.
///
/// Only features that some node reads are kept, numbered anew.
///
/// Thread safety: immutable.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/models/forms.hpp>

#include "models/engine/step.hpp"
#include "models/engine/tree_nodes.hpp"

namespace holdfast::engine::tree_walks {

using Key = std::uint32_t;
constexpr Key above_all = 0xff800001;  // the key of NaN; greater ones are no x's
constexpr Key below_all = 0;           // less than every x's

struct Test {
    Key threshold = below_all;
    std::uint32_t feature = 0;
    bool nan_below = false;
};

/// Nodes of the form: where x <= threshold, and elsewhere.
struct Children {
    std::int32_t below, above;
};

class Tests {
  public:
    using Key = tree_walks::Key;  // what walks compare

    /// Whether the form's tests can be said so.
    [[nodiscard]] static bool cover(const forms::Trees& form);

    Tests(const forms::Trees& form, ValueType input);

    [[nodiscard]] Test at(std::int32_t node) const;
    /// The greatest number that is not above: a double where keys are ranks, else a float32. NaN: every number is
    /// above.
    [[nodiscard]] double threshold(std::int32_t node) const;
    [[nodiscard]] Children children(std::size_t node) const {
        return is_swapped(node) ? Children{form_.right[node], form_.left[node]}
                                : Children{form_.left[node], form_.right[node]};
    }
    /// The features that are read, of the input's.
    [[nodiscard]] std::int64_t features() const noexcept { return static_cast<std::int64_t>(used_.size()); }
    /// The place in a row of one of them.
    [[nodiscard]] std::int64_t input_feature(std::size_t feature) const { return used_[feature]; }
    /// The input's features.
    [[nodiscard]] std::int64_t width() const noexcept { return width_; }
    /// Whether keys are ranks.
    [[nodiscard]] bool is_ranked() const noexcept { return ranked_; }
    /// Whether NaN and greater values go the same way everywhere.
    [[nodiscard]] bool nan_is_above() const noexcept { return nan_is_above_; }

    /// Keys of some rows, to[feature * stride + row], with the bits of `flip` turned over; whether one of them is
    /// NaN's.
    bool read(const Block& input, std::int64_t begin, std::int64_t rows, std::int64_t stride, Key flip, Key* to) const {
        return read_some(input, begin, rows, 0, used_.size(), stride, flip, to);
    }
    /// The same of the features from `first` on and before `end`.
    bool read_some(const Block& input, std::int64_t begin, std::int64_t rows, std::size_t first, std::size_t end,
                   std::int64_t stride, Key flip, Key* to) const;

  private:
    [[nodiscard]] double threshold_of(std::size_t node) const;
    [[nodiscard]] bool is_swapped(std::size_t node) const {
        const forms::Comparison comparison = comparison_of(form_, node);
        return comparison == forms::Comparison::greater || comparison == forms::Comparison::greater_equal;
    }
    [[nodiscard]] bool nan_is_below(std::size_t node) const;
    void rank();
    template <class T>
    bool read_rows(const T* from, std::int64_t rows, std::size_t first, std::size_t end, std::int64_t stride, Key flip,
                   Key* to) const;

    const forms::Trees& form_;
    std::int64_t width_;
    bool ranked_;
    bool nan_is_above_ = true;
    std::vector<std::int32_t> used_;           // features of the input
    std::vector<std::uint32_t> number_;        // of the features in `used_`
    std::vector<std::vector<double>> bounds_;  // where ranked: of each used feature, rising
};

}  // namespace holdfast::engine::tree_walks

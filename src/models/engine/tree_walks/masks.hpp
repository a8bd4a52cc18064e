/// Masks: tests of up to 63 indicators at once.
///
/// An indicator is a feature whose tests all have one threshold, as the columns of a one-hot encoding are. A word holds
/// a bit of each of 63 neighbouring features, set where x is above; any other feature has a word of its own, its key.
///
/// An indicator that is NaN counts as above. Rows with one, where NaN has a way of its own, are left to others
/// (`cover`).
///
/// Thread safety: immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "models/engine/tree_walks/layout.hpp"
#include "models/engine/tree_walks/tests.hpp"

namespace holdfast::engine::tree_walks {

/// Bits of indicators, the last one clear, or a key.
using Word = std::uint64_t;
constexpr Word all_bits = ~Word{0};  // the mask of a key

/// Whether (x & mask) <= threshold.
struct MaskedTest {
    Word mask = 0;
    Key threshold = below_all;
    std::uint32_t feature = 0;  // the number of the word in a row
    bool nan_below = false;     // of a key

    [[nodiscard]] bool is_indicator() const noexcept { return mask != all_bits; }
};

class Masks {
  public:
    using Key = Word;  // what walks compare

    Masks(std::shared_ptr<const Tests> tests, const Layout& layout);

    [[nodiscard]] MaskedTest at(std::int32_t node) const;
    /// The words of a row.
    [[nodiscard]] std::int64_t features() const noexcept;
    [[nodiscard]] bool has_indicators() const noexcept { return !windows_.empty(); }

    /// Whether the words say all of these rows.
    [[nodiscard]] bool cover(const Block& input, std::int64_t rows) const;
    /// Words of some rows, `lanes` at most, to[word * stride + row] with the bits of `flip` turned over; whether one of
    /// them is NaN's key.
    bool read(const Block& input, std::int64_t begin, std::int64_t rows, std::int64_t stride, Word flip,
              Word* to) const;

  private:
    /// Of one feature that is read.
    struct Place {
        std::uint32_t word = 0;
        Word bit = 0;  // 0: the word is its key
    };
    /// Neighbours of which a word has a bit each, and their thresholds: all numbers are below those of other features.
    struct Window {
        std::int64_t first = 0;
        std::vector<float> floats;  // or, where keys are ranks,
        std::vector<double> doubles;

        [[nodiscard]] std::size_t size() const { return floats.size() + doubles.size(); }
        template <class X>
        [[nodiscard]] const std::vector<X>& thresholds() const {
            if constexpr (std::is_same_v<X, float>)
                return floats;
            else
                return doubles;
        }
    };

    template <class X, class T>
    void read_windows(const T* from, std::int64_t rows, std::int64_t stride, Word flip, Word* to) const;

    std::shared_ptr<const Tests> tests_;
    std::vector<Place> places_;
    std::vector<std::uint32_t> keys_;  // the features that have words of their own, which come first
    std::vector<Window> windows_;
};

}  // namespace holdfast::engine::tree_walks

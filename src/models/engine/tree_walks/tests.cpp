#include "models/engine/tree_walks/tests.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <type_traits>

#include "models/engine/convert.hpp"
#include "models/engine/tree_walks/rank.hpp"

namespace holdfast::engine::tree_walks {
namespace {

using forms::Comparison;
using forms::Missing;

bool is_order(Comparison comparison) {
    return comparison == Comparison::less_equal || comparison == Comparison::less ||
           comparison == Comparison::greater_equal || comparison == Comparison::greater;
}

bool holds(Comparison comparison, double x, double threshold) {
    if (comparison == Comparison::less_equal) return x <= threshold;
    if (comparison == Comparison::less) return x < threshold;
    return comparison == Comparison::greater_equal ? x >= threshold : x > threshold;
}

/// std::nextafter towards -infinity, of a number above it; that one takes longer than all else that is done to a node.
template <class Bits, class T>
T next_below(T value) {
    if (value == T{0}) return -std::numeric_limits<T>::denorm_min();
    return std::bit_cast<T>(static_cast<Bits>(std::bit_cast<Bits>(value) + (value < T{0} ? Bits{1} : ~Bits{0})));
}

float round_down(double value) {
    const auto nearest = static_cast<float>(value);
    return static_cast<double>(nearest) > value ? next_below<std::uint32_t>(nearest) : nearest;
}

/// Rises with the value, +0 and -0 alike. Without a branch.
Key key_of(float value) {
    const auto bits = std::bit_cast<Key>(value + 0.0F);
    const Key negative = 0U - (bits >> 31);
    const Key key = bits ^ (negative | 0x80000000U);
    return std::isnan(value) ? above_all : key;
}

/// One more than the number of `bounds` below x.
Key key_of(const std::vector<double>& bounds, double x) {
    return std::isnan(x) ? above_all : static_cast<Key>(rank_of(std::span(bounds), x) + 1);
}

}  // namespace

bool Tests::cover(const forms::Trees& form) {
    if (!form.linear_begin.empty()) return false;
    const auto is_covered = [](Comparison comparison, Missing missing) {
        return is_order(comparison) &&
               (missing == Missing::none || missing == Missing::nan || missing == Missing::nan_as_zero);
    };
    if (form.comparisons.empty() && form.missings.empty()) {
        if (!is_covered(form.comparison, form.missing)) return false;
    } else {
        for (std::size_t i = 0; i < form.left.size(); ++i) {
            if (form.left[i] >= 0 && !is_covered(comparison_of(form, i), missing_of(form, i))) return false;
        }
    }
    bool nan = false;
    for (std::size_t i = 0; i < form.left.size(); ++i) {  // without a branch, as below: leaves are in no order
        const bool inner = form.left[i] >= 0, bad = std::isnan(form.threshold[i]);
        nan |= inner & bad;
    }
    return !nan;
}

Tests::Tests(const forms::Trees& form, ValueType input)
    : form_(form),
      width_(input.width),
      ranked_(form.input == DType::float64 && input.dtype != DType::float32 && input.dtype != DType::boolean),
      number_(static_cast<std::size_t>(form.features)) {
    std::vector<std::uint8_t> read(number_.size() + 1);  // the last is for leaves
    for (std::size_t i = 0; i < form.left.size(); ++i) {
        const bool leaf = form.left[i] < 0, above = !nan_is_below(i);
        read[leaf ? number_.size() : static_cast<std::size_t>(form.feature[i])] = 1;
        nan_is_above_ &= leaf | above;
    }
    for (std::size_t feature = 0; feature < number_.size(); ++feature) {
        if (read[feature] == 0) continue;
        number_[feature] = static_cast<std::uint32_t>(used_.size());
        used_.push_back(static_cast<std::int32_t>(feature));
    }
    if (ranked_) rank();
}

void Tests::rank() {
    bounds_.resize(used_.size());
    for (std::size_t i = 0; i < form_.left.size(); ++i) {
        if (form_.left[i] < 0) continue;
        const double bound = threshold_of(i);
        if (!std::isnan(bound)) bounds_[number_[static_cast<std::size_t>(form_.feature[i])]].push_back(bound);
    }
    for (auto& bounds : bounds_) {
        std::sort(bounds.begin(), bounds.end());
        bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    }
}

/// The greatest double for which x <= it says what the comparison, or its opposite, says; NaN where nothing is.
double Tests::threshold_of(std::size_t node) const {
    const Comparison comparison = comparison_of(form_, node);
    const double threshold = form_.threshold[node];
    if (comparison == Comparison::less_equal || comparison == Comparison::greater) return threshold;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return threshold == -infinity ? std::numeric_limits<double>::quiet_NaN() : next_below<std::uint64_t>(threshold);
}

bool Tests::nan_is_below(std::size_t node) const {
    const Missing missing = missing_of(form_, node);
    // Without a way of its own, NaN goes where the comparison is false: right.
    bool left = missing == Missing::nan && form_.default_left[node] != 0;
    if (missing == Missing::nan_as_zero) left = holds(comparison_of(form_, node), 0.0, form_.threshold[node]);
    return left != is_swapped(node);
}

double Tests::threshold(std::int32_t node) const {
    const double threshold = threshold_of(static_cast<std::size_t>(node));
    return ranked_ || std::isnan(threshold) ? threshold : round_down(threshold);
}

Test Tests::at(std::int32_t node) const {
    const auto i = static_cast<std::size_t>(node);
    Test test;
    test.feature = number_[static_cast<std::size_t>(form_.feature[i])];
    test.nan_below = nan_is_below(i);
    const double bound = threshold(node);
    if (std::isnan(bound)) return test;
    if (ranked_) {
        const auto& bounds = bounds_[test.feature];
        if (!bounds.empty()) test.threshold = key_of(bounds, bound);
    } else {
        test.threshold = key_of(static_cast<float>(bound));
    }
    return test;
}

template <class T>
bool Tests::read_rows(const T* from, std::int64_t rows, std::size_t first, std::size_t end, std::int64_t stride,
                      Key flip, Key* to) const {
    bool nan = false;
    for (std::size_t k = first; k < end; ++k, to += stride) {
        if (ranked_) {
            for (std::int64_t row = 0; row < rows; ++row)
                to[row] = key_of(bounds_[k], convert<double>(from[row * width_ + used_[k]]));
        } else {
            for (std::int64_t row = 0; row < rows; ++row)
                to[row] = std::bit_cast<Key>(convert<float>(from[row * width_ + used_[k]]));
            for (std::int64_t row = 0; row < rows; ++row) to[row] = key_of(std::bit_cast<float>(to[row]));
        }
        for (std::int64_t row = 0; row < rows; ++row) {
            nan |= to[row] == above_all;
            to[row] ^= flip;
        }
    }
    return nan;
}

bool Tests::read_some(const Block& input, std::int64_t begin, std::int64_t rows, std::size_t first, std::size_t end,
                      std::int64_t stride, Key flip, Key* to) const {
    bool nan = false;
    with_value(input.type.dtype, [&]<class T>(Tag<T>) {
        nan = read_rows(input.as<T>() + begin * width_, rows, first, end, stride, flip, to);
    });
    return nan;
}

}  // namespace holdfast::engine::tree_walks

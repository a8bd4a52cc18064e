#include "models/engine/tree_walks/masks.hpp"

#include <limits>
#include <type_traits>
#include <utility>

#include "models/engine/convert.hpp"
#include "models/engine/tree_walks/above.hpp"

namespace holdfast::engine::tree_walks {
namespace {

constexpr std::int64_t most_bits = 63;  // of a word, which then has no sign
constexpr std::int32_t no_node = -1, several = -2;

/// Of each feature a node that tests it; `several` where these differ in their thresholds.
std::vector<std::int32_t> nodes_of(const Tests& tests, const Layout& layout) {
    std::vector<std::int32_t> nodes(static_cast<std::size_t>(tests.features()), no_node);
    std::size_t left = nodes.size();  // that may be indicators
    for (std::size_t tree = 0; tree < layout.shapes().size() && left > 0; ++tree) {
        for (const std::int32_t node : layout.nodes(tree)) {
            if (node < 0) continue;
            const Test test = tests.at(node);
            std::int32_t& known = nodes[test.feature];
            if (known == no_node) known = node;
            if (known == several || tests.at(known).threshold == test.threshold) continue;
            known = several;
            --left;
        }
    }
    return nodes;
}

}  // namespace

Masks::Masks(std::shared_ptr<const Tests> tests, const Layout& layout) : tests_(std::move(tests)) {
    const std::vector<std::int32_t> nodes = nodes_of(*tests_, layout);
    for (std::uint32_t feature = 0; feature < nodes.size(); ++feature) {
        if (nodes[feature] == several) keys_.push_back(feature);
    }
    std::uint32_t word = 0;  // of the next key
    for (std::uint32_t feature = 0; feature < nodes.size(); ++feature) {
        if (nodes[feature] == several) {
            places_.push_back({word++, 0});
            continue;
        }
        const std::int64_t input = tests_->input_feature(feature);
        if (windows_.empty() || input - windows_.back().first >= most_bits) windows_.push_back({input, {}, {}});
        Window& window = windows_.back();
        const auto bit = static_cast<std::size_t>(input - window.first);
        places_.push_back({static_cast<std::uint32_t>(keys_.size() + windows_.size() - 1), Word{1} << bit});
        const double threshold = tests_->threshold(nodes[feature]);
        if (tests_->is_ranked()) {
            window.doubles.resize(bit + 1, std::numeric_limits<double>::infinity());
            window.doubles[bit] = threshold;
        } else {
            window.floats.resize(bit + 1, std::numeric_limits<float>::infinity());
            window.floats[bit] = static_cast<float>(threshold);
        }
    }
}

std::int64_t Masks::features() const noexcept { return static_cast<std::int64_t>(keys_.size() + windows_.size()); }

MaskedTest Masks::at(std::int32_t node) const {
    const Test test = tests_->at(node);
    const Place& place = places_[test.feature];
    if (place.bit != 0) return {place.bit, below_all, place.word, false};
    return {all_bits, test.threshold, place.word, test.nan_below};
}

bool Masks::cover(const Block& input, std::int64_t rows) const {
    bool nan = false;
    with_value(input.type.dtype, [&]<class T>(Tag<T>) {
        if constexpr (std::is_floating_point_v<T>) {
            for (const Window& window : windows_) {
                const T* x = input.as<T>() + window.first;
                for (std::int64_t row = 0; row < rows; ++row, x += tests_->width()) nan |= has_nan(x, window.size());
            }
        }
    });
    return !nan;
}

template <class X, class T>
void Masks::read_windows(const T* from, std::int64_t rows, std::int64_t stride, Word flip, Word* to) const {
    for (const Window& window : windows_) {
        const std::vector<X>& thresholds = window.thresholds<X>();
        const std::size_t count = thresholds.size();
        const T* x = from + window.first;
        for (std::int64_t row = 0; row < rows; ++row, x += tests_->width()) {
            if constexpr (std::is_same_v<X, T>) {
                to[row] = above(x, thresholds.data(), count) ^ flip;
            } else {
                X numbers[most_bits];
                for (std::size_t i = 0; i < count; ++i) numbers[i] = convert<X>(x[i]);
                to[row] = above(numbers, thresholds.data(), count) ^ flip;
            }
        }
        to += stride;
    }
}

bool Masks::read(const Block& input, std::int64_t begin, std::int64_t rows, std::int64_t stride, Word flip,
                 Word* to) const {
    bool nan = false;
    for (const std::uint32_t feature : keys_) {
        tree_walks::Key keys[lanes];
        nan |= tests_->read_some(input, begin, rows, feature, feature + 1, lanes, 0, keys);
        for (std::int64_t row = 0; row < rows; ++row) to[row] = keys[row] ^ flip;
        to += stride;
    }
    with_value(input.type.dtype, [&]<class T>(Tag<T>) {
        const T* from = input.as<T>() + begin * tests_->width();
        if (tests_->is_ranked()) {
            read_windows<double>(from, rows, stride, flip, to);
        } else {
            read_windows<float>(from, rows, stride, flip, to);
        }
    });
    return nan;
}

}  // namespace holdfast::engine::tree_walks

/// MaskedLayout: the trees of a layout with runs of indicators tested together.
///
/// Trees over the columns of a one-hot encoding ask "is it a? is it b? is it c?" down their lower side. Here that is
/// one test, whether it is any of these; only a row that is, is asked which: half of them at a time. Such a tree has as
/// many nodes as before, the same leaves, and is less deep.
///
/// Thread safety: immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/engine/tree_walks/masks.hpp"

namespace holdfast::engine::tree_walks {

class MaskedLayout {
  public:
    MaskedLayout(const Masks& masks, const forms::Trees& form, const Tests& tests, const Layout& layout);

    [[nodiscard]] const std::vector<Shape>& shapes() const noexcept { return layout_.shapes(); }
    [[nodiscard]] std::int64_t features() const noexcept { return masks_.features(); }
    [[nodiscard]] bool nan_is_above() const noexcept { return tests_.nan_is_above(); }

    /// Whether the way from a root to a leaf is a fifth shorter than in the plain layout, on average.
    [[nodiscard]] bool pays() const;

    /// Calls inner(way, test) and leaf(way, number) as Layout::visit does, with the leaf's number in the plain layout.
    template <class Inner, class Leaf>
    void visit(std::size_t tree, Inner inner, Leaf leaf) const;

  private:
    /// What a visit comes to: a node; or several tests of indicators, one of which a row is above.
    struct Stop {
        Way way;
        std::int32_t node = 0;
        std::size_t begin = 0, end = 0;  // of the tests, among all met so far
    };
    struct Indicator {
        Word bit = 0;
        std::uint32_t word = 0;
        std::int32_t above = 0;  // the node where a row goes that is
    };

    const Masks& masks_;
    const forms::Trees& form_;
    const Tests& tests_;
    const Layout& layout_;
    std::vector<std::uint32_t> leaves_;  // the number of each of the form's nodes, where it is a leaf
};

template <class Inner, class Leaf>
void MaskedLayout::visit(std::size_t tree, Inner inner, Leaf leaf) const {
    const auto is_leaf = [this](std::int32_t node) { return form_.left[static_cast<std::size_t>(node)] < 0; };
    std::vector<Indicator> met;
    const auto any_of = [&met](std::size_t begin, std::size_t end, std::uint32_t word) {
        MaskedTest test{0, below_all, word};
        for (std::size_t i = begin; i < end; ++i) test.mask |= met[i].bit;
        return test;
    };
    std::vector<Stop> open;  // what is above the nodes on the way
    Stop now{{}, static_cast<std::int32_t>(form_.roots[tree])};
    std::int64_t inner_nodes = 0;
    const auto split = [&](const MaskedTest& test, Stop below, Stop above) {
        inner(now.way, test);
        below.way = {inner_nodes, false, now.way.depth + 1};
        above.way = {inner_nodes++, true, now.way.depth + 1};
        open.push_back(above);
        now = below;
    };
    while (true) {
        if (now.end - now.begin > 1) {
            const std::size_t middle = now.begin + (now.end - now.begin) / 2;
            split(any_of(now.begin, middle, met[now.begin].word), {{}, 0, middle, now.end}, {{}, 0, now.begin, middle});
            continue;
        }
        std::int32_t node = now.begin < now.end ? met[now.begin].above : now.node;
        if (is_leaf(node)) {
            leaf(now.way, leaves_[static_cast<std::size_t>(node)]);
            if (open.empty()) break;
            now = open.back();
            open.pop_back();
            continue;
        }
        MaskedTest test = masks_.at(node);
        if (!test.is_indicator()) {
            const Children children = tests_.children(static_cast<std::size_t>(node));
            split(test, {{}, children.below}, {{}, children.above});
            continue;
        }
        const std::size_t begin = met.size();
        const std::uint32_t word = test.feature;
        while (!is_leaf(node)) {
            test = masks_.at(node);
            if (!test.is_indicator() || test.feature != word) break;
            const Children children = tests_.children(static_cast<std::size_t>(node));
            met.push_back({test.mask, word, children.above});
            node = children.below;
        }
        split(any_of(begin, met.size(), word), {{}, node}, {{}, 0, begin, met.size()});
    }
}

}  // namespace holdfast::engine::tree_walks

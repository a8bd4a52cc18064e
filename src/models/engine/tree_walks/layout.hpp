/// Layout: in which order an engine keeps the nodes of an ensemble, and how its trees look.
///
/// Depth first, what is below a threshold before what is above it: so are leaves numbered, from 0 in each tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/engine/tree_walks/tests.hpp"

namespace holdfast::engine::tree_walks {

/// Rows that are looked up together.
constexpr std::int64_t lanes = 16;

struct Shape {
    std::uint32_t nodes = 0, leaves = 0;
    std::uint64_t steps = 0;  // to all leaves, together
};

/// How a walk comes to a node: from the inner node of that number, counted in the order of visits; -1 for a root.
struct Way {
    std::int64_t from = -1;
    bool above = false;
    std::uint32_t depth = 0;
};

class Layout {
  public:
    Layout(const forms::Trees& form, const Tests& tests);

    [[nodiscard]] const std::vector<Shape>& shapes() const noexcept { return shapes_; }

    /// The form's nodes of a tree, in their order; ~node of a leaf.
    [[nodiscard]] std::span<const std::int32_t> nodes(std::size_t tree) const {
        return {order_.data() + first_[tree], shapes_[tree].nodes};
    }
    /// Calls inner(way, node) and leaf(way, node) for each of them.
    template <class Inner, class Leaf>
    void visit(std::size_t tree, Inner inner, Leaf leaf) const;

  private:
    void add_tree(const forms::Trees& form, const Tests& tests, std::int32_t root);

    std::vector<Shape> shapes_;
    std::vector<std::size_t> first_;   // of each tree, in order_
    std::vector<std::int32_t> order_;  // nodes(tree), tree after tree
};

template <class Inner, class Leaf>
void Layout::visit(std::size_t tree, Inner inner, Leaf leaf) const {
    std::vector<Way> open;  // to what is above the nodes on the way
    Way way;
    std::int64_t inner_nodes = 0;
    for (const std::int32_t node : nodes(tree)) {
        if (node >= 0) {
            inner(way, node);
            open.push_back({inner_nodes, true, way.depth + 1});
            way = {inner_nodes++, false, way.depth + 1};
            continue;
        }
        leaf(way, ~node);
        if (open.empty()) break;
        way = open.back();
        open.pop_back();
    }
}

}  // namespace holdfast::engine::tree_walks

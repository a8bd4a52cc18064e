/// Layout: in which order an engine keeps the leaves of an ensemble, and how its trees look.
#pragma once

#include <cstdint>
#include <vector>

#include "models/engine/tree_walks/tests.hpp"

namespace holdfast::engine::tree_walks {

/// Rows that are looked up together.
constexpr std::int64_t lanes = 16;

struct Shape {
    std::uint32_t nodes = 0, leaves = 0, depth = 0;
};

/// Depth first, what is below a threshold before what is above it: so are leaves numbered, from 0 in each tree.
struct Layout {
    Layout(const forms::Trees& form, const Tests& tests);

    std::vector<Shape> shapes;              // one a tree
    std::vector<std::int32_t> leaf_nodes;   // nodes of the form, tree after tree
    std::vector<std::uint32_t> first_leaf;  // of each tree, in leaf_nodes
};

/// How a walk comes to a node: from the inner node of that number, counted in the order of visits; -1 for a root.
struct Way {
    std::int64_t from = -1;
    bool above = false;
    std::uint32_t depth = 0;
};

/// Calls inner(way, node) and leaf(way, node) in the order of a Layout, from a root on.
template <class Inner, class Leaf>
void visit(const forms::Trees& form, const Tests& tests, std::int32_t root, Inner inner, Leaf leaf) {
    struct Open {
        std::int32_t node;
        Way way;
    };
    std::vector<Open> open{{root, {}}};
    std::int64_t inner_nodes = 0;
    while (!open.empty()) {
        const auto [node, way] = open.back();
        open.pop_back();
        if (form.left[static_cast<std::size_t>(node)] < 0) {
            leaf(way, node);
            continue;
        }
        inner(way, node);
        const Children children = tests.children(static_cast<std::size_t>(node));
        open.push_back({children.above, {inner_nodes, true, way.depth + 1}});
        open.push_back({children.below, {inner_nodes, false, way.depth + 1}});
        ++inner_nodes;
    }
}

}  // namespace holdfast::engine::tree_walks

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

/// Calls inner(depth, test) and leaf(depth, node) in that order, from a root on; `inner` and `leaf` are told what they
/// need to link nodes: the number of the call which the node is the upper child of, or -1.
template <class Inner, class Leaf>
void visit(const forms::Trees& form, const Tests& tests, std::int32_t root, Inner inner, Leaf leaf) {
    struct Open {
        std::int32_t node;
        std::int64_t above_of;
        std::uint32_t depth;
    };
    std::vector<Open> open{{root, -1, 0}};
    for (std::int64_t position = 0; !open.empty(); ++position) {
        const Open next = open.back();
        open.pop_back();
        if (form.left[static_cast<std::size_t>(next.node)] < 0) {
            leaf(next.above_of, next.depth, next.node);
            continue;
        }
        const Test test = tests.at(next.node);
        inner(next.above_of, next.depth, test);
        open.push_back({test.above, position, next.depth + 1});
        open.push_back({test.below, -1, next.depth + 1});
    }
}

}  // namespace holdfast::engine::tree_walks

#include "models/engine/tree_walks/layout.hpp"

#include <algorithm>

namespace holdfast::engine::tree_walks {

Layout::Layout(const forms::Trees& form, const Tests& tests) {
    shapes.resize(form.roots.size());
    leaf_nodes.reserve((form.left.size() + form.roots.size()) / 2);  // exact where all nodes are of some tree
    for (std::size_t tree = 0; tree < form.roots.size(); ++tree) {
        Shape& shape = shapes[tree];
        first_leaf.push_back(static_cast<std::uint32_t>(leaf_nodes.size()));
        visit(
            form, tests, static_cast<std::int32_t>(form.roots[tree]), [&](const Way&, std::int32_t) { ++shape.nodes; },
            [&](const Way& way, std::int32_t node) {
                ++shape.nodes;
                ++shape.leaves;
                shape.depth = std::max(shape.depth, way.depth);
                leaf_nodes.push_back(node);
            });
    }
}

}  // namespace holdfast::engine::tree_walks

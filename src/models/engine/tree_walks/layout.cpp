#include "models/engine/tree_walks/layout.hpp"

namespace holdfast::engine::tree_walks {
namespace {

/// A tree's nodes mostly lie together: asks for them in the order of memory, before a walk jumps to and fro in them.
void prefetch(const forms::Trees& form, std::size_t begin, std::size_t end) {
    constexpr std::size_t line = 64 / sizeof(std::int32_t);
    for (std::size_t node = begin; node < end; node += line) {
        __builtin_prefetch(&form.left[node]);
        __builtin_prefetch(&form.right[node]);
    }
}

}  // namespace

Layout::Layout(const forms::Trees& form, const Tests& tests) {
    const std::size_t trees = form.roots.size();
    order_.reserve(form.left.size());
    for (std::size_t tree = 0; tree < trees; ++tree) {
        const auto root = static_cast<std::size_t>(form.roots[tree]);
        prefetch(form, root, tree + 1 < trees ? static_cast<std::size_t>(form.roots[tree + 1]) : form.left.size());
        add_tree(form, tests, static_cast<std::int32_t>(root));
    }
}

void Layout::add_tree(const forms::Trees& form, const Tests& tests, std::int32_t root) {
    struct Open {
        std::int32_t node;
        std::uint32_t depth;
    };
    Shape shape;
    first_.push_back(order_.size());
    std::vector<Open> open;  // what is above the nodes on the way
    Open now{root, 0};
    while (true) {
        ++shape.nodes;
        if (form.left[static_cast<std::size_t>(now.node)] >= 0) {
            order_.push_back(now.node);
            const Children children = tests.children(static_cast<std::size_t>(now.node));
            open.push_back({children.above, now.depth + 1});
            now = {children.below, now.depth + 1};
            continue;
        }
        order_.push_back(~now.node);
        ++shape.leaves;
        shape.steps += now.depth;
        if (open.empty()) break;
        now = open.back();
        open.pop_back();
    }
    shapes_.push_back(shape);
}

}  // namespace holdfast::engine::tree_walks

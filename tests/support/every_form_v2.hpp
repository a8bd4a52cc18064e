/// A graph with everything that version 2 of `.hfm` has and version 1 had not.
#pragma once

#include <utility>

#include "support/models.hpp"

namespace holdfast::test {

/// Two trees over "X" (rows, 3): one whose nodes differ in comparison and missing rule, one with linear leaves.
inline Graph every_form_v2() {
    using forms::Comparison;
    using forms::Missing;
    forms::Trees trees;
    trees.features = 3;
    trees.outputs = 1;
    trees.input = DType::float64;
    trees.roots = {0, 5};
    trees.left = {1, 3, -1, -1, -1, 6, -1, -1};
    trees.right = {2, 4, -1, -1, -1, 7, -1, -1};
    trees.feature = {0, 1, -1, -1, -1, 2, -1, -1};
    trees.threshold = {0, -0.5, 0, 0, 0, 1, 0, 0};
    trees.comparisons.assign(8, Comparison::less_equal);
    trees.comparisons[0] = Comparison::not_in_set;
    trees.comparisons[5] = Comparison::in_set;
    trees.missings.assign(8, Missing::none);
    trees.missings[0] = Missing::nan;
    trees.missings[1] = Missing::nan_as_zero;
    trees.missings[5] = Missing::zero;
    trees.default_left = {1, 0, 0, 0, 0, 0, 0, 0};
    trees.set_begin = {0, 2, 3};
    trees.sets = {0, 4, 2};
    trees.leaf_begin = {0, 0, 0, 1, 2, 3, 3, 4, 5};
    trees.leaf_output = {0, 0, 0, 0, 0};
    trees.leaf_value = {1, 2, 4, 8, 16};
    trees.linear_begin = {0, 0, 0, 0, 0, 0, 0, 2, 2};
    trees.linear_feature = {0, 1};
    trees.linear_weight = {0.5, -0.25};
    trees.linear_constant = {0, 0, 1, 2, 4, 0, 8.5, 16};
    Graph graph;
    graph.signature = dense_signature(3);
    graph.signature.task = Task::regression;
    graph.signature.outputs = {spec("y", DType::float64, {-1, 1})};
    graph.signature.prediction = "y";
    graph.nodes.push_back({std::move(trees), {"X"}, {"y"}});
    graph.source = "every form, version 2";
    return graph;
}

}  // namespace holdfast::test

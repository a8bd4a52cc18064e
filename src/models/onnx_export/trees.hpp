/// What a tree ensemble becomes: trees that give the number of a leaf each, and what the leaves are worth.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/models/forms.hpp>

namespace holdfast::onnx_export {

/// A tree's nodes in depth-first order, its root first. Positions are the form's.
struct Walked {
    std::vector<std::int32_t> nodes;
    std::vector<std::int32_t> leaves;  ///< those of `nodes` that are leaves; a leaf's number is its place here
};
[[nodiscard]] std::vector<Walked> walked(const forms::Trees& form);

/// The trees that add to one output, and for each of them what its leaves add, weighted. What a sum starts from is in
/// the first one's leaves.
struct LeafTable {
    std::vector<std::int64_t> trees;
    std::vector<std::vector<double>> values;  ///< one list a tree
    std::int64_t most_terms = 0;              ///< of one sum
    double most_size = 0.0;                   ///< the greatest sum of absolute terms
};
[[nodiscard]] LeafTable leaf_table(const forms::Trees& form, const std::vector<Walked>& trees, std::int64_t output);

}  // namespace holdfast::onnx_export

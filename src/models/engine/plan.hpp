/// Plan: a graph's values by number, with their types.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <holdfast/models/graph.hpp>

#include "models/engine/step.hpp"

namespace holdfast::engine {

struct PlannedNode {
    std::vector<std::size_t> inputs;  // values
    std::size_t output = 0;
};

struct Plan {
    std::vector<ValueType> values;  // the inputs first, then one a node
    std::vector<PlannedNode> nodes;
    std::vector<std::size_t> outputs;  // the value of each output of the signature
};

/// What some values are computed from: inputs of the graph and nodes, in order.
struct Needs {
    std::vector<std::size_t> inputs, steps;
};
[[nodiscard]] Needs needs_of(const Plan& plan, std::span<const std::size_t> values);

/// InvalidArgument naming the node, as Graph::check says.
[[nodiscard]] Plan plan(const Graph& graph);

}  // namespace holdfast::engine

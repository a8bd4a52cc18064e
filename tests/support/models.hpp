/// Tiny models for tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/models/graph.hpp>

namespace holdfast::test {

inline TensorSpec spec(std::string name, DType dtype, std::vector<std::int64_t> shape) {
    return {std::move(name), dtype, std::move(shape), {}};
}

/// One dense float64 input "X" with columns named x0, x1, ...
inline Signature dense_signature(std::int64_t features) {
    Signature signature;
    signature.inputs = {spec("X", DType::float64, {-1, features})};
    for (std::int64_t i = 0; i < features; ++i) signature.features.push_back("x" + std::to_string(i));
    return signature;
}

/// y = w x + b, output "y" of shape (rows, 1).
inline Graph linear_graph(std::vector<double> weights, double intercept) {
    const auto features = static_cast<std::int64_t>(weights.size());
    Graph graph;
    graph.signature = dense_signature(features);
    graph.signature.task = Task::regression;
    graph.signature.outputs = {spec("y", DType::float64, {-1, 1})};
    graph.signature.prediction = "y";
    graph.nodes.push_back({forms::Linear{features, 1, std::move(weights), {intercept}, DType::float64}, {"X"}, {"y"}});
    graph.source = "test";
    return graph;
}
inline std::shared_ptr<const Model> linear_model(std::vector<double> weights, double intercept) {
    return compile(linear_graph(std::move(weights), intercept));
}

/// One split: x[feature] <= threshold gives class 0 with probability `low`, else class 1 with probability `high`.
/// Outputs "label" (the labels' type, (rows)) and "probabilities" ((rows, 2)).
inline Graph stump_graph(std::int64_t features, std::int32_t feature, double threshold, double low = 0.9,
                         double high = 0.8, ClassLabels labels = std::vector<std::int64_t>{0, 1}) {
    Graph graph;
    Signature& signature = graph.signature = dense_signature(features);
    signature.task = Task::classification;
    signature.outputs = {spec("label", labels.index() == 0 ? DType::int64 : DType::string, {-1}),
                         spec("probabilities", DType::float64, {-1, 2})};
    signature.classes = labels;
    signature.prediction = "label";
    signature.probability = "probabilities";
    forms::Trees trees;
    trees.features = features;
    trees.outputs = 2;
    trees.roots = {0};
    trees.left = {1, -1, -1};
    trees.right = {2, -1, -1};
    trees.feature = {feature, -1, -1};
    trees.threshold = {threshold, 0.0, 0.0};
    trees.leaf_begin = {0, 0, 2, 4};
    trees.leaf_output = {0, 1, 0, 1};
    trees.leaf_value = {low, 1.0 - low, 1.0 - high, high};
    trees.aggregate = forms::Aggregate::average;
    graph.nodes.push_back({std::move(trees), {"X"}, {"probabilities"}});
    graph.nodes.push_back({forms::ArgMax{}, {"probabilities"}, {"position"}});
    graph.nodes.push_back({forms::Lookup{std::move(labels)}, {"position"}, {"label"}});
    graph.source = "test";
    return graph;
}
inline std::shared_ptr<const Model> stump_classifier(std::int64_t features, std::int32_t feature, double threshold,
                                                     double low = 0.9, double high = 0.8,
                                                     ClassLabels labels = std::vector<std::int64_t>{0, 1}) {
    return compile(stump_graph(features, feature, threshold, low, high, std::move(labels)));
}

}  // namespace holdfast::test

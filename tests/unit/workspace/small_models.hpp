// Packages that are quick to make: a threshold on x0, with probabilities.
#pragma once

#include <cstdint>
#include <string>

#include <holdfast/models/graph.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/stats/profile.hpp>

namespace holdfast::testing {

/// A classifier "no"/"yes" of two features: p(yes) = logistic(x0 - threshold).
inline std::shared_ptr<const Model> threshold_model(double threshold) {
    Graph graph;
    Signature& signature = graph.signature;
    signature.task = Task::classification;
    signature.inputs = {{"X", DType::float64, {-1, 2}, ""}};
    signature.features = {"a", "b"};
    signature.classes = std::vector<std::string>{"no", "yes"};
    signature.outputs = {{"label", DType::string, {-1, 1}, ""}, {"probabilities", DType::float64, {-1, 2}, ""}};
    signature.prediction = "label";
    signature.probability = "probabilities";
    graph.nodes.push_back({forms::Linear{2, 1, {1.0, 0.0}, {-threshold}, DType::float64}, {"X"}, {"score"}});
    graph.nodes.push_back({forms::PostTransform{forms::Transform::logistic, DType::float64}, {"score"}, {"p"}});
    graph.nodes.push_back(
        {forms::PostTransform{forms::Transform::complement, DType::float64}, {"p"}, {"probabilities"}});
    graph.nodes.push_back({forms::ArgMax{}, {"probabilities"}, {"position"}});
    graph.nodes.push_back({forms::Lookup{signature.classes}, {"position"}, {"label"}});
    graph.source = "a test";
    return compile(std::move(graph));
}

inline Table reference_rows() {
    std::vector<double> a, b;
    for (int i = 0; i < 500; ++i) {
        a.push_back(i % 10);
        b.push_back(i % 7);
    }
    Table table;
    table.add("a", Column::of(std::move(a)));
    table.add("b", Column::of(std::move(b)));
    return table;
}

inline Package threshold_package(double threshold, std::string name = "m") {
    PackageBuilder builder(std::move(name));
    builder.model(*threshold_model(threshold)).reference(stats::Profile::of(reference_rows()));
    return builder.build();
}

}  // namespace holdfast::testing

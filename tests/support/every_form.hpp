/// A graph with a node of every form: what format tests keep and read back. Golden files are made of it: never change
/// it.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/models.hpp"

namespace holdfast::test {

/// One node of every form; the names chain "X" through all of them where shapes allow.
inline Graph every_form() {
    Graph graph = stump_graph(3, 1, 0.1, 0.9, 0.8, std::vector<std::string>{"no", "yés"});
    graph.signature.outputs.push_back(spec("svm", DType::float64, {-1, 3}));
    graph.signature.outputs.push_back(spec("text", DType::string, {-1, 3}));
    const auto add = [&](Form form, std::vector<std::string> in, std::string out) {
        graph.nodes.push_back({std::move(form), std::move(in), {std::move(out)}});
    };
    add(forms::Cast{DType::float32}, {"X"}, "narrow");
    add(forms::Select{{2, 0}}, {"narrow"}, "two");
    add(forms::Concat{}, {"two", "two"}, "four");
    add(forms::Scale{{1, 2, 3, 4}, {}, false, DType::float32}, {"four"}, "scaled");
    add(forms::Impute{false, -1.0, {0, 1, 3}, {-0.0, 1e-310, 2}, {}}, {"scaled"}, "filled");
    add(forms::Normalize{forms::Norm::max, DType::float64}, {"filled"}, "normal");
    add(forms::Linear{3, 1, {1, std::numeric_limits<double>::infinity(), 3}, {0.1}, DType::float64}, {"normal"}, "one");
    add(forms::Threshold{0.5, true}, {"one"}, "above");
    add(forms::Elementwise{forms::Operation::subtract, {}, DType::float64}, {"one", "above"}, "difference");
    add(forms::PostTransform{forms::Transform::logistic, DType::float64}, {"difference"}, "squashed");
    add(forms::Kernels{forms::Kernel::rbf,
                       0.5,
                       0,
                       3,
                       3,
                       {1, 2, 3, 4, 5, 6, 7, 8, 9},
                       {1, 1, 1},
                       {1, -1, 2, -2, 3, -3},
                       {0.1, 0.2, 0.3},
                       DType::float64},
        {"X"}, "pairs");
    add(forms::PairwiseVotes{3, true}, {"pairs"}, "votes");
    add(forms::PairwiseProbability{3, {-1, -1, -1}, {0, 0, 0}}, {"pairs"}, "svm");
    add(forms::Cast{DType::string}, {"svm"}, "text");
    graph.source = "every form";
    return graph;
}

}  // namespace holdfast::test

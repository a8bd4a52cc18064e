/// Graph: the in-memory form of a classical model, from which engines are compiled and which `.hfm` stores to the bit.
///
/// Nodes in topological order read and write named values. A value is a matrix (rows, width) of float32, float64,
/// int64, bool or string. The graph's inputs and outputs are the signature's. A node computes in the dtype its form
/// names, so that the source library's own arithmetic (scikit-learn's float64 sums, ONNX's float32 ones) is kept.
///
/// Thread safety: a value; immutable once a model is made of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/models/forms.hpp>
#include <holdfast/models/model.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast {

using Form = std::variant<forms::Cast, forms::Select, forms::Concat, forms::Scale, forms::Impute, forms::Normalize,
                          forms::Linear, forms::Trees, forms::Kernels, forms::PairwiseVotes, forms::PairwiseProbability,
                          forms::PostTransform, forms::ArgMax, forms::Threshold, forms::Lookup, forms::Elementwise,
                          forms::Constant, forms::Math, forms::Reduce, forms::Product, forms::TopK, forms::Pick,
                          forms::Choose, forms::Encode, forms::OneHot, forms::Numbers>;

struct Node {
    Form form;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    bool operator==(const Node&) const = default;
};

struct HOLDFAST_EXPORT Graph {
    Signature signature;
    std::vector<Node> nodes;
    std::string source;  ///< who fitted or wrote it, as in "scikit-learn 1.7.2"; for people

    /// InvalidArgument naming the node: unknown or doubly written values, widths or dtypes that do not fit,
    /// trees with cycles, children or features out of range, unequal array lengths.
    void check() const;
    bool operator==(const Graph&) const = default;
};

/// Compiles the graph; check() first. See LoadOptions for `threads`.
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<const Model> compile(Graph graph, std::string backend = "native",
                                                                   int threads = 1);

}  // namespace holdfast

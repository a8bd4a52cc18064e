// The table of operators, and the graph's inputs, outputs and signature.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "models/onnx/fields.hpp"
#include "models/onnx/onnx.hpp"
#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

struct Operator {
    std::string_view domain, type;
    void (*translate)(Operation&);
};

constexpr std::string_view ml = "ai.onnx.ml";

constexpr std::array operators{
    Operator{ml, "TreeEnsembleClassifier", translate_trees},
    Operator{ml, "TreeEnsembleRegressor", translate_trees},
    Operator{ml, "LinearClassifier", translate_linear_classifier},
    Operator{ml, "LinearRegressor", translate_linear_regressor},
    Operator{ml, "SVMClassifier", translate_svm_classifier},
    Operator{ml, "SVMRegressor", translate_svm_regressor},
    Operator{ml, "Scaler", translate_scaler},
    Operator{ml, "Imputer", translate_imputer},
    Operator{ml, "Normalizer", translate_normalizer},
    Operator{ml, "ZipMap", translate_identity},
    Operator{ml, "FeatureVectorizer", translate_feature_vectorizer},
    Operator{ml, "ArrayFeatureExtractor", translate_extractor},
    Operator{ml, "LabelEncoder", translate_label_encoder},
    Operator{"", "Identity", translate_identity},
    Operator{"", "Cast", translate_cast},
    Operator{"", "Concat", translate_concat},
    Operator{"", "Reshape", translate_reshape},
    Operator{"", "Flatten", translate_flatten},
    Operator{"", "MatMul", translate_matrix_product},
    Operator{"", "Gemm", translate_matrix_product},
    Operator{"", "Add", translate_arithmetic},
    Operator{"", "Sub", translate_arithmetic},
    Operator{"", "Mul", translate_arithmetic},
    Operator{"", "Div", translate_arithmetic},
    Operator{"", "Sum", translate_sum},
    Operator{"", "Neg", translate_unary},
    Operator{"", "Abs", translate_unary},
    Operator{"", "Exp", translate_unary},
    Operator{"", "Log", translate_unary},
    Operator{"", "Sigmoid", translate_unary},
    Operator{"", "Less", translate_comparison},
    Operator{"", "LessOrEqual", translate_comparison},
    Operator{"", "Greater", translate_comparison},
    Operator{"", "GreaterOrEqual", translate_comparison},
    Operator{"", "ReduceSum", translate_reduce_sum},
    Operator{"", "Softmax", translate_softmax},
    Operator{"", "ArgMax", translate_arg_max},
};

std::string in_quotes(std::string_view name) { return '"' + std::string(name.substr(0, 200)) + '"'; }

DType dtype_of_input(const std::string& file, const ValueInfoProto& input) {
    switch (input.type) {
        case ElementType::float32: return DType::float32;
        case ElementType::float64: return DType::float64;
        case ElementType::int64:
        case ElementType::int32: return DType::int64;
        case ElementType::boolean: return DType::boolean;
        default:
            throw Unsupported(file + ": input " + in_quotes(input.name) + " of type " +
                              std::to_string(static_cast<std::int32_t>(input.type)) +
                              " is not covered; float, double, int32, int64 and bool are");
    }
}

/// Columns of an input: (rows, columns), or (rows) for one.
std::int64_t width_of_input(const std::string& file, const ValueInfoProto& input) {
    if (!input.is_tensor || input.shape.empty() || input.shape.size() > 2)
        throw Unsupported(file + ": input " + in_quotes(input.name) + " has " + std::to_string(input.shape.size()) +
                          " axes; a tensor of 2 is covered");
    if (input.shape.size() == 1) return 1;
    if (input.shape[1] < 1 || input.shape[1] > (std::int64_t{1} << 20))
        throw Unsupported(file + ": input " + in_quotes(input.name) +
                          " does not say its number of columns, or more than 2^20");
    return input.shape[1];
}

void add_inputs(Scope& scope, const ModelProto& model) {
    Signature& signature = scope.builder.graph().signature;
    for (const ValueInfoProto& input : model.inputs) {
        if (scope.constants.contains(input.name)) continue;
        const DType dtype = dtype_of_input(scope.file, input);
        const std::int64_t width = width_of_input(scope.file, input);
        if (!scope.values.emplace(input.name, scope.builder.add_input(std::string(input.name), dtype, width)).second)
            throw Malformed("input " + in_quotes(input.name) + " is there twice");
        signature.inputs.push_back({std::string(input.name), dtype, {-1, width}, ""});
    }
    if (signature.inputs.empty()) throw Malformed("it has no inputs");
    if (signature.inputs.size() == 1) return;
    for (const TensorSpec& input : signature.inputs) {
        if (input.shape[1] != 1)
            throw Unsupported(scope.file + ": input " + in_quotes(input.name) + " has " +
                              std::to_string(input.shape[1]) +
                              " columns beside other inputs; one matrix, or several inputs of one column, are covered");
    }
}

void translate_node(Scope& scope, const NodeProto& node, std::int64_t position) {
    Operation op(scope, node, position);
    if (node.type == "Constant" && node.domain.empty()) {
        const TensorProto* value = op.tensor("value");
        if (value == nullptr) op.refuse("without a tensor is not covered");
        if (!node.outputs.empty()) scope.constants.emplace(node.outputs[0], value);
        return op.finish();
    }
    const auto* const found = std::find_if(operators.begin(), operators.end(), [&](const Operator& o) {
        return o.domain == node.domain && o.type == node.type;
    });
    if (found == operators.end()) op.refuse("is not covered");
    found->translate(op);
    op.finish();
}

std::vector<std::int64_t> shape_of(const ValueInfoProto& output, const Value& value) {
    const bool flat = value.width == 1 && output.is_tensor && output.has_shape && output.shape.size() == 1;
    if (flat) return {-1};
    return {-1, value.width};
}

void add_outputs(Scope& scope, const ModelProto& model) {
    Signature& signature = scope.builder.graph().signature;
    signature.classes = scope.builder.classes();
    for (const ValueInfoProto& output : model.outputs) {
        const auto found = scope.values.find(output.name);
        if (found == scope.values.end())
            throw Malformed("output " + in_quotes(output.name) + " is computed by no node");
        const Value& value = found->second;
        const std::string name(output.name);
        if (signature.find_output(name) >= 0) throw Malformed("output " + in_quotes(name) + " is there twice");
        scope.builder.name_output(value, name);
        signature.outputs.push_back({name, value.dtype, shape_of(output, value), ""});
        if (value.meaning == Meaning::label && signature.prediction.empty()) signature.prediction = name;
        const bool one_a_class = value.meaning == Meaning::probability && value.width == size(signature.classes);
        if (one_a_class && signature.probability.empty()) signature.probability = name;
    }
    if (signature.outputs.empty()) throw Malformed("it has no outputs");
    const bool classifier = !signature.prediction.empty();
    signature.task = classifier ? Task::classification : Task::regression;
    if (classifier) return;
    signature.prediction = signature.outputs.front().name;
    signature.classes = std::vector<std::int64_t>{};
    signature.probability.clear();
}

std::string source_of(const ModelProto& model) {
    std::string source = "ONNX";
    if (!model.producer.empty()) source += " by " + std::string(model.producer.substr(0, 100));
    if (!model.producer_version.empty()) source += " " + std::string(model.producer_version.substr(0, 100));
    return source;
}

Graph translate(const ModelProto& model, const std::string& file) {
    constexpr std::size_t most_nodes = 16384;
    if (model.nodes.size() > most_nodes)
        throw Malformed("it has " + std::to_string(model.nodes.size()) + " nodes, at most " +
                        std::to_string(most_nodes) + " wanted");
    Scope scope;
    scope.file = file;
    for (const TensorProto& tensor : model.initializers) scope.constants.emplace(tensor.name, &tensor);
    add_inputs(scope, model);
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
        if (std::find(model.domains.begin(), model.domains.end(), model.nodes[i].domain) == model.domains.end())
            throw Malformed("it does not import the operators of domain " + in_quotes(model.nodes[i].domain) +
                            ", which node " + std::to_string(i) + " is of");
        translate_node(scope, model.nodes[i], static_cast<std::int64_t>(i));
    }
    add_outputs(scope, model);
    scope.builder.graph().source = source_of(model);
    return std::move(scope.builder.graph());
}

}  // namespace

Graph read_graph(std::span<const std::byte> bytes, const std::string& name) {
    const ModelProto model = decode(bytes, name);
    try {
        Graph graph = translate(model, name);
        graph.check();
        return graph;
    } catch (const Malformed& error) {
        throw CorruptArtifact(name + ": " + error.what());
    } catch (const InvalidArgument& error) {
        throw CorruptArtifact(name + ": " + error.what());
    }
}

}  // namespace holdfast::onnx

// The table of operators, and the graph's inputs, outputs and signature.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "models/onnx/fields.hpp"
#include "models/onnx/onnx.hpp"
#include "models/onnx/operation.hpp"
#include "models/text.hpp"

namespace holdfast::onnx {
namespace {

/// An operator by the versions in which it changed, of those that are covered.
struct Operator {
    std::string_view domain, type;
    void (*translate)(Operation&);
    std::array<std::int8_t, 10> versions;  // ascending, then zeros
};

constexpr std::string_view ml = "ai.onnx.ml";
// The newest operator sets whose changes are known; in newer ones any operator may mean something else.
constexpr std::int64_t newest_set = 28, newest_ml_set = 5;

constexpr std::array operators{
    Operator{ml, "TreeEnsembleClassifier", translate_trees, {1, 3, 5}},
    Operator{ml, "TreeEnsembleRegressor", translate_trees, {1, 3, 5}},
    Operator{ml, "TreeEnsemble", translate_tree_ensemble, {5}},
    Operator{ml, "LinearClassifier", translate_linear_classifier, {1}},
    Operator{ml, "LinearRegressor", translate_linear_regressor, {1}},
    Operator{ml, "SVMClassifier", translate_svm_classifier, {1}},
    Operator{ml, "SVMRegressor", translate_svm_regressor, {1}},
    Operator{ml, "Scaler", translate_scaler, {1}},
    Operator{ml, "Imputer", translate_imputer, {1}},
    Operator{ml, "Normalizer", translate_normalizer, {1}},
    Operator{ml, "ZipMap", translate_identity, {1}},
    Operator{ml, "FeatureVectorizer", translate_feature_vectorizer, {1}},
    Operator{ml, "ArrayFeatureExtractor", translate_extractor, {1}},
    Operator{ml, "LabelEncoder", translate_label_encoder, {1, 2, 4}},
    Operator{ml, "CategoryMapper", translate_category_mapper, {1}},
    Operator{ml, "OneHotEncoder", translate_one_hot_encoder, {1}},
    Operator{ml, "Binarizer", translate_binarizer, {1}},
    Operator{ml, "DictVectorizer", translate_dict_vectorizer, {1}},
    Operator{"", "Identity", translate_identity, {1, 13, 14, 16, 19, 21, 23, 24, 25}},
    Operator{"", "Constant", translate_constant, {1, 9, 11, 12, 13, 19, 21, 23, 24, 25}},
    Operator{"", "Cast", translate_cast, {6, 9, 13, 19, 21, 23, 24, 25, 28}},
    Operator{"", "Concat", translate_concat, {4, 11, 13}},
    Operator{"", "Reshape", translate_reshape, {5, 13, 14, 19, 21, 23, 24, 25}},
    Operator{"", "Flatten", translate_flatten, {1, 9, 11, 13, 21, 23, 24, 25}},
    Operator{"", "Squeeze", translate_squeeze, {1, 11, 13, 21, 23, 24, 25}},
    Operator{"", "Unsqueeze", translate_unsqueeze, {1, 11, 13, 21, 23, 24, 25}},
    Operator{"", "Transpose", translate_transpose, {1, 13, 21, 23, 24, 25}},
    Operator{"", "Gather", translate_gather, {1, 11, 13}},
    Operator{"", "GatherElements", translate_gather_elements, {11, 13}},
    Operator{"", "Slice", translate_slice, {1, 10, 11, 13}},
    Operator{"", "Expand", translate_expand, {8, 13}},
    Operator{"", "Tile", translate_tile, {6, 13}},
    Operator{"", "Shape", translate_shape, {1, 13, 15, 19, 21, 23, 24, 25}},
    Operator{"", "ConstantOfShape", translate_constant_of_shape, {9, 20, 21, 23, 24, 25}},
    Operator{"", "MatMul", translate_matrix_product, {1, 9, 13}},
    Operator{"", "Gemm", translate_gemm, {7, 9, 11, 13}},
    Operator{"", "Add", translate_arithmetic, {7, 13, 14}},
    Operator{"", "Sub", translate_arithmetic, {7, 13, 14}},
    Operator{"", "Mul", translate_arithmetic, {7, 13, 14}},
    Operator{"", "Div", translate_arithmetic, {7, 13, 14}},
    Operator{"", "Sum", translate_sum, {8, 13}},
    Operator{"", "Min", translate_extreme, {8, 12, 13}},
    Operator{"", "Max", translate_extreme, {8, 12, 13}},
    Operator{"", "Pow", translate_power, {7, 12, 13, 15}},
    Operator{"", "Clip", translate_clip, {6, 11, 12, 13}},
    Operator{"", "Neg", translate_unary, {6, 13}},
    Operator{"", "Abs", translate_unary, {6, 13}},
    Operator{"", "Exp", translate_unary, {6, 13}},
    Operator{"", "Log", translate_unary, {6, 13}},
    Operator{"", "Sigmoid", translate_unary, {6, 13}},
    Operator{"", "Relu", translate_unary, {6, 13, 14}},
    Operator{"", "Tanh", translate_unary, {6, 13}},
    Operator{"", "Sqrt", translate_unary, {6, 13}},
    Operator{"", "Erf", translate_unary, {9, 13}},
    Operator{"", "Softplus", translate_unary, {1, 22}},
    Operator{"", "Sign", translate_unary, {9, 13}},
    Operator{"", "Floor", translate_unary, {6, 13}},
    Operator{"", "Ceil", translate_unary, {6, 13}},
    Operator{"", "Round", translate_unary, {11, 22}},
    Operator{"", "Reciprocal", translate_unary, {6, 13}},
    Operator{"", "LeakyRelu", translate_activation, {6, 16}},
    Operator{"", "PRelu", translate_activation, {7, 9, 16}},
    Operator{"", "Elu", translate_activation, {6, 22}},
    Operator{"", "Selu", translate_activation, {6, 22}},
    Operator{"", "HardSigmoid", translate_activation, {6, 22}},
    Operator{"", "Gelu", translate_activation, {20}},
    Operator{"", "IsNaN", translate_unary, {9, 13, 20}},
    Operator{"", "Equal", translate_comparison, {7, 11, 13, 19}},
    Operator{"", "Less", translate_comparison, {7, 9, 13}},
    Operator{"", "LessOrEqual", translate_comparison, {12, 16}},
    Operator{"", "Greater", translate_comparison, {7, 9, 13}},
    Operator{"", "GreaterOrEqual", translate_comparison, {12, 16}},
    Operator{"", "And", translate_logic, {7}},
    Operator{"", "Or", translate_logic, {7}},
    Operator{"", "Xor", translate_logic, {7}},
    Operator{"", "Not", translate_not, {1}},
    Operator{"", "Where", translate_where, {9, 16}},
    Operator{"", "ReduceSum", translate_reduce, {1, 11, 13}},
    Operator{"", "ReduceMean", translate_reduce, {1, 11, 13, 18}},
    Operator{"", "ReduceProd", translate_reduce, {1, 11, 13, 18}},
    Operator{"", "ReduceMax", translate_reduce, {1, 11, 12, 13, 18, 20}},
    Operator{"", "ReduceMin", translate_reduce, {1, 11, 12, 13, 18, 20}},
    Operator{"", "ReduceSumSquare", translate_reduce, {1, 11, 13, 18}},
    Operator{"", "ReduceLogSumExp", translate_reduce, {1, 11, 13, 18, 28}},
    Operator{"", "ReduceL1", translate_reduce, {1, 11, 13, 18}},
    Operator{"", "ReduceL2", translate_reduce, {1, 11, 13, 18}},
    Operator{"", "ReduceLogSum", translate_reduce, {1, 11, 13, 18, 28}},
    Operator{"", "LpNormalization", translate_lp_normalization, {1, 22}},
    Operator{"", "ArgMax", translate_arg, {1, 11, 12, 13}},
    Operator{"", "ArgMin", translate_arg, {1, 11, 12, 13}},
    Operator{"", "TopK", translate_top_k, {1, 10, 11, 24}},
    Operator{"", "Softmax", translate_softmax, {1, 11, 13}},
    Operator{"", "LogSoftmax", translate_softmax, {1, 11, 13}},
    Operator{"", "BatchNormalization", translate_batch_normalization, {9, 14, 15}},
    Operator{"", "LayerNormalization", translate_layer_normalization, {17}},
};

std::string in_quotes(std::string_view name) { return '"' + std::string(name.substr(0, 200)) + '"'; }

DType dtype_of_input(const ValueInfoProto& input) {
    try {
        return dtype_of(input.type);
    } catch (const NotCovered& error) {
        throw Unsupported("input " + in_quotes(input.name) + " " + error.what());
    }
}

/// The extents of an input's axes; the first one counts rows, or the whole is one row.
std::vector<std::int64_t> dims_of_input(const ValueInfoProto& input, bool rows) {
    constexpr std::size_t most_axes = 7;
    if (!input.is_tensor || (rows && input.shape.empty()) || input.shape.size() > most_axes)
        throw Unsupported("input " + in_quotes(input.name) + " has " + std::to_string(input.shape.size()) +
                          " axes; a tensor of 1 to 7 is covered");
    std::vector<std::int64_t> dims = input.shape;
    if (rows) dims[0] = 1;
    std::int64_t left = std::int64_t{1} << 20;
    for (const std::int64_t dim : dims) {
        if (dim < 1 || dim > left)
            throw Unsupported("input " + in_quotes(input.name) +
                              " does not say its number of columns, or more than 2^20");
        left /= dim;
    }
    return dims;
}

/// A row of a value, as a signature has it.
std::vector<std::int64_t> shape_of_rows(std::vector<std::int64_t> dims, std::int64_t rows) {
    if (rows >= 0) dims.erase(dims.begin(), dims.begin() + rows + 1);
    dims.insert(dims.begin(), -1);
    return dims;
}

/// A map becomes one column for each key that the model knows.
void add_map(Scope& scope, const ModelProto& model, const ValueInfoProto& input) {
    const std::vector<std::string> columns = columns_of_map(model, input.name);
    if (columns.empty() || model.inputs.size() > 1)
        throw Unsupported("input " + in_quotes(input.name) +
                          " is a map; one is covered that is the only input and that one DictVectorizer reads");
    const DType dtype = dtype_of_input(input);
    const auto width = static_cast<std::int64_t>(columns.size());
    Value value = scope.builder.add_input(std::string(input.name), dtype, {1, width}, 0);
    value.is_map = true;
    scope.values.emplace(input.name, std::move(value));
    Signature& signature = scope.builder.graph().signature;
    signature.inputs.push_back({std::string(input.name), dtype, {-1, width}, ""});
    signature.features = columns;
}

void add_inputs(Scope& scope, const ModelProto& model, bool rows) {
    Signature& signature = scope.builder.graph().signature;
    for (const ValueInfoProto& input : model.inputs) {
        if (scope.constants.contains(input.name)) continue;
        if (input.is_map) {
            add_map(scope, model, input);
            continue;
        }
        const DType dtype = dtype_of_input(input);
        const std::vector<std::int64_t> dims = dims_of_input(input, rows);
        Value value = scope.builder.add_input(std::string(input.name), dtype, dims, rows ? 0 : -1);
        value.whole32 = input.type == ElementType::int32;
        if (!scope.values.emplace(input.name, std::move(value)).second)
            throw Malformed("input " + in_quotes(input.name) + " is there twice");
        std::vector<std::int64_t> shape = shape_of_rows(dims, rows ? 0 : -1);
        if (rows && shape.size() == 1) shape.push_back(1);
        signature.inputs.push_back({std::string(input.name), dtype, std::move(shape), ""});
    }
    if (signature.inputs.empty()) throw Malformed("it has no inputs");
    if (signature.inputs.size() == 1) return;
    for (const TensorSpec& input : signature.inputs) {
        if (input.shape.size() > 2 || (input.shape.size() == 2 && input.shape[1] != 1))
            throw Unsupported("input " + in_quotes(input.name) +
                              " has more than one column beside other inputs; one matrix, or several inputs of one "
                              "column, are covered");
    }
}

std::int64_t version_of(const ModelProto& model, std::string_view domain, std::int64_t position) {
    for (const OperatorSet& set : model.operator_sets) {
        if (set.domain == domain) return set.version;
    }
    throw Malformed("it does not import the operators of domain " + in_quotes(domain) + ", which node " +
                    std::to_string(position) + " is of");
}

/// The newest version of the operator that is not newer than the operator set; 0 where there is none.
std::int64_t since_of(const Operator& found, std::int64_t set) {
    std::int64_t since = 0;
    for (const std::int8_t version : found.versions) {
        if (version <= set) since = std::max<std::int64_t>(since, version);
    }
    return since;
}

void translate_node(Scope& scope, const ModelProto& model, std::int64_t position) {
    const NodeProto& node = model.nodes[static_cast<std::size_t>(position)];
    const std::int64_t set = version_of(model, node.domain, position);
    const auto* const found = std::find_if(operators.begin(), operators.end(), [&](const Operator& o) {
        return o.domain == node.domain && o.type == node.type;
    });
    if (found == operators.end()) Operation(scope, node, position).refuse("is not covered");
    const std::int64_t since = since_of(*found, set), newest = node.domain == ml ? newest_ml_set : newest_set;
    Operation op(scope, node, position, since);
    if (since == 0 || set > newest)
        op.refuse("of operator set " + std::to_string(set) + " is not covered; " + std::to_string(found->versions[0]) +
                  " to " + std::to_string(newest) + " are");
    try {
        found->translate(op);
        op.finish();
    } catch (const MixesRows&) {
        throw;
    } catch (const NotCovered& error) {
        op.refuse(error.what());
    } catch (const Malformed& error) {
        op.corrupt(error.what());
    }
}

/// MixesRows, in the node's name.
class MixedRows : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

void translate_nodes(Scope& scope, const ModelProto& model) {
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
        try {
            translate_node(scope, model, static_cast<std::int64_t>(i));
        } catch (const MixesRows& error) {
            try {
                Operation(scope, model.nodes[i], static_cast<std::int64_t>(i)).refuse(error.what());
            } catch (const Unsupported& named) {
                throw MixedRows(named.what());
            }
        }
    }
}

Value value_of_output(Scope& scope, const ValueInfoProto& output) {
    if (const auto found = scope.values.find(output.name); found != scope.values.end()) return found->second;
    if (const auto found = scope.constants.find(output.name); found != scope.constants.end())
        return scope.builder.constant(*found->second);
    throw Malformed("output " + in_quotes(output.name) + " is computed by no node");
}

/// Each row's part of an output; axes before the one that counts rows have extent 1, and go.
std::vector<std::int64_t> shape_of(const ValueInfoProto& output, const Value& value, bool rows) {
    if (!rows) return shape_of_rows(value.dims, -1);
    const auto refuse = [&](const std::string& why) {
        throw MixedRows("output " + in_quotes(output.name) + " " + why);
    };
    if (value.rows < 0) refuse("is the same whatever the rows, which is not covered");
    for (std::int64_t i = 0; i < value.rows; ++i) {
        if (value.dims[static_cast<std::size_t>(i)] != 1) refuse("has its rows along another axis than the first");
    }
    const bool flat = value.width == 1 && output.is_tensor && output.has_shape && output.shape.size() == 1;
    std::vector<std::int64_t> shape = shape_of_rows(value.dims, value.rows);
    if (flat) return {-1};
    if (shape.size() == 1) shape.push_back(1);
    return shape;
}

void add_outputs(Scope& scope, const ModelProto& model, bool rows) {
    Signature& signature = scope.builder.graph().signature;
    signature.classes = scope.builder.classes();
    for (const ValueInfoProto& output : model.outputs) {
        const Value value = value_of_output(scope, output);
        const std::string name(output.name);
        if (signature.find_output(name) >= 0) throw Malformed("output " + in_quotes(name) + " is there twice");
        std::vector<std::int64_t> shape = shape_of(output, value, rows);
        scope.builder.name_output(value, name);
        signature.outputs.push_back({name, value.dtype, std::move(shape), ""});
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

Graph translate(const ModelProto& model, bool rows) {
    constexpr std::size_t most_nodes = 16384;
    if (model.nodes.size() > most_nodes)
        throw Malformed("it has " + std::to_string(model.nodes.size()) + " nodes, at most " +
                        std::to_string(most_nodes) + " wanted");
    Scope scope;
    for (const TensorProto& tensor : model.initializers) scope.constants.emplace(tensor.name, &tensor);
    add_inputs(scope, model, rows);
    translate_nodes(scope, model);
    add_outputs(scope, model, rows);
    scope.builder.graph().source = source_of(model);
    return std::move(scope.builder.graph());
}

bool hold_the_same(const std::vector<TensorSpec>& a, const std::vector<TensorSpec>& b) {
    return std::ranges::equal(a, b, [](const TensorSpec& one, const TensorSpec& other) {
        return one.name == other.name && one.dtype == other.dtype && detail::width_of(one) == detail::width_of(other);
    });
}

/// What the model was when it was saved, unless somebody has changed what goes in or comes out.
void restore_signature(Graph& graph, std::string_view json) {
    if (json.empty()) return;
    Signature saved = Signature::from_json(Json::parse(json));
    saved.check();
    if (hold_the_same(saved.inputs, graph.signature.inputs) && hold_the_same(saved.outputs, graph.signature.outputs))
        graph.signature = std::move(saved);
}

bool has_fixed_inputs(const ModelProto& model) {
    return std::ranges::all_of(model.inputs, [](const ValueInfoProto& input) {
        return input.is_tensor && std::ranges::all_of(input.shape, [](std::int64_t extent) { return extent > 0; });
    });
}

/// The first axis of the inputs counts rows. Where the model mixes those and every extent is fixed, its inputs are one
/// row.
Graph translate(const ModelProto& model) {
    const bool may_be_one_row = has_fixed_inputs(model);
    const bool must_be_one_row =
        may_be_one_row && std::ranges::any_of(model.inputs, [](const auto& input) { return input.shape.empty(); });
    if (must_be_one_row) return translate(model, false);
    try {
        return translate(model, true);
    } catch (const MixedRows&) {
        if (!may_be_one_row) throw;
    }
    return translate(model, false);
}

}  // namespace

Graph read_graph(std::span<const std::byte> bytes) {
    const ModelProto model = decode(bytes);
    try {
        Graph graph = translate(model);
        restore_signature(graph, model.signature);
        graph.check();
        return graph;
    } catch (const Malformed& error) {
        throw CorruptArtifact(error.what());
    } catch (const MixedRows& error) {
        throw Unsupported(error.what());
    } catch (const NotCovered& error) {
        throw Unsupported(error.what());
    }
}

}  // namespace holdfast::onnx

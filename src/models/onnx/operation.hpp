/// Operation: one ONNX node while it is translated. It hands out inputs and attributes, remembers which attributes were
/// looked at, and refuses in the node's name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/onnx/builder.hpp"
#include "models/onnx/proto.hpp"

namespace holdfast::onnx {

/// Everything that the nodes read: values that are computed, and constants.
struct Scope {
    Builder builder;
    std::unordered_map<std::string_view, Value> values;
    std::unordered_map<std::string_view, const TensorProto*> constants;
};

class Operation {
  public:
    /// `since`: the version of the operator, as the file's operator set has it.
    Operation(Scope& scope, const NodeProto& node, std::int64_t position, std::int64_t since = 0);

    [[nodiscard]] Builder& builder() noexcept { return scope_.builder; }
    [[nodiscard]] std::string_view type() const noexcept { return node_.type; }
    [[nodiscard]] std::int64_t since() const noexcept { return since_; }

    // Inputs and outputs, by position.
    [[nodiscard]] std::int64_t inputs() const noexcept { return static_cast<std::int64_t>(node_.inputs.size()); }
    [[nodiscard]] bool has_input(std::int64_t i) const noexcept;  ///< it is there, and is not left out by an empty name
    [[nodiscard]] bool has_output(std::int64_t i) const noexcept;
    [[nodiscard]] bool is_constant(std::int64_t i) const;
    /// A tensor of any shape, computed or constant.
    [[nodiscard]] Value operand(std::int64_t i) const;
    /// Columns of each row, computed: (rows, columns), or (rows) for one; anything else is refused.
    [[nodiscard]] Value value(std::int64_t i) const;
    /// Computed values are refused.
    [[nodiscard]] const TensorProto& constant(std::int64_t i) const;
    /// The numbers of constant i as doubles.
    [[nodiscard]] std::vector<double> numbers_of_constant(std::int64_t i) const;
    /// The integers of constant i, which has at most one axis.
    [[nodiscard]] std::vector<std::int64_t> integers_of_constant(std::int64_t i) const;
    void expect_inputs(std::int64_t least, std::int64_t most) const;
    /// Outputs that the node does not name are dropped.
    void set_output(std::int64_t i, Value value);

    // Attributes. The wrong type of an attribute is refused; one that is absent has the default.
    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise);
    [[nodiscard]] float number(std::string_view name, float otherwise);
    [[nodiscard]] std::string_view text(std::string_view name, std::string_view otherwise);
    [[nodiscard]] const TensorProto* tensor(std::string_view name);
    [[nodiscard]] std::vector<float> numbers(std::string_view name);
    [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name);
    [[nodiscard]] std::vector<std::int32_t> integers_of_32_bits(std::string_view name);
    [[nodiscard]] std::vector<std::string_view> texts(std::string_view name);
    void for_each_text(std::string_view name, const std::function<void(std::string_view)>& f);
    /// `floats`, or the tensor of that name with "_as_tensor" behind.
    [[nodiscard]] std::vector<double> numbers_or_tensor(const std::string& name);
    void ignore(std::string_view name);
    /// Refuses an attribute that nothing asked for.
    void finish() const;

    /// The class labels, from `integers` or `strings`.
    [[nodiscard]] ClassLabels labels(std::string_view integers, std::string_view strings);

    [[noreturn]] void refuse(const std::string& what) const;                               ///< Unsupported
    [[noreturn]] void corrupt(const std::string& what) const;                              ///< CorruptArtifact
    void expect_size(std::string_view what, std::size_t seen, std::int64_t wanted) const;  ///< CorruptArtifact

  private:
    [[nodiscard]] const AttributeProto* find(std::string_view name, AttributeType type);
    [[nodiscard]] std::string prefix() const;
    [[nodiscard]] std::string_view input_name(std::int64_t i) const;

    Scope& scope_;
    const NodeProto& node_;
    std::int64_t position_, since_;
    std::vector<bool> used_;
};

// One function a family; each is called with an operator that the table in translate.cpp gives it.
void translate_trees(Operation& op);
void translate_tree_ensemble(Operation& op);
void translate_linear_classifier(Operation& op);
void translate_linear_regressor(Operation& op);
void translate_matrix_product(Operation& op);
void translate_gemm(Operation& op);
void translate_svm_classifier(Operation& op);
void translate_svm_regressor(Operation& op);
void translate_scaler(Operation& op);
void translate_imputer(Operation& op);
void translate_normalizer(Operation& op);
void translate_lp_normalization(Operation& op);
void translate_identity(Operation& op);
void translate_cast(Operation& op);
void translate_concat(Operation& op);
void translate_feature_vectorizer(Operation& op);
void translate_extractor(Operation& op);
void translate_reshape(Operation& op);
void translate_flatten(Operation& op);
void translate_squeeze(Operation& op);
void translate_unsqueeze(Operation& op);
void translate_transpose(Operation& op);
void translate_gather(Operation& op);
void translate_gather_elements(Operation& op);
void translate_slice(Operation& op);
void translate_expand(Operation& op);
void translate_tile(Operation& op);
void translate_shape(Operation& op);
void translate_constant_of_shape(Operation& op);
void translate_label_encoder(Operation& op);
void translate_category_mapper(Operation& op);
void translate_one_hot_encoder(Operation& op);
void translate_binarizer(Operation& op);
void translate_dict_vectorizer(Operation& op);
void translate_arg(Operation& op);
void translate_softmax(Operation& op);
void translate_unary(Operation& op);
void translate_activation(Operation& op);
void translate_arithmetic(Operation& op);
void translate_sum(Operation& op);
void translate_extreme(Operation& op);
void translate_power(Operation& op);
void translate_clip(Operation& op);
void translate_comparison(Operation& op);
void translate_logic(Operation& op);
void translate_not(Operation& op);
void translate_where(Operation& op);
void translate_reduce(Operation& op);
void translate_top_k(Operation& op);
void translate_batch_normalization(Operation& op);
void translate_layer_normalization(Operation& op);
void translate_constant(Operation& op);

/// What a DictVectorizer makes columns of, where it alone reads the input; else nothing.
[[nodiscard]] std::vector<std::string> columns_of_map(const ModelProto& model, std::string_view input);

/// Applies a post_transform, in double. PROBIT is refused: ONNX Runtime and the specification differ on it.
[[nodiscard]] Value transformed(Operation& op, const Value& scores, std::string_view post_transform);
/// The same of a regressor; of one target, refused.
[[nodiscard]] Value transformed_targets(Operation& op, const Value& scores, std::string_view post_transform);
/// The same of a classifier: probabilities in float32.
[[nodiscard]] Value post_transformed(Operation& op, const Value& scores, std::string_view post_transform);

}  // namespace holdfast::onnx

// Identity, ZipMap, Cast, Concat, FeatureVectorizer, ArrayFeatureExtractor, Reshape, Flatten, LabelEncoder: operators
// that move values without arithmetic.
#include <cmath>
#include <string>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

DType dtype_of_cast(const Operation& op, std::int64_t to) {
    switch (static_cast<ElementType>(to)) {
        case ElementType::float32: return DType::float32;
        case ElementType::float64: return DType::float64;
        case ElementType::int64: return DType::int64;
        case ElementType::boolean: return DType::boolean;
        case ElementType::string: return DType::string;
        default:
            op.refuse("to type " + std::to_string(to) + " is not covered; float, double, int64, bool and string are");
    }
}

/// What positions are looked up in: whole numbers or text.
ClassLabels table_of(const Operation& op, const TensorProto& tensor) {
    if (tensor.size() == 0) op.corrupt("has an empty table");
    if (tensor.type == ElementType::string)
        return std::vector<std::string>(tensor.strings.begin(), tensor.strings.end());
    if (!tensor.is_float()) return tensor.integers;
    std::vector<std::int64_t> whole;
    for (const double value : tensor.floats) {
        if (value != std::floor(value) || std::fabs(value) > 9007199254740992.0)
            op.refuse("with a table of fractions is not covered");
        whole.push_back(static_cast<std::int64_t>(value));
    }
    return whole;
}

}  // namespace

// ZipMap's probabilities stay a matrix, a column a class, in place of a list of dictionaries.
void translate_identity(Operation& op) {
    op.expect_inputs(1, 1);
    if (op.type() == "ZipMap") {
        op.ignore("classlabels_int64s");
        op.ignore("classlabels_strings");
    }
    op.set_output(0, op.value(0));
}

void translate_cast(Operation& op) {
    op.expect_inputs(1, 1);
    const Value& x = op.value(0);
    const DType to = dtype_of_cast(op, op.integer("to", 0));
    op.ignore("saturate");
    if (x.dtype == DType::string && to != DType::string) op.refuse("from text to numbers is not covered");
    op.set_output(0, op.builder().cast(x, to));
}

void translate_concat(Operation& op) {
    op.expect_inputs(1, 65536);
    const std::int64_t axis = op.integer("axis", 1);
    if (axis != 1 && axis != -1) op.refuse("along axis " + std::to_string(axis) + " is not covered; 1 is");
    std::vector<Value> parts;
    std::int64_t width = 0;
    for (std::int64_t i = 0; i < op.inputs(); ++i) {
        parts.push_back(op.value(i));
        width += parts.back().width;
        if (parts.back().dtype != parts.front().dtype) op.corrupt("joins columns of different types");
    }
    Value out = op.builder().add(forms::Concat{}, parts, parts.front().dtype, width);
    out.meaning = Meaning::other;
    op.set_output(0, std::move(out));
}

void translate_feature_vectorizer(Operation& op) {
    op.expect_inputs(1, 65536);
    Builder& builder = op.builder();
    const std::vector<std::int64_t>& widths = op.integers("inputdimensions");
    std::vector<Value> parts;
    std::int64_t width = 0;
    for (std::int64_t i = 0; i < op.inputs(); ++i) {
        parts.push_back(builder.cast(op.value(i), DType::float32));
        width += parts.back().width;
        if (!widths.empty() && (i >= static_cast<std::int64_t>(widths.size()) ||
                                widths[static_cast<std::size_t>(i)] != parts.back().width))
            op.refuse("with inputdimensions that cut its inputs is not covered");
    }
    op.set_output(0, builder.add(forms::Concat{}, parts, DType::float32, width));
}

void translate_extractor(Operation& op) {
    op.expect_inputs(2, 2);
    Builder& builder = op.builder();
    if (op.is_constant(0)) {
        const Value& positions = op.value(1);
        if (positions.dtype != DType::int64 || positions.width != 1)
            op.refuse("with positions that are not one int64 a row is not covered");
        op.set_output(0, builder.lookup(positions, table_of(op, op.constant(0))));
        return;
    }
    const Value& x = op.value(0);
    const TensorProto& columns = op.constant(1);
    if (columns.type != ElementType::int64 && columns.type != ElementType::int32)
        op.corrupt("picks columns by something else than integers");
    for (const std::int64_t column : columns.integers) {
        if (column < 0 || column >= x.width)
            op.corrupt("picks column " + std::to_string(column) + " of " + std::to_string(x.width));
    }
    Value out = builder.add(forms::Select{columns.integers}, {x}, x.dtype, columns.size());
    if (out.meaning == Meaning::probability) out.meaning = Meaning::other;
    op.set_output(0, std::move(out));
}

void translate_reshape(Operation& op) {
    op.expect_inputs(1, 2);
    const Value& x = op.value(0);
    const std::vector<std::int64_t>& shape = op.inputs() == 2 ? op.constant(1).integers : op.integers("shape");
    op.ignore("allowzero");
    const bool all_rows = !shape.empty() && (shape[0] == -1 || shape[0] == 0);
    const bool column = shape.size() == 1 && shape[0] == -1 && x.width == 1;
    const bool same = shape.size() == 2 && all_rows && (shape[1] == x.width || (shape[1] == -1 && shape[0] == 0));
    if (!column && !same) op.refuse("to another number of columns than " + std::to_string(x.width) + " is not covered");
    op.set_output(0, x);
}

void translate_flatten(Operation& op) {
    op.expect_inputs(1, 1);
    if (op.integer("axis", 1) != 1) op.refuse("along another axis than 1 is not covered");
    op.set_output(0, op.value(0));
}

/// Covered where the keys are 0, 1, 2, ...: positions.
void translate_label_encoder(Operation& op) {
    op.expect_inputs(1, 1);
    const Value& x = op.value(0);
    const std::vector<std::int64_t>& keys = op.integers("keys_int64s");
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i] != static_cast<std::int64_t>(i)) op.refuse("with keys other than 0, 1, 2, ... is not covered");
    }
    if (keys.empty() || x.dtype != DType::int64)
        op.refuse("of " + std::string(to_string(x.dtype)) + " is not covered; int64 keys are");
    const ClassLabels table = op.labels("values_int64s", "values_strings");
    op.expect_size("values", static_cast<std::size_t>(size(table)), static_cast<std::int64_t>(keys.size()));
    // A key that is not among them would be given the default; a position that is not is refused when it is met.
    op.ignore("default_int64");
    op.ignore("default_string");
    op.set_output(0, op.builder().lookup(x, table));
}

}  // namespace holdfast::onnx

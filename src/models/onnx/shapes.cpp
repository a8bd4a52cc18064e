// Identity, ZipMap, Constant, Cast, FeatureVectorizer, ArrayFeatureExtractor.
#include <string>
#include <vector>

#include "models/onnx/tensors.hpp"

namespace holdfast::onnx {
namespace {

template <class T>
std::vector<T> part(const std::vector<T>& all, std::int64_t i, std::int64_t size) {
    return {all.begin() + i * size, all.begin() + (i + 1) * size};
}

/// What row i of a constant table, of `size` columns, holds at each position.
Value looked_up(Operation& op, const Value& positions, const TensorProto& table, std::int64_t i, std::int64_t size) {
    if (table.is_float()) {
        const DType dtype = dtype_of(table.type);
        return op.builder().add(forms::Numbers{part(table.floats, i, size), dtype}, {positions}, dtype, 1);
    }
    if (table.type != ElementType::string) return op.builder().lookup(positions, part(table.integers, i, size));
    const std::vector<std::string_view> texts = part(table.strings, i, size);
    return op.builder().lookup(positions, std::vector<std::string>(texts.begin(), texts.end()));
}

/// The table's columns at each position: as many rows as the table has, a column for each row of the batch.
Value looked_up(Operation& op, const Value& positions, const TensorProto& table) {
    const std::int64_t size = table.dims.empty() ? 1 : table.dims.back();
    if (table.size() == 0) op.corrupt("has an empty table");
    if (table.dims.size() > 2) op.refuse("with a table of more than 2 axes is not covered");
    const std::int64_t rows = table.size() / size;
    if (rows > 1024) op.refuse("with a table of more than 1024 rows is not covered");
    Value out = looked_up(op, positions, table, 0, size);
    if (rows > 1) {
        std::vector<Value> parts{out};
        for (std::int64_t i = 1; i < rows; ++i) parts.push_back(looked_up(op, positions, table, i, size));
        out = op.builder().add(forms::Concat{}, parts, out.dtype, rows);
        out.meaning = Meaning::other;
    }
    return reshaped(out, {rows, 1}, 1);
}

}  // namespace

// ZipMap's probabilities stay a matrix, a column a class, in place of a list of dictionaries.
void translate_identity(Operation& op) {
    op.expect_inputs(1, 1);
    if (op.type() == "ZipMap") {
        op.ignore("classlabels_int64s");
        op.ignore("classlabels_strings");
    }
    op.set_output(0, op.operand(0));
}

void translate_constant(Operation& op) {
    op.expect_inputs(0, 0);
    Builder& builder = op.builder();
    TensorProto made;
    if (const TensorProto* tensor = op.tensor("value")) return op.set_output(0, builder.constant(*tensor));
    if (op.has("value_float") || op.has("value_floats")) {
        made.type = ElementType::float32;
        const std::vector<float> list = op.numbers("value_floats");
        made.floats.assign(list.begin(), list.end());
        if (op.has("value_float")) made.floats = {static_cast<double>(op.number("value_float", 0.0F))};
    } else if (op.has("value_int") || op.has("value_ints")) {
        made.type = ElementType::int64;
        made.integers = op.integers("value_ints");
        if (op.has("value_int")) made.integers = {op.integer("value_int", 0)};
    } else if (op.has("value_string") || op.has("value_strings")) {
        made.type = ElementType::string;
        made.strings = op.texts("value_strings");
        if (op.has("value_string")) made.strings = {op.text("value_string", "")};
    } else {
        op.refuse("without a dense value is not covered");
    }
    const bool list = op.has("value_floats") || op.has("value_ints") || op.has("value_strings");
    if (list) made.dims = {made.size()};
    op.set_output(0, builder.kept(std::move(made)));
}

void translate_cast(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    const auto type = static_cast<ElementType>(op.integer("to", 0));
    const DType to = dtype_of(type);
    op.ignore("saturate");    // of 8-bit floats, which are not covered
    op.ignore("round_mode");  // likewise
    if (x.dtype == DType::string && to == DType::boolean) op.refuse("from text to bool is not covered");
    Value out = op.builder().cast(x, to);
    const bool narrows = type == ElementType::int32 && x.dtype != DType::boolean && !x.whole32;
    out.whole32 = type == ElementType::int32;
    op.set_output(0, narrows ? wrapped(op, out) : std::move(out));
}

void translate_feature_vectorizer(Operation& op) {
    op.expect_inputs(1, 65536);
    Builder& builder = op.builder();
    const std::vector<std::int64_t> widths = op.integers("inputdimensions");
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
        return op.set_output(0, looked_up(op, positions, op.constant(0)));
    }
    const Value x = op.value(0);
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

}  // namespace holdfast::onnx

// LabelEncoder, CategoryMapper, OneHotEncoder, DictVectorizer, Binarizer: between keys, positions and indicators.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "models/onnx/tensors.hpp"

namespace holdfast::onnx {
namespace {

/// One side of a map: text, whole numbers or numbers.
struct Side {
    DType dtype = DType::int64;
    std::vector<double> numbers;
    ClassLabels items;

    [[nodiscard]] std::int64_t count() const {
        return is_number() ? static_cast<std::int64_t>(numbers.size()) : size(items);
    }
    [[nodiscard]] bool is_number() const { return dtype == DType::float32 || dtype == DType::float64; }
};

Side side_of_tensor(const Operation& op, const TensorProto& tensor) {
    Side side;
    side.dtype = dtype_of(tensor.type);
    if (side.dtype == DType::boolean || tensor.type == ElementType::int32)
        op.refuse("with a map of bool or int32 is not covered");
    if (tensor.is_float()) {
        side.numbers = tensor.floats;
    } else if (side.dtype == DType::string) {
        side.items = std::vector<std::string>(tensor.strings.begin(), tensor.strings.end());
    } else {
        side.items = tensor.integers;
    }
    return side;
}

/// `keys` or `values`, of the one type that the node has them in.
Side side_of(Operation& op, const std::string& name) {
    int seen = 0;
    Side side;
    if (const TensorProto* tensor = op.tensor(name + "_tensor")) {
        side = side_of_tensor(op, *tensor);
        ++seen;
    }
    if (op.has(name + "_int64s")) {
        side.items = op.integers(name + "_int64s");
        ++seen;
    }
    if (op.has(name + "_strings")) {
        const std::vector<std::string_view> texts = op.texts(name + "_strings");
        side.items = std::vector<std::string>(texts.begin(), texts.end());
        side.dtype = DType::string;
        ++seen;
    }
    if (op.has(name + "_floats")) {
        const std::vector<float> numbers = op.numbers(name + "_floats");
        side.numbers.assign(numbers.begin(), numbers.end());
        side.dtype = DType::float32;
        ++seen;
    }
    if (seen != 1) op.corrupt("has its " + name + " " + std::to_string(seen) + " times");
    return side;
}

/// What a key that is not in the map becomes, behind the values.
void append_default(Operation& op, Side& values) {
    const TensorProto* tensor = op.tensor("default_tensor");
    const float number = op.number("default_float", -0.0F);
    const std::int64_t whole = op.integer("default_int64", -1);
    const std::string_view text = op.text("default_string", "_Unused");
    if (tensor != nullptr) {
        const Side given = side_of_tensor(op, *tensor);
        if (given.count() != 1 || given.dtype != values.dtype)
            op.corrupt("has a default_tensor of another type or size");
        if (values.is_number()) {
            values.numbers.push_back(given.numbers[0]);
        } else if (values.dtype == DType::string) {
            std::get<1>(values.items).push_back(std::get<1>(given.items)[0]);
        } else {
            std::get<0>(values.items).push_back(std::get<0>(given.items)[0]);
        }
    } else if (values.is_number()) {
        values.numbers.push_back(static_cast<double>(number));
    } else if (values.dtype == DType::string) {
        std::get<1>(values.items).emplace_back(text);
    } else {
        std::get<0>(values.items).push_back(whole);
    }
}

Value encoded(Operation& op, const Value& x, const Side& keys, bool refuse_unknown) {
    if (x.dtype != keys.dtype || x.whole32)
        op.refuse("of " + std::string(to_string(x.dtype)) + " with keys of " + std::string(to_string(keys.dtype)) +
                  " is not covered");
    Value like = x;
    like.dtype = DType::int64;
    like.meaning = Meaning::other;
    return op.builder().add_like(forms::Encode{keys.dtype, keys.numbers, keys.items, refuse_unknown}, {x}, like);
}

Value looked_up(Operation& op, const Value& positions, Side values) {
    Value like = positions;
    like.dtype = values.dtype;
    if (values.is_number())
        return op.builder().add_like(forms::Numbers{std::move(values.numbers), values.dtype}, {positions}, like);
    like.meaning = Meaning::label;
    return op.builder().add_like(forms::Lookup{std::move(values.items)}, {positions}, like);
}

/// The first version: text in classes_strings to positions, or back.
void translate_first_label_encoder(Operation& op, const Value& x) {
    const std::vector<std::string_view> texts = op.texts("classes_strings");
    Side keys, values;
    keys.dtype = DType::string;
    keys.items = std::vector<std::string>(texts.begin(), texts.end());
    std::vector<std::int64_t> positions(texts.size());
    for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<std::int64_t>(i);
    values.items = positions;
    if (x.dtype == DType::int64) std::swap(keys, values);
    append_default(op, values);
    op.set_output(0, looked_up(op, encoded(op, x, keys, false), std::move(values)));
}

}  // namespace

void translate_label_encoder(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    if (op.since() < 2) return translate_first_label_encoder(op, x);
    const Side keys = side_of(op, "keys");
    Side values = side_of(op, "values");
    op.expect_size("values", static_cast<std::size_t>(values.count()), keys.count());
    const ClassLabels classes = values.items;
    append_default(op, values);
    Value out = looked_up(op, encoded(op, x, keys, false), std::move(values));
    if (out.meaning == Meaning::label) op.builder().note_classes(classes);
    op.set_output(0, std::move(out));
}

void translate_category_mapper(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    const std::vector<std::string_view> texts = op.texts("cats_strings");
    Side keys, values;
    keys.dtype = DType::string;
    keys.items = std::vector<std::string>(texts.begin(), texts.end());
    values.items = op.integers("cats_int64s");
    op.expect_size("cats_int64s", static_cast<std::size_t>(values.count()), keys.count());
    if (x.dtype == DType::int64) std::swap(keys, values);
    append_default(op, values);
    Value out = looked_up(op, encoded(op, x, keys, false), std::move(values));
    out.meaning = Meaning::other;
    op.set_output(0, std::move(out));
}

// ONNX Runtime compares numbers after cutting them to whole ones.
void translate_one_hot_encoder(Operation& op) {
    op.expect_inputs(1, 1);
    Value x = op.operand(0);
    Side keys;
    if (op.has("cats_strings")) {
        const std::vector<std::string_view> texts = op.texts("cats_strings");
        keys.dtype = DType::string;
        keys.items = std::vector<std::string>(texts.begin(), texts.end());
    } else {
        keys.items = op.integers("cats_int64s");
        if (is_float(x) || x.whole32) {
            x = op.builder().cast(x, DType::int64);
            x.whole32 = false;
        }
    }
    if (keys.count() == 0) op.corrupt("has no categories");
    const bool refuse_unknown = op.integer("zeros", 1) == 0;
    Value like = x;
    like.dtype = DType::float32;
    like.meaning = Meaning::other;
    like.dims.push_back(keys.count());
    op.set_output(0, op.builder().add_like(forms::OneHot{keys.count(), DType::float32},
                                           {encoded(op, x, keys, refuse_unknown)}, like));
}

void translate_binarizer(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    expect_float(op, x);
    const Value threshold = op.builder().number(static_cast<double>(op.number("threshold", 0.0F)), x.dtype);
    op.set_output(0, op.builder().cast(combined(op, forms::Operation::greater, x, threshold), x.dtype));
}

namespace {

/// The keys that are columns, as text.
std::vector<std::string> vocabulary_of(const NodeProto& node) {
    std::vector<std::string> keys;
    for (const AttributeProto& attribute : node.attributes) {
        if (attribute.name == "string_vocabulary")
            attribute.for_each_text([&](std::string_view key) { keys.emplace_back(key); });
        if (attribute.name == "int64_vocabulary") {
            for (const std::int64_t key : attribute.integers()) keys.push_back(std::to_string(key));
        }
    }
    return keys;
}

}  // namespace

std::vector<std::string> columns_of_map(const ModelProto& model, std::string_view input) {
    std::vector<std::string> columns;
    for (const NodeProto& node : model.nodes) {
        if (std::ranges::find(node.inputs, input) == node.inputs.end()) continue;
        if (node.type != "DictVectorizer" || !columns.empty()) return {};
        columns = vocabulary_of(node);
    }
    return columns;
}

// The map is an input of the file, whose place the columns of its keys have taken.
void translate_dict_vectorizer(Operation& op) {
    op.expect_inputs(1, 1);
    op.ignore("string_vocabulary");
    op.ignore("int64_vocabulary");
    Value x = op.operand(0);
    if (!x.is_map) op.refuse("of what is no map among the file's inputs is not covered");
    x.is_map = false;
    op.set_output(0, std::move(x));
}

}  // namespace holdfast::onnx

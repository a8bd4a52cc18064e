#include "models/onnx/builder.hpp"

#include <algorithm>
#include <utility>

#include "models/onnx/constants.hpp"
#include "models/onnx/fields.hpp"

namespace holdfast::onnx {

std::int64_t size_of_dims(const std::vector<std::int64_t>& dims) {
    constexpr std::int64_t most = std::int64_t{1} << 31;
    std::int64_t size = 1;
    for (const std::int64_t dim : dims) {
        if (dim < 0 || dim > most || (dim > 0 && size > most / dim))
            throw Malformed("a shape of more than 2^31 elements");
        size *= dim;
    }
    return size;
}

DType dtype_of(ElementType type) {
    switch (type) {
        case ElementType::float32: return DType::float32;
        case ElementType::float64: return DType::float64;
        case ElementType::int64:
        case ElementType::int32: return DType::int64;
        case ElementType::boolean: return DType::boolean;
        case ElementType::string: return DType::string;
        default:
            throw NotCovered("of element type " + std::to_string(static_cast<std::int32_t>(type)) +
                             " is not covered; float, double, int32, int64, bool and string are");
    }
}

void Builder::spend(std::int64_t elements) {
    constexpr std::int64_t most = std::int64_t{1} << 24;
    if (elements < 0 || elements > most - spent_)
        throw Malformed("its values are wider than " + std::to_string(most) + " columns together");
    spent_ += elements;
}

Value Builder::add_input(std::string name, DType dtype, std::vector<std::int64_t> dims, std::int64_t rows) {
    Value input;
    input.name = std::move(name);
    input.dtype = dtype;
    input.width = size_of_dims(dims);
    input.dims = std::move(dims);
    input.rows = rows;
    spend(input.width);
    return input;
}

Value Builder::add(Form form, const std::vector<Value>& inputs, DType dtype, std::int64_t width) {
    Value like;
    like.dims = {1, width};
    like.rows = 0;
    if (!inputs.empty() && inputs.front().width == width) like = inputs.front();
    like.dtype = dtype;
    like.meaning = inputs.empty() ? Meaning::other : inputs.front().meaning;
    return add_like(std::move(form), inputs, std::move(like));
}

Value Builder::add_like(Form form, const std::vector<Value>& inputs, Value like) {
    like.width = size_of_dims(like.dims);
    like.literal = nullptr;
    like.counts_rows = false;
    if (like.dtype != DType::int64) like.whole32 = false;
    spend(like.width);
    const auto is_constant = [](const Value& value) { return value.literal != nullptr; };
    if (!inputs.empty() && std::ranges::all_of(inputs, is_constant)) return computed(form, inputs, std::move(like));
    Node node;
    node.form = std::move(form);
    for (const Value& input : inputs) node.inputs.push_back(name_of(input));
    like.name = "#" + std::to_string(graph_.nodes.size());
    node.outputs.push_back(like.name);
    graph_.nodes.push_back(std::move(node));
    return like;
}

Value Builder::computed(const Form& form, const std::vector<Value>& inputs, Value like) {
    const bool counts = std::ranges::any_of(inputs, &Value::counts_rows);
    const bool moves = std::holds_alternative<forms::Select>(form) || std::holds_alternative<forms::Concat>(form) ||
                       (std::holds_alternative<forms::Cast>(form) && like.dtype == DType::int64);
    if (counts && !moves) throw NotCovered("computes with the number of rows, which is not covered");
    made_.push_back(run_once(form, inputs, like, texts_));
    like.literal = &made_.back();
    like.name.clear();
    like.counts_rows = counts && std::ranges::find(like.literal->integers, rows_marker) != like.literal->integers.end();
    return like;
}

std::string Builder::name_of(const Value& value) {
    if (value.literal == nullptr) return value.name;
    if (value.counts_rows) throw NotCovered("computes with the number of rows, which is not covered");
    const auto [found, is_new] =
        name_of_constant_.try_emplace(value.literal, "#" + std::to_string(graph_.nodes.size()));
    if (is_new) {
        spend(value.width);
        Node node;
        node.form = constant_form(*value.literal);
        node.inputs = {graph_.signature.inputs.front().name};
        node.outputs = {found->second};
        graph_.nodes.push_back(std::move(node));
    }
    return found->second;
}

Value Builder::constant(const TensorProto& tensor) const {
    Value value;
    value.dtype = dtype_of(tensor.type);
    value.width = tensor.size();
    value.dims = tensor.dims;
    value.whole32 = tensor.type == ElementType::int32;
    value.literal = &tensor;
    return value;
}

Value Builder::kept(TensorProto tensor) {
    made_.push_back(std::move(tensor));
    return constant(made_.back());
}

Value Builder::number(double value, DType dtype) {
    TensorProto tensor;
    tensor.type = element_type_of(dtype);
    if (dtype == DType::float32 || dtype == DType::float64) {
        tensor.floats = {value};
    } else {
        tensor.integers = {static_cast<std::int64_t>(value)};
    }
    return kept(std::move(tensor));
}

Value Builder::cast(const Value& x, DType to) { return x.dtype == to ? x : add(forms::Cast{to}, {x}, to, x.width); }

Value Builder::arg_max(const Value& x) {
    Value like;
    like.dtype = DType::int64;
    like.dims = {1};
    like.rows = 0;
    return add_like(forms::ArgMax{}, {x}, std::move(like));
}

Value Builder::transform(const Value& x, forms::Transform transform, DType compute) {
    const bool pair = transform == forms::Transform::complement || transform == forms::Transform::negate_pair;
    return add(forms::PostTransform{transform, compute}, {x}, compute, pair ? 2 : x.width);
}

Value Builder::lookup(const Value& positions, const ClassLabels& labels) {
    note_classes(labels);
    Value out =
        add(forms::Lookup{labels}, {positions}, labels.index() == 0 ? DType::int64 : DType::string, positions.width);
    out.meaning = Meaning::label;
    return out;
}

Value Builder::label_of(const Value& scores, const ClassLabels& labels) { return lookup(arg_max(scores), labels); }

Value Builder::scaled(const Value& x, double factor) {
    return add(forms::Elementwise{forms::Operation::multiply, {factor}, x.dtype}, {x}, x.dtype, x.width);
}

void Builder::name_output(const Value& value, const std::string& name) {
    const std::string own = name_of(value);
    const bool is_input = own.empty() || own.front() != '#';
    if (is_input || output_of_.contains(own)) {
        Node copy;
        copy.form = forms::Cast{value.dtype};
        copy.inputs = {is_input ? own : output_of_.at(own)};
        copy.outputs = {name};
        graph_.nodes.push_back(std::move(copy));
        return;
    }
    for (Node& node : graph_.nodes) {
        for (std::string& input : node.inputs) {
            if (input == own) input = name;
        }
        for (std::string& output : node.outputs) {
            if (output == own) output = name;
        }
    }
    output_of_.emplace(own, name);
    for (auto& [tensor, constant] : name_of_constant_) {
        if (constant == own) constant = name;
    }
}

}  // namespace holdfast::onnx

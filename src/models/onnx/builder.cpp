#include "models/onnx/builder.hpp"

#include <utility>

#include "models/onnx/fields.hpp"

namespace holdfast::onnx {

void Builder::spend(std::int64_t elements) {
    constexpr std::int64_t most = std::int64_t{1} << 24;
    if (elements < 0 || elements > most - spent_)
        throw Malformed("its values are wider than " + std::to_string(most) + " columns together");
    spent_ += elements;
}

Value Builder::add_input(std::string name, DType dtype, std::int64_t width) {
    spend(width);
    return {std::move(name), dtype, width, Meaning::other};
}

Value Builder::add(Form form, const std::vector<Value>& inputs, DType dtype, std::int64_t width) {
    spend(width);
    Node node;
    node.form = std::move(form);
    for (const Value& input : inputs) node.inputs.push_back(input.name);
    Value out{"#" + std::to_string(graph_.nodes.size()), dtype, width,
              inputs.empty() ? Meaning::other : inputs.front().meaning};
    node.outputs.push_back(out.name);
    graph_.nodes.push_back(std::move(node));
    return out;
}

Value Builder::cast(const Value& x, DType to) { return x.dtype == to ? x : add(forms::Cast{to}, {x}, to, x.width); }

Value Builder::arg_max(const Value& x) {
    Value out = add(forms::ArgMax{}, {x}, DType::int64, 1);
    out.meaning = Meaning::other;
    return out;
}

Value Builder::transform(const Value& x, forms::Transform transform, DType compute) {
    const bool pair = transform == forms::Transform::complement || transform == forms::Transform::negate_pair;
    return add(forms::PostTransform{transform, compute}, {x}, compute, pair ? 2 : x.width);
}

Value Builder::lookup(const Value& positions, const ClassLabels& labels) {
    classes_ = labels;
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
    const bool is_input = value.name.empty() || value.name.front() != '#';
    if (is_input || output_of_.contains(value.name)) {
        Node copy;
        copy.form = forms::Cast{value.dtype};
        copy.inputs = {is_input ? value.name : output_of_.at(value.name)};
        copy.outputs = {name};
        graph_.nodes.push_back(std::move(copy));
        return;
    }
    for (Node& node : graph_.nodes) {
        for (std::string& input : node.inputs) {
            if (input == value.name) input = name;
        }
        for (std::string& output : node.outputs) {
            if (output == value.name) output = name;
        }
    }
    output_of_.emplace(value.name, name);
}

}  // namespace holdfast::onnx

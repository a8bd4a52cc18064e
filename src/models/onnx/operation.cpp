#include "models/onnx/operation.hpp"

#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast::onnx {
namespace {

std::string in_quotes(std::string_view name) { return '"' + std::string(name.substr(0, 200)) + '"'; }

}  // namespace

Operation::Operation(Scope& scope, const NodeProto& node, std::int64_t position, std::int64_t since)
    : scope_(scope), node_(node), position_(position), since_(since), used_(node.attributes.size(), false) {}

std::string Operation::prefix() const {
    std::string name(node_.domain.substr(0, 100));
    if (!name.empty()) name += '.';
    return "operator " + name + std::string(node_.type.substr(0, 100)) + " (node " + std::to_string(position_) + ")";
}

void Operation::refuse(const std::string& what) const { throw Unsupported(prefix() + " " + what); }
void Operation::corrupt(const std::string& what) const { throw CorruptArtifact(prefix() + ": " + what); }

void Operation::expect_size(std::string_view what, std::size_t seen, std::int64_t wanted) const {
    if (static_cast<std::int64_t>(seen) != wanted)
        corrupt(std::string(what) + " has " + std::to_string(seen) + " values, " + std::to_string(wanted) + " wanted");
}

std::string_view Operation::input_name(std::int64_t i) const {
    if (i >= inputs() || node_.inputs[static_cast<std::size_t>(i)].empty())
        corrupt("input " + std::to_string(i) + " is missing");
    return node_.inputs[static_cast<std::size_t>(i)];
}

void Operation::expect_inputs(std::int64_t least, std::int64_t most) const {
    if (inputs() < least || inputs() > most)
        corrupt("has " + std::to_string(inputs()) + " inputs, " + std::to_string(least) + " to " +
                std::to_string(most) + " wanted");
}

bool Operation::has_input(std::int64_t i) const noexcept {
    return i < inputs() && !node_.inputs[static_cast<std::size_t>(i)].empty();
}

bool Operation::has_output(std::int64_t i) const noexcept {
    return i < static_cast<std::int64_t>(node_.outputs.size()) && !node_.outputs[static_cast<std::size_t>(i)].empty();
}

bool Operation::is_constant(std::int64_t i) const { return operand(i).literal != nullptr; }

Value Operation::operand(std::int64_t i) const {
    const std::string_view name = input_name(i);
    if (const auto found = scope_.values.find(name); found != scope_.values.end()) return found->second;
    if (const auto found = scope_.constants.find(name); found != scope_.constants.end())
        return scope_.builder.constant(*found->second);
    corrupt("input " + in_quotes(name) + " is computed by no node before it");
}

Value Operation::value(std::int64_t i) const {
    Value x = operand(i);
    if (x.literal != nullptr) refuse("with a constant as input " + std::to_string(i) + " is not covered");
    if (x.rows != 0 || x.dims.size() > 2) throw MixesRows();
    return x;
}

const TensorProto& Operation::constant(std::int64_t i) const {
    const Value x = operand(i);
    if (x.literal == nullptr) refuse("with a computed input " + std::to_string(i) + " is not covered; a constant is");
    if (x.rows >= 0) throw MixesRows();
    return *x.literal;
}

std::vector<std::int64_t> Operation::integers_of_constant(std::int64_t i) const {
    const TensorProto& tensor = constant(i);
    if (tensor.type != ElementType::int64 && tensor.type != ElementType::int32)
        corrupt("input " + std::to_string(i) + " holds no integers");
    if (operand(i).dims.size() > 1) corrupt("input " + std::to_string(i) + " has more than one axis");
    return tensor.integers;
}

std::vector<double> Operation::numbers_of_constant(std::int64_t i) const {
    const TensorProto& tensor = constant(i);
    if (tensor.is_float()) return tensor.floats;
    if (tensor.type == ElementType::string) refuse("with text as input " + std::to_string(i) + " is not covered");
    return {tensor.integers.begin(), tensor.integers.end()};
}

void Operation::set_output(std::int64_t i, Value value) {
    if (i >= static_cast<std::int64_t>(node_.outputs.size())) return;
    const std::string_view name = node_.outputs[static_cast<std::size_t>(i)];
    if (name.empty()) return;
    if (value.literal != nullptr && value.meaning == Meaning::label) value.meaning = Meaning::other;
    if (scope_.constants.contains(name) || !scope_.values.emplace(name, std::move(value)).second)
        corrupt("output " + in_quotes(name) + " is written twice");
}

const AttributeProto* Operation::find(std::string_view name, AttributeType type) {
    for (std::size_t i = 0; i < node_.attributes.size(); ++i) {
        const AttributeProto& attribute = node_.attributes[i];
        if (attribute.name != name) continue;
        used_[i] = true;
        if (attribute.type != type)
            corrupt("attribute " + in_quotes(name) + " has type " +
                    std::to_string(static_cast<std::int32_t>(attribute.type)) + ", " +
                    std::to_string(static_cast<std::int32_t>(type)) + " wanted");
        return &attribute;
    }
    return nullptr;
}

bool Operation::has(std::string_view name) const {
    for (const AttributeProto& attribute : node_.attributes) {
        if (attribute.name == name) return true;
    }
    return false;
}

std::int64_t Operation::integer(std::string_view name, std::int64_t otherwise) {
    const AttributeProto* found = find(name, AttributeType::integer);
    return found != nullptr ? found->integer : otherwise;
}

float Operation::number(std::string_view name, float otherwise) {
    const AttributeProto* found = find(name, AttributeType::number);
    return found != nullptr ? found->number : otherwise;
}

std::string_view Operation::text(std::string_view name, std::string_view otherwise) {
    const AttributeProto* found = find(name, AttributeType::text);
    return found != nullptr ? found->text : otherwise;
}

const TensorProto* Operation::tensor(std::string_view name) {
    const AttributeProto* found = find(name, AttributeType::tensor);
    return found != nullptr ? &found->tensor : nullptr;
}

std::vector<float> Operation::numbers(std::string_view name) {
    const AttributeProto* found = find(name, AttributeType::numbers);
    return found != nullptr ? found->numbers() : std::vector<float>{};
}

std::vector<std::int64_t> Operation::integers(std::string_view name) {
    const AttributeProto* found = find(name, AttributeType::integers);
    return found != nullptr ? found->integers() : std::vector<std::int64_t>{};
}

std::vector<std::int32_t> Operation::integers_of_32_bits(std::string_view name) {
    const AttributeProto* found = find(name, AttributeType::integers);
    return found != nullptr ? found->integers_of_32_bits() : std::vector<std::int32_t>{};
}

std::vector<std::string_view> Operation::texts(std::string_view name) {
    const AttributeProto* found = find(name, AttributeType::texts);
    return found != nullptr ? found->texts() : std::vector<std::string_view>{};
}

void Operation::for_each_text(std::string_view name, const std::function<void(std::string_view)>& f) {
    if (const AttributeProto* found = find(name, AttributeType::texts)) found->for_each_text(f);
}

std::vector<double> Operation::numbers_or_tensor(const std::string& name) {
    const std::string as_tensor = name + "_as_tensor";
    if (has(name) && has(as_tensor)) corrupt("has both " + name + " and " + as_tensor);
    const TensorProto* found = tensor(as_tensor);
    if (found != nullptr) {
        if (!found->is_float())
            corrupt(as_tensor + " has elements of type " + std::to_string(static_cast<std::int32_t>(found->type)) +
                    ", float or double wanted");
        return found->floats;
    }
    const AttributeProto* list = find(name, AttributeType::numbers);
    return list != nullptr ? list->numbers_as_doubles() : std::vector<double>{};
}

void Operation::ignore(std::string_view name) {
    for (std::size_t i = 0; i < node_.attributes.size(); ++i) {
        if (node_.attributes[i].name == name) used_[i] = true;
    }
}

void Operation::finish() const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
        if (!used_[i]) refuse("with attribute " + in_quotes(node_.attributes[i].name) + " is not covered");
    }
}

ClassLabels Operation::labels(std::string_view integer_name, std::string_view string_name) {
    const std::vector<std::string_view> strings = texts(string_name);
    std::vector<std::int64_t> numbers_ = integers(integer_name);
    if (!strings.empty() && !numbers_.empty()) corrupt("has class labels both as integers and as text");
    if (strings.empty() && numbers_.empty()) corrupt("has no class labels");
    if (strings.empty()) return numbers_;
    return std::vector<std::string>(strings.begin(), strings.end());
}

}  // namespace holdfast::onnx

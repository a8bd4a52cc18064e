#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/models/signature.hpp>

#include "models/text.hpp"

namespace holdfast {
namespace {

constexpr std::array<std::string_view, 3> task_names{"classification", "regression", "other"};
constexpr std::size_t max_rank = 8;

[[noreturn]] void refuse(const std::string& what) { throw InvalidArgument("signature: " + what); }

std::int64_t find(const std::vector<TensorSpec>& specs, std::string_view name) noexcept {
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (specs[i].name == name) return static_cast<std::int64_t>(i);
    }
    return -1;
}

void check_unique(std::string_view kind, const std::vector<std::string>& names) {
    std::set<std::string_view> seen;
    for (const std::string& name : names) {
        if (name.empty()) refuse(std::string(kind) + " with an empty name; every one needs a name");
        if (!seen.insert(name).second) refuse(std::string(kind) + " " + detail::quoted(name) + " appears twice");
    }
}

void check_specs(std::string_view kind, const std::vector<TensorSpec>& specs) {
    if (specs.empty()) refuse("no " + std::string(kind) + " given, at least one wanted");
    check_unique(kind, detail::names_of(specs));
    for (const TensorSpec& spec : specs) {
        const std::string name = std::string(kind) + " " + detail::quoted(spec.name);
        if (spec.shape.empty() || spec.shape.size() > max_rank)
            refuse(name + ": rank " + std::to_string(spec.shape.size()) + " given, 1 to 8 wanted");
        if (spec.shape[0] != -1)
            refuse(name + ": first extent " + std::to_string(spec.shape[0]) + " given, -1 (rows) wanted");
        for (std::size_t i = 1; i < spec.shape.size(); ++i) {
            if (spec.shape[i] < -1)
                refuse(name + ": extent " + std::to_string(spec.shape[i]) + " given, -1 or more wanted");
        }
    }
}

bool is_column(const TensorSpec& spec) noexcept {
    return spec.shape.size() == 1 || (spec.shape.size() == 2 && spec.shape[1] == 1);
}

void check_features(const Signature& signature) {
    if (signature.features.empty()) return;
    check_unique("feature", signature.features);
    if (signature.inputs.size() != 1)
        refuse("features name the columns of one dense input, " + std::to_string(signature.inputs.size()) +
               " inputs given");
    const std::int64_t wanted = detail::width_of(signature.inputs[0]);
    const auto given = static_cast<std::int64_t>(signature.features.size());
    if (wanted >= 0 && given != wanted)
        refuse(std::to_string(given) + " features given, input " + detail::quoted(signature.inputs[0].name) + " has " +
               std::to_string(wanted) + " columns");
}

Json specs_to_json(const std::vector<TensorSpec>& specs) {
    Json list = Json::array();
    for (const TensorSpec& spec : specs) {
        Json shape = Json::array();
        for (const std::int64_t extent : spec.shape) shape.push_back(extent);
        list.push_back(Json::object(
            {{"name", spec.name}, {"dtype", to_string(spec.dtype)}, {"shape", shape}, {"unit", spec.unit}}));
    }
    return list;
}

std::vector<TensorSpec> specs_from_json(const Json& json) {
    std::vector<TensorSpec> specs;
    for (const Json& item : json.as_array()) {
        TensorSpec spec;
        spec.name = item.at("name").as_string();
        spec.dtype = parse_dtype(item.at("dtype").as_string());
        for (const Json& extent : item.at("shape").as_array()) spec.shape.push_back(extent.as_int());
        spec.unit = item.at("unit").as_string();
        specs.push_back(std::move(spec));
    }
    return specs;
}

Json classes_to_json(const ClassLabels& classes) {
    Json values = Json::array();
    std::visit(
        [&](const auto& labels) {
            for (const auto& label : labels) values.push_back(label);
        },
        classes);
    return Json::object({{"dtype", classes.index() == 0 ? "int64" : "string"}, {"values", values}});
}

ClassLabels classes_from_json(const Json& json) {
    const std::string& dtype = json.at("dtype").as_string();
    const Json::Array& values = json.at("values").as_array();
    if (dtype == "int64") {
        std::vector<std::int64_t> labels;
        for (const Json& value : values) labels.push_back(value.as_int());
        return labels;
    }
    if (dtype != "string") refuse("classes of dtype " + detail::quoted(dtype) + " given, int64 or string wanted");
    std::vector<std::string> labels;
    for (const Json& value : values) labels.push_back(value.as_string());
    return labels;
}

}  // namespace

std::string_view to_string(Task task) noexcept { return task_names[static_cast<std::size_t>(task)]; }

Task parse_task(std::string_view name) {
    const auto* found = std::find(task_names.begin(), task_names.end(), name);
    if (found == task_names.end())
        throw InvalidArgument("task: " + detail::quoted(name) + " given, classification, regression or other wanted");
    return static_cast<Task>(found - task_names.begin());
}

std::int64_t size(const ClassLabels& labels) noexcept {
    return std::visit([](const auto& list) { return static_cast<std::int64_t>(list.size()); }, labels);
}

std::string label_text(const ClassLabels& labels, std::int64_t i) {
    if (i < 0 || i >= size(labels))
        throw InvalidArgument("class " + std::to_string(i) + " of " + std::to_string(size(labels)) + " classes");
    const auto at = static_cast<std::size_t>(i);
    if (const auto* numbers = std::get_if<0>(&labels)) return std::to_string((*numbers)[at]);
    return std::get<1>(labels)[at];
}

std::int64_t Signature::find_input(std::string_view name) const noexcept { return find(inputs, name); }
std::int64_t Signature::find_output(std::string_view name) const noexcept { return find(outputs, name); }

const TensorSpec& Signature::output(std::string_view name) const {
    const std::int64_t i = find_output(name);
    if (i < 0)
        throw InvalidArgument("output " + detail::quoted(name) + ": the model has " +
                              detail::listed(detail::names_of(outputs)));
    return outputs[static_cast<std::size_t>(i)];
}

void Signature::check() const {
    check_specs("input", inputs);
    check_specs("output", outputs);
    if (inputs.size() > 1) {
        for (const TensorSpec& spec : inputs) {
            if (!is_column(spec))
                refuse("input " + detail::quoted(spec.name) +
                       ": one of several inputs must have the shape (rows) or (rows, 1)");
        }
    }
    check_features(*this);
    if (!prediction.empty() && find_output(prediction) < 0)
        refuse("prediction is " + detail::quoted(prediction) + ", the outputs are " +
               detail::listed(detail::names_of(outputs)));
    if (probability.empty()) return;
    if (find_output(probability) < 0)
        refuse("probability is " + detail::quoted(probability) + ", the outputs are " +
               detail::listed(detail::names_of(outputs)));
    const std::int64_t width = detail::width_of(output(probability));
    if (size(classes) > 0 && width >= 0 && width != size(classes))
        refuse("output " + detail::quoted(probability) + " has " + std::to_string(width) + " columns for " +
               std::to_string(size(classes)) + " classes");
}

Json Signature::to_json() const {
    Json names = Json::array();
    for (const std::string& feature : features) names.push_back(feature);
    return Json::object({{"task", to_string(task)},
                         {"inputs", specs_to_json(inputs)},
                         {"outputs", specs_to_json(outputs)},
                         {"features", names},
                         {"classes", classes_to_json(classes)},
                         {"prediction", prediction},
                         {"probability", probability}});
}

Signature Signature::from_json(const Json& json) {
    Signature signature;
    signature.task = parse_task(json.at("task").as_string());
    signature.inputs = specs_from_json(json.at("inputs"));
    signature.outputs = specs_from_json(json.at("outputs"));
    for (const Json& feature : json.at("features").as_array()) signature.features.push_back(feature.as_string());
    signature.classes = classes_from_json(json.at("classes"));
    signature.prediction = json.at("prediction").as_string();
    signature.probability = json.at("probability").as_string();
    signature.check();
    return signature;
}

}  // namespace holdfast

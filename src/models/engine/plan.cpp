#include "models/engine/plan.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include <holdfast/base/error.hpp>
#include <holdfast/models/form_fields.hpp>

#include "models/engine/limits.hpp"
#include "models/text.hpp"

namespace holdfast::engine {
namespace {

using Names = std::map<std::string_view, std::size_t>;

[[noreturn]] void refuse(const std::string& what) { throw InvalidArgument("graph: " + what); }

std::string describe(const Graph& graph, std::size_t i) {
    return "node " + std::to_string(i) + " (" + std::string(forms::name_of(graph.nodes[i].form)) + ")";
}

ValueType type_of(const TensorSpec& spec) {
    const std::int64_t width = detail::width_of(spec);
    if (!is_value_dtype(spec.dtype))
        refuse(detail::quoted(spec.name) + ": dtype " + std::string(to_string(spec.dtype)) +
               " given, bool, int64, float32, float64 or string wanted");
    if (width < 0 || width > max_width)
        refuse(detail::quoted(spec.name) + ": shape " + detail::describe_shape(spec.shape) + " given, at most " +
               std::to_string(max_width) + " columns, all known, wanted");
    return {spec.dtype, width};
}

PlannedNode plan_node(const Node& node, const Names& names) {
    if (node.outputs.size() != 1)
        throw InvalidArgument(std::to_string(node.outputs.size()) + " outputs given, 1 wanted");
    if (node.outputs[0].empty()) throw InvalidArgument("an output without a name");
    if (names.contains(node.outputs[0]))
        throw InvalidArgument("value " + detail::quoted(node.outputs[0]) + " is written twice");
    PlannedNode planned;
    for (const std::string& input : node.inputs) {
        const auto found = names.find(input);
        if (found == names.end())
            throw InvalidArgument("value " + detail::quoted(input) + " is not an input and no node before writes it");
        planned.inputs.push_back(found->second);
    }
    return planned;
}

void plan_outputs(const Graph& graph, const Names& names, Plan& plan) {
    for (const TensorSpec& spec : graph.signature.outputs) {
        const auto found = names.find(spec.name);
        if (found == names.end()) refuse("no node writes output " + detail::quoted(spec.name));
        const ValueType wanted = type_of(spec);
        const ValueType seen = plan.values[found->second];
        if (wanted != seen)
            refuse("output " + detail::quoted(spec.name) + ": the signature says " +
                   std::string(to_string(wanted.dtype)) + " of " + std::to_string(wanted.width) +
                   " columns, the node writes " + std::string(to_string(seen.dtype)) + " of " +
                   std::to_string(seen.width));
        plan.outputs.push_back(found->second);
    }
}

}  // namespace

Plan plan(const Graph& graph) {
    graph.signature.check();
    if (static_cast<std::int64_t>(graph.nodes.size()) > max_nodes)
        refuse(std::to_string(graph.nodes.size()) + " nodes given, at most " + std::to_string(max_nodes) + " wanted");
    Plan plan;
    Names names;
    std::int64_t row_width = 0;
    for (const TensorSpec& spec : graph.signature.inputs) {
        names.emplace(spec.name, plan.values.size());
        plan.values.push_back(type_of(spec));
        row_width += plan.values.back().width;
    }
    std::vector<ValueType> types;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        try {
            PlannedNode planned = plan_node(node, names);
            types.clear();
            for (const std::size_t input : planned.inputs) types.push_back(plan.values[input]);
            planned.output = plan.values.size();
            plan.values.push_back(infer(node.form, types));
            plan.nodes.push_back(std::move(planned));
        } catch (const InvalidArgument& error) {
            refuse(describe(graph, i) + ": " + error.what());
        }
        names.emplace(node.outputs[0], plan.values.size() - 1);
        row_width += plan.values.back().width;
        if (plan.values.back().width > max_width || row_width > max_row_width)
            refuse(describe(graph, i) + ": " + std::to_string(plan.values.back().width) + " columns (" +
                   std::to_string(row_width) + " so far) are beyond the limit");
    }
    plan_outputs(graph, names, plan);
    return plan;
}

Needs needs_of(const Plan& plan, std::span<const std::size_t> values) {
    std::vector<std::uint8_t> needed(plan.values.size());
    for (const std::size_t value : values) needed[value] = 1;
    Needs needs;
    for (std::size_t i = plan.nodes.size(); i-- > 0;) {
        if (needed[plan.nodes[i].output] == 0) continue;
        needs.steps.push_back(i);
        for (const std::size_t input : plan.nodes[i].inputs) needed[input] = 1;
    }
    std::ranges::reverse(needs.steps);
    for (std::size_t i = 0; i < plan.values.size() - plan.nodes.size(); ++i) {
        if (needed[i] != 0) needs.inputs.push_back(i);
    }
    return needs;
}

}  // namespace holdfast::engine

namespace holdfast {

void Graph::check() const { static_cast<void>(engine::plan(*this)); }

}  // namespace holdfast

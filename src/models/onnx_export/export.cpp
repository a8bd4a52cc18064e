#include <algorithm>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/models/form_fields.hpp>
#include <holdfast/models/save.hpp>

#include "models/engine/plan.hpp"
#include "models/onnx_export/forms.hpp"
#include "models/onnx_export/losses.hpp"
#include "models/text.hpp"

namespace holdfast {
namespace {

using onnx_export::Error;
using onnx_export::File;
using onnx_export::Operand;

/// The values that the outputs are made of.
std::vector<bool> needed_values(const engine::Plan& plan) {
    std::vector<bool> needed(plan.values.size(), false);
    for (const std::size_t output : plan.outputs) needed[output] = true;
    for (auto node = plan.nodes.rbegin(); node != plan.nodes.rend(); ++node) {
        if (!needed[node->output]) continue;
        for (const std::size_t input : node->inputs) needed[input] = true;
    }
    return needed;
}

class GraphWriter {
  public:
    explicit GraphWriter(const Graph& graph)
        : graph_(graph),
          plan_(engine::plan(graph)),
          file_(graph.signature),
          names_(plan_.values.size()),
          errors_(plan_.values.size()) {}

    OnnxFile write() {
        const std::vector<bool> needed = needed_values(plan_);
        for (std::size_t i = 0; i < graph_.signature.inputs.size(); ++i) {
            if (needed[i]) names_[i] = matrix_of(graph_.signature.inputs[i], plan_.values[i].width);
        }
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            if (needed[plan_.nodes[i].output]) write_node(i);
        }
        OnnxFile out;
        for (std::size_t i = 0; i < plan_.outputs.size(); ++i) write_output(i, out.losses);
        out.bytes = file_.finish(graph_.source);
        return out;
    }

  private:
    /// (rows, width) of an input of any shape.
    std::string matrix_of(const TensorSpec& spec, std::int64_t width) {
        return spec.shape.size() == 2 ? spec.name : file_.reshape(spec.name, {0, width});
    }

    void write_node(std::size_t i) {
        const engine::PlannedNode& planned = plan_.nodes[i];
        std::vector<Operand> operands;
        std::vector<Error> errors;
        for (const std::size_t input : planned.inputs) {
            operands.push_back({names_[input], plan_.values[input]});
            errors.push_back(errors_[input]);
        }
        const Form& form = graph_.nodes[i].form;
        try {
            names_[planned.output] = write_form(form, operands);
        } catch (const Unsupported& error) {
            throw Unsupported("ONNX export: node " + std::to_string(i) + " (" + std::string(forms::name_of(form)) +
                              "): " + error.what());
        }
        errors_[planned.output] = onnx_export::error_of(form, errors);
    }

    std::string write_form(const Form& form, const std::vector<Operand>& operands) {
        if (const auto* lookup = std::get_if<forms::Lookup>(&form))
            return write_lookup(file_, *lookup, operands, lookup->labels == graph_.signature.classes);
        return std::visit(
            [&]<class One>(const One& one) -> std::string {
                if constexpr (std::is_same_v<One, forms::Lookup>) {
                    return {};
                } else {
                    return onnx_export::write(file_, one, operands);
                }
            },
            form);
    }

    void write_output(std::size_t i, std::vector<ExportLoss>& losses) {
        const TensorSpec& spec = graph_.signature.outputs[i];
        const std::size_t value = plan_.outputs[i];
        if (value < graph_.signature.inputs.size())
            throw Unsupported("ONNX export: output " + detail::quoted(spec.name) + " is the input of that name");
        std::vector<std::int64_t> shape = spec.shape;
        shape[0] = 0;  // as many rows
        file_.name_output(shape.size() == 2 ? names_[value] : file_.reshape(names_[value], shape), spec.name);
        const Error& error = errors_[value];
        if (error.is_none()) return;
        std::string what;
        for (const std::string& reason : error.reasons) what += (what.empty() ? "" : "; ") + reason;
        losses.push_back({spec.name, std::move(what), error.absolute, error.relative});
    }

    const Graph& graph_;
    engine::Plan plan_;
    File file_;
    std::vector<std::string> names_;
    std::vector<Error> errors_;
};

}  // namespace

OnnxFile encode_onnx(const Graph& graph) { return GraphWriter(graph).write(); }

std::vector<ExportLoss> save_onnx(const Model& model, const std::filesystem::path& path) {
    if (model.graph() == nullptr)
        throw Unsupported("model of backend " + detail::quoted(model.backend()) + " has no graph; " +
                          detail::quoted(path.string()) + " needs one");
    OnnxFile file = encode_onnx(*model.graph());
    write_file_atomically(path, std::span<const std::byte>(file.bytes));
    return std::move(file.losses);
}

std::vector<ExportLoss> save_model(const Model& model, const std::filesystem::path& path) {
    const std::string ending = path.extension().string();
    if (ending == ".onnx") return save_onnx(model, path);
    if (ending != ".hfm")
        throw Unsupported("model file " + detail::quoted(path.string()) + ": ending " + detail::quoted(ending) +
                          " given, .hfm or .onnx wanted");
    save_hfm(model, path);
    return {};
}

}  // namespace holdfast

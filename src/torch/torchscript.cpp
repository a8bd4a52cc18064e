#include "torch/torchscript.hpp"

#include <algorithm>
#include <utility>

#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/serialization/import.h>

#include <holdfast/base/error.hpp>

#include "torch/bytes_reader.hpp"
#include "torch/dtypes.hpp"
#include "torch/failure.hpp"
#include "torch/text.hpp"
#include "torch/torch_model.hpp"

namespace holdfast::torch_backend {
namespace {

/// Names of the tensors that `forward` takes; Unsupported where it wants something else.
std::vector<std::string> arguments_of(const c10::FunctionSchema& schema, const std::string& what) {
    std::vector<std::string> names;
    for (std::size_t i = 1; i < schema.arguments().size(); ++i) {  // the first is the module
        const c10::Argument& argument = schema.arguments()[i];
        const bool tensor = argument.type()->kind() == c10::TypeKind::TensorType;
        if (argument.default_value() && !tensor) continue;
        if (!tensor || argument.kwarg_only())
            throw Unsupported(what + ": forward takes the argument " + in_quotes(argument.name()) + " of type " +
                              argument.type()->str() + ", positional tensors wanted");
        if (!names.empty() && names.size() != i - 1) break;  // behind an argument that keeps its default
        names.push_back(argument.name());
    }
    return names;
}

/// "y0", ... for a tensor or a tuple of tensors; empty for a dict or a list.
std::optional<std::vector<std::string>> results_of(const c10::FunctionSchema& schema, const std::string& what) {
    if (schema.returns().size() != 1) throw Unsupported(what + ": forward returns nothing, tensors wanted");
    const c10::TypePtr type = schema.returns()[0].type();
    if (type->kind() == c10::TypeKind::TensorType) return std::vector<std::string>{"y0"};
    const auto is_tensor = [](const c10::TypePtr& part) { return part->kind() == c10::TypeKind::TensorType; };
    if (type->kind() == c10::TypeKind::TupleType && std::ranges::all_of(type->containedTypes(), is_tensor)) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < type->containedTypes().size(); ++i) names.push_back("y" + std::to_string(i));
        return names;
    }
    const bool of_tensors = !type->containedTypes().empty() && is_tensor(type->containedTypes().back());
    if (of_tensors && (type->kind() == c10::TypeKind::ListType || type->kind() == c10::TypeKind::DictType))
        return std::nullopt;
    throw Unsupported(what + ": forward returns " + type->str() +
                      ", a tensor, or a tuple, list or dict of tensors wanted");
}

std::optional<DType> parameter_dtype(const torch::jit::Module& module) {
    for (const at::Tensor& parameter : module.parameters()) {
        if (parameter.is_floating_point()) return dtype_of_scalar(parameter.scalar_type());
    }
    return std::nullopt;
}

/// Whether `forward` may write into its arguments, which are the caller's memory.
bool writes_inputs(const torch::jit::Module& module) try {
    const auto graph = module.get_method("forward").graph()->copy();
    torch::jit::Inline(*graph);
    const torch::jit::AliasDb aliases(graph);
    const auto inputs = graph->inputs().slice(1);
    return std::ranges::any_of(inputs, [&](const torch::jit::Value* input) { return aliases.hasWriters(input); });
} catch (const c10::Error&) {
    return true;  // an analysis that gave up
}

class TorchScriptModel final : public TorchModel {
  public:
    TorchScriptModel(torch::jit::Module module, Chosen chosen, const LoadOptions& options, const std::string& what)
        : TorchModel(std::move(chosen), options, what),
          module_(std::move(module)),
          forward_(module_.get_method("forward")),
          writes_inputs_(writes_inputs(module_)),
          takes_all_(forward_.function().getSchema().arguments().size() == signature().inputs.size() + 1) {}

  private:
    std::vector<at::Tensor> forward(std::vector<at::Tensor> arguments) const override {
        torch::jit::Stack stack;
        stack.reserve(arguments.size() + 1);
        if (takes_all_) stack.emplace_back(module_._ivalue());
        for (at::Tensor& argument : arguments)
            stack.emplace_back(writes_inputs_ ? argument.clone() : std::move(argument));
        if (!takes_all_) return results(forward_(std::move(stack)));
        forward_.function().run(stack);  // nothing to look up: every argument is there, and is a tensor
        return results(stack.front());
    }

    [[nodiscard]] std::vector<at::Tensor> results(const c10::IValue& value) const {
        if (value.isTensor()) return std::vector<at::Tensor>(1, value.toTensor());
        if (value.isGenericDict()) return by_key(value.toGenericDict());
        std::vector<at::Tensor> given;
        if (value.isTuple()) {
            for (const c10::IValue& item : value.toTupleRef().elements()) given.push_back(item.toTensor());
        } else {
            given = value.toTensorVector();
        }
        if (given.size() != signature().outputs.size())
            throw InvalidArgument(what() + ": forward gave " + std::to_string(given.size()) +
                                  " tensors, the signature has " + std::to_string(signature().outputs.size()) +
                                  " outputs");
        if (chosen().outputs.empty()) return given;
        std::vector<at::Tensor> ordered;
        for (const std::size_t i : chosen().outputs) ordered.push_back(given[i]);
        return ordered;
    }

    [[nodiscard]] std::vector<at::Tensor> by_key(const c10::Dict<c10::IValue, c10::IValue>& dict) const {
        std::vector<at::Tensor> given;
        for (const TensorSpec& spec : signature().outputs) {
            const auto found = dict.find(spec.name);
            if (found == dict.end()) refuse_keys(spec.name, dict);
            given.push_back(found->value().toTensor());
        }
        return given;
    }

    [[noreturn]] void refuse_keys(const std::string& name, const c10::Dict<c10::IValue, c10::IValue>& dict) const {
        std::string keys;
        for (const auto& entry : dict) {
            keys += keys.empty() ? "" : ", ";
            keys += entry.key().isString() ? in_quotes(entry.key().toStringRef()) : "a key that is no text";
        }
        throw InvalidArgument(what() + ": the signature has the output " + in_quotes(name) +
                              ", forward gave a dict of " + keys);
    }

    torch::jit::Module module_;
    torch::jit::Method forward_;
    bool writes_inputs_;
    bool takes_all_;  // no argument keeps its default
};

}  // namespace

std::shared_ptr<const Model> load_torchscript(const ModelFile& file, const LoadOptions& options) {
    const std::string what = name_of(file);
    const c10::Device device = check_options(options);
    torch::jit::ExtraFilesMap extra{{signature_key, ""}};
    return translated(ErrorCode::corrupt_artifact, what, [&]() -> std::shared_ptr<const Model> {
        const c10::InferenceMode inference;  // else each operator that meets a parameter thinks of its gradient
        torch::jit::Module module = torch::jit::load(std::make_shared<BytesReader>(file.bytes), device, extra);
        module.eval();
        const auto forward = module.find_method("forward");
        if (!forward) throw Unsupported(what + ": the module has no method forward");
        const c10::FunctionSchema& schema = forward->function().getSchema();
        const Description description{arguments_of(schema, what), results_of(schema, what), parameter_dtype(module),
                                      extra[signature_key]};
        return std::make_shared<const TorchScriptModel>(std::move(module), choose_signature(description, options, what),
                                                        options, what);
    });
}

}  // namespace holdfast::torch_backend

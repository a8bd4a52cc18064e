#include "torch/torch_model.hpp"

#include <utility>

#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

#include <holdfast/base/error.hpp>
#include <holdfast/torch/backend.hpp>

#include "torch/failure.hpp"
#include "torch/inputs.hpp"
#include "torch/outputs.hpp"
#include "torch/text.hpp"
#include "torch/threads.hpp"

namespace holdfast::torch_backend {

std::string name_of(const ModelFile& file) { return "model file " + in_quotes(file.path.string()); }

c10::Device check_options(const LoadOptions& options) {
    if (options.threads < 1)
        throw InvalidArgument("threads: " + std::to_string(options.threads) + " given, 1 or more wanted");
    const std::string what = "device " + in_quotes(options.device);
    const c10::Device device =
        translated(ErrorCode::invalid_argument, what, [&] { return c10::Device(options.device); });
    if (!device.is_cpu()) translated(ErrorCode::unavailable, what, [&] { return at::empty({1}, at::device(device)); });
    return device;
}

TorchModel::TorchModel(Chosen chosen, const LoadOptions& options, std::string what)
    : Model(chosen.signature),
      chosen_(std::move(chosen)),
      what_(std::move(what)),
      guard_(what_),
      device_(options.device),
      threads_(options.threads) {}

std::string TorchModel::arithmetic() const { return "torch-" + built_for() + "/" + device_.str(); }

template <class F>
void TorchModel::guarded(F&& f) const {
    guard_.check();
    const ThreadCount threads(threads_);
    translated(ErrorCode::invalid_argument, what_, [&] {
        const c10::InferenceMode inference;
        f();
    });
}

std::vector<at::Tensor> TorchModel::results(const Batch& batch, LentTensor& lent) const {
    std::vector<at::Tensor> inputs = tensors_of(signature(), batch, lent);
    if (!device_.is_cpu()) {
        for (at::Tensor& input : inputs) input = input.to(device_);
    }
    if (inputs.size() == 1) return forward(std::move(inputs));
    std::vector<at::Tensor> arguments;
    for (const std::size_t i : chosen_.inputs) arguments.push_back(std::move(inputs[i]));
    return forward(std::move(arguments));
}

void TorchModel::do_run(const Batch& batch, Outputs& out) const {
    guarded([&] {
        LentTensor lent(kept_);  // until no result is left
        const std::vector<at::Tensor> given = results(batch, lent);
        for (std::size_t i = 0; i < given.size(); ++i) {
            const TensorSpec& spec = signature().outputs[i];
            if (out.wants(spec.name)) write_output(spec, given[i], batch.rows(), chosen_.derived, out);
        }
    });
}

bool TorchModel::do_run_into(std::int64_t i, const Batch& batch, const TensorView& out) const {
    if (!out.writable()) return false;
    guarded([&] {
        const auto output = static_cast<std::size_t>(i);
        LentTensor lent(kept_);  // until no result is left
        const at::Tensor given = results(batch, lent).at(output);
        const TensorSpec& spec = signature().outputs[output];
        if (copy_plain(spec, given, batch.rows(), out)) return;
        Outputs outputs;
        outputs.into(spec.name, out);
        write_output(spec, given, batch.rows(), chosen_.derived, outputs);
    });
    return true;
}

}  // namespace holdfast::torch_backend

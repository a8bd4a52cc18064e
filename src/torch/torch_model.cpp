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

void TorchModel::do_run(const Batch& batch, Outputs& out) const {
    guard_.check();
    const ThreadCount threads(threads_);
    translated(ErrorCode::invalid_argument, what_, [&] { compute(batch, out); });
}

void TorchModel::compute(const Batch& batch, Outputs& out) const {
    const c10::InferenceMode inference;
    const std::vector<at::Tensor> inputs = tensors_of(signature(), batch);
    std::vector<at::Tensor> arguments;
    for (const std::size_t i : chosen_.inputs) arguments.push_back(inputs[i].to(device_));
    const std::vector<at::Tensor> results = forward(std::move(arguments));
    for (std::size_t i = 0; i < results.size(); ++i) {
        const TensorSpec& spec = signature().outputs[i];
        if (out.wants(spec.name)) write_output(spec, results[i], batch.rows(), chosen_.derived, out);
    }
}

}  // namespace holdfast::torch_backend

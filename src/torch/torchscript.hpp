/// TorchScript `.pt`: as torch.jit.save writes it.
#pragma once

#include <memory>

#include <holdfast/models/load.hpp>

namespace holdfast::torch_backend {

[[nodiscard]] std::shared_ptr<const Model> load_torchscript(const ModelFile& file, const LoadOptions& options);

}  // namespace holdfast::torch_backend

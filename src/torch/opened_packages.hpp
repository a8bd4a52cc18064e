/// AOTInductor packages that this process has opened: each once, by its hash and device.
#pragma once

#include <memory>
#include <span>

#include <c10/core/Device.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <holdfast/base/hash.hpp>

namespace holdfast::torch_backend {

using OpenedPackage = std::shared_ptr<torch::inductor::AOTIModelPackageLoader>;

/// Opens the package from a private copy of `bytes`, or gives the one that is open: while a model holds it, and a few
/// of those opened last beyond that. Throws what LibTorch throws. Safe from several threads.
[[nodiscard]] OpenedPackage open_package(std::span<const std::byte> bytes, const Digest& sha256, c10::Device device);

}  // namespace holdfast::torch_backend

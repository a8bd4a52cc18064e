/// AOTInductor packages `.pt2`: as torch._inductor.aoti_compile_and_package writes them.
#pragma once

#include <memory>

#include <holdfast/models/load.hpp>

namespace holdfast::torch_backend {

[[nodiscard]] std::shared_ptr<const Model> load_aoti(const ModelFile& file, const LoadOptions& options);

}  // namespace holdfast::torch_backend

#include <cstdlib>
#include <mutex>
#include <string>

#include <torch/csrc/api/include/torch/version.h>

#include <holdfast/torch/backend.hpp>

#include "torch/aoti.hpp"
#include "torch/threads.hpp"
#include "torch/torchscript.hpp"

namespace holdfast::torch_backend {
namespace {

void prepare() {
    static std::once_flag once;
    std::call_once(once, [] {
        ::setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", 0);
        remember_process();
    });
}

/// Endings are told apart as the registry tells them: in any case.
bool is_package(const std::filesystem::path& path) { return path.extension().string().ends_with('2'); }

}  // namespace

Backend backend() { return {.name = "torch", .endings = {".pt", ".pt2"}, .carries_code = true, .load = load}; }

std::shared_ptr<const Model> load(const ModelFile& file, const LoadOptions& options) {
    prepare();
    return is_package(file.path) ? load_aoti(file, options) : load_torchscript(file, options);
}

void register_backends() {
    static std::once_flag once;
    std::call_once(once, [] {
        prepare();
        register_backend(backend());
    });
}

std::string built_for() {
    return std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) + "." +
           std::to_string(TORCH_VERSION_PATCH);
}

}  // namespace holdfast::torch_backend

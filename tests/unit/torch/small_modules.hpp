/// TorchScript files, made where they are needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <holdfast/base/file.hpp>
#include <holdfast/models/load.hpp>
#include <holdfast/torch/backend.hpp>

namespace holdfast::torch_backend::test {

using Bytes = std::vector<std::byte>;

/// A module with a parameter "w", 1, 2, ..., `width`, as a column, and this code; saved as a file's bytes.
inline Bytes scripted(const std::string& code, std::int64_t width = 2, at::ScalarType type = at::kFloat,
                      const torch::jit::ExtraFilesMap& extra = {}) {
    torch::jit::Module module("Net");
    module.register_parameter("w", at::arange(1, width + 1, at::dtype(type)).unsqueeze(1), false);
    module.define(code + "\n");
    std::ostringstream out;
    module.save(out, extra);
    const std::string text = out.str();
    const auto bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

inline LoadOptions trusted(Signature signature = {}) {
    LoadOptions options;
    options.trusted = true;
    if (!signature.inputs.empty()) options.signature = std::make_shared<const Signature>(std::move(signature));
    return options;
}

inline std::shared_ptr<const Model> load_bytes(const Bytes& bytes, const LoadOptions& options = trusted(),
                                               const std::string& name = "net.pt") {
    register_backends();
    return load_model_bytes(bytes, name, options);
}

inline const std::string product = "def forward(self, x): return x.matmul(self.w)";

/// The message of the E that `f` throws; anything else fails the test.
template <class E, class F>
std::string message_of(F&& f) {
    try {
        f();
    } catch (const E& error) {
        return error.what();
    } catch (const std::exception& error) {
        ADD_FAILURE() << "another exception: " << error.what();
        return {};
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

}  // namespace holdfast::torch_backend::test

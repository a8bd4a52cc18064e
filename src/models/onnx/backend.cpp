#include "models/backends.hpp"

#include <utility>

#include <holdfast/models/load.hpp>

#include "models/onnx/onnx.hpp"

namespace holdfast {

void register_onnx_backend() {
    Backend backend;
    backend.name = "onnx";
    backend.endings = {".onnx"};
    backend.load = [](const ModelFile& file, const LoadOptions&) {
        return compile(onnx::read_graph(file.bytes, file.path.filename().string()), "onnx");
    };
    register_backend(std::move(backend));
}

}  // namespace holdfast

#include <holdfast/models/load.hpp>

#include "models/backends.hpp"
#include "models/onnx/onnx.hpp"

namespace holdfast {

void register_onnx_backend() {
    register_backend({"onnx", {".onnx"}, false, [](const ModelFile& file, const LoadOptions& options) {
                          return load_graph(file, options, "onnx", [&] { return onnx::read_graph(file.bytes); });
                      }});
}

}  // namespace holdfast

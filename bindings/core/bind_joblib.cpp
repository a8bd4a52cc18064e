#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

#include "bindings.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// The Python error as the type that C++ knows it by.
[[noreturn]] void rethrow(py::error_already_set& error) {
    const py::object core = py::module_::import("holdfast._core");
    const auto text = py::str(error.value()).cast<std::string>();
    if (error.matches(core.attr("Unsupported"))) throw Unsupported(text);
    if (error.matches(core.attr("CorruptArtifact"))) throw CorruptArtifact(text);
    if (error.matches(core.attr("InvalidArgument"))) throw InvalidArgument(text);
    throw error;
}

/// What holdfast._joblib makes of the file's bytes.
Graph read_graph(const ModelFile& file) {
    const py::gil_scoped_acquire held;
    try {
        const py::bytes bytes(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
        const py::object model = py::module_::import("holdfast._joblib").attr("read")(bytes, file.path.string());
        return *model.cast<std::shared_ptr<const Model>>()->graph();
    } catch (py::error_already_set& error) {
        rethrow(error);
    }
}

}  // namespace

/// `import holdfast` imports no scikit-learn: the backend that is registered here does, when the first file comes.
void bind_joblib(py::module_& /*module*/) {
    register_backend({.name = "joblib",
                      .endings = {".joblib"},
                      .carries_code = true,
                      .load = [](const ModelFile& file, const LoadOptions& options) {
                          Graph graph = read_graph(file);
                          return load_graph(file, options, "joblib", [&] { return std::move(graph); });
                      }});
}

}  // namespace holdfast::bindings

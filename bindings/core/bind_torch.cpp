#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

#include "bindings.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using Loader = std::shared_ptr<const Model> (*)(const ModelFile&, const LoadOptions&);

/// Imports torch and the module built for it; Unsupported where one of them is not there, or another release.
Loader import_loader() {
    const py::gil_scoped_acquire held;
    try {
        const py::object capsule = py::module_::import("holdfast._torch_backend").attr("ensure_registered")();
        return reinterpret_cast<Loader>(capsule.cast<py::capsule>().get_pointer<void>());
    } catch (py::error_already_set& error) {
        throw Unsupported(py::str(error.value()).cast<std::string>());
    }
}

}  // namespace

/// `import holdfast` imports no torch: the backend that is registered here does, when the first file comes.
void bind_torch(py::module_& /*module*/) {
    register_backend(
        {.name = "torch",
         .endings = {".pt", ".pt2"},
         .carries_code = true,
         .load = [](const ModelFile& file, const LoadOptions& options) { return import_loader()(file, options); }});
}

}  // namespace holdfast::bindings

#include <pybind11/pybind11.h>

#include <holdfast/torch/backend.hpp>

namespace py = pybind11;

PYBIND11_MODULE(_torch, module) {
    module.doc() = "LibTorch's half of holdfast, loaded with the first .pt or .pt2 file.";
    module.def("built_for", &holdfast::torch_backend::built_for,
               "The release of torch that this module was built for.");
    module.def(
        "loader",
        [] { return py::capsule(reinterpret_cast<void*>(&holdfast::torch_backend::load), "holdfast.loader"); },
        "What holdfast._core calls to load a file.");
    module.def("close_unused_packages", &holdfast::torch_backend::close_unused_packages,
               "Closes the AOTInductor packages that no model holds; done by itself at exit.");
    py::module_::import("atexit").attr("register")(module.attr("close_unused_packages"));
}

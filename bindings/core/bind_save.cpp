#include <pybind11/stl.h>

#include <array>
#include <charconv>
#include <string>

#include <holdfast/models/save.hpp>

#include "models_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

std::string digits(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 3);
    return std::string(text.data(), end.ptr);
}

std::string bound_of(const ExportLoss& loss) {
    if (loss.relative == 0.0) return digits(loss.absolute);
    const std::string share = digits(loss.relative) + " of its value";
    return loss.absolute == 0.0 ? share : digits(loss.absolute) + " and " + share;
}

std::string describe(const ExportLoss& loss) {
    return "output \"" + loss.output + "\" may differ by " + bound_of(loss) + ": " + loss.what;
}

void warn(const std::filesystem::path& path, const std::vector<ExportLoss>& losses) {
    for (const ExportLoss& loss : losses) {
        const std::string text = "model file \"" + path.string() + "\": " + describe(loss);
        if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 1) < 0) throw py::error_already_set();
    }
}

}  // namespace

std::vector<ExportLoss> save(const Model& model, const std::filesystem::path& path) {
    std::vector<ExportLoss> losses;
    {
        const py::gil_scoped_release released;
        losses = save_model(model, path);
    }
    warn(path, losses);
    return losses;
}

void bind_save(py::module_& module) {
    py::class_<ExportLoss>(module, "ExportLoss", R"(How far an output of a saved file may be from the model's own.

At most `absolute + relative * abs(value)`, in every row whose comparisons (splits, votes, ties of labels) of inexact
values are no closer than the errors of these.
)")
        .def_readonly("output", &ExportLoss::output)
        .def_readonly("what", &ExportLoss::what)
        .def_readonly("absolute", &ExportLoss::absolute)
        .def_readonly("relative", &ExportLoss::relative)
        .def("__repr__", [](const ExportLoss& loss) { return "ExportLoss(" + describe(loss) + ")"; });
}

}  // namespace holdfast::bindings

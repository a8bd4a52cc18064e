#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/models/signature.hpp>

#include "convert.hpp"
#include "models_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

std::string describe(const TensorSpec& spec) {
    std::string out = "\"" + spec.name + "\": " + std::string(to_string(spec.dtype)) + "[rows";
    for (std::size_t i = 1; i < spec.shape.size(); ++i)
        out += ", " + (spec.shape[i] < 0 ? std::string("any") : std::to_string(spec.shape[i]));
    return out + "]" + (spec.unit.empty() ? "" : " " + spec.unit);
}

std::string describe(const std::vector<TensorSpec>& specs) {
    std::string out;
    for (const TensorSpec& spec : specs) out += (out.empty() ? "" : ", ") + describe(spec);
    return "[" + out + "]";
}

Signature make_signature(std::vector<TensorSpec> inputs, std::vector<TensorSpec> outputs,
                         std::vector<std::string> features, const py::object& classes, std::string prediction,
                         std::string probability, const std::string& task) {
    Signature signature;
    signature.task = parse_task(task);
    signature.inputs = std::move(inputs);
    signature.outputs = std::move(outputs);
    signature.features = std::move(features);
    if (!classes.is_none()) signature.classes = to_labels(classes);
    signature.prediction = std::move(prediction);
    signature.probability = std::move(probability);
    signature.check();
    return signature;
}

}  // namespace

DType to_dtype(py::handle value) {
    if (py::isinstance<py::str>(value)) {
        const auto name = value.cast<std::string>();
        return name == "str" ? DType::string : parse_dtype(name);
    }
    const auto dtype = py::dtype::from_args(py::reinterpret_borrow<py::object>(value));
    if (dtype.kind() == 'U' || dtype.kind() == 'O') return DType::string;
    return parse_dtype(py::str(dtype.attr("name")).cast<std::string>());
}

ClassLabels to_labels(py::handle value) {
    const py::list items = py::module_::import("numpy").attr("asarray")(value).attr("tolist")();
    std::vector<std::int64_t> numbers;
    std::vector<std::string> texts;
    for (const py::handle item : items) {
        if (py::isinstance<py::str>(item)) {
            texts.push_back(item.cast<std::string>());
        } else if (py::isinstance<py::bool_>(item) || py::isinstance<py::int_>(item)) {
            numbers.push_back(item.cast<std::int64_t>());
        } else {
            throw InvalidArgument("class label " + py::repr(item).cast<std::string>() +
                                  " given, an integer or a str wanted");
        }
    }
    if (!numbers.empty() && !texts.empty())
        throw InvalidArgument("class labels: integers and str given, labels of one type wanted");
    if (!texts.empty()) return texts;
    return numbers;
}

py::list from_labels(const ClassLabels& labels) {
    return std::visit([](const auto& values) { return py::list(py::cast(values)); }, labels);
}

std::string describe(const Signature& signature) {
    std::string out = "Signature(inputs=" + describe(signature.inputs) + ", outputs=" + describe(signature.outputs);
    if (size(signature.classes) > 0) out += ", classes=" + py::repr(from_labels(signature.classes)).cast<std::string>();
    return out + ")";
}

void bind_signature(py::module_& module) {
    py::class_<TensorSpec>(module, "TensorSpec",
                           "Name, dtype and shape of one input or output; the first axis, -1, is rows.")
        .def(py::init([](std::string name, const py::object& dtype, std::vector<std::int64_t> shape, std::string unit) {
                 return TensorSpec{std::move(name), to_dtype(dtype), std::move(shape), std::move(unit)};
             }),
             py::arg("name"), py::arg("dtype") = "float64", py::arg("shape") = std::vector<std::int64_t>{-1},
             py::arg("unit") = "")
        .def_property_readonly("name", [](const TensorSpec& spec) { return spec.name; })
        .def_property_readonly("dtype", [](const TensorSpec& spec) { return std::string(to_string(spec.dtype)); })
        .def_property_readonly("shape", [](const TensorSpec& spec) { return py::tuple(py::cast(spec.shape)); })
        .def_property_readonly("unit", [](const TensorSpec& spec) { return spec.unit; })
        .def(
            "__eq__", [](const TensorSpec& a, const TensorSpec& b) { return a == b; }, py::is_operator())
        .def("__repr__", [](const TensorSpec& spec) { return "TensorSpec(" + describe(spec) + ")"; });

    py::classh<Signature>(module, "Signature", "What goes into a model and what comes out, by name.")
        .def(py::init(&make_signature), py::arg("inputs"), py::arg("outputs"),
             py::arg("features") = std::vector<std::string>{}, py::arg("classes") = py::none(),
             py::arg("prediction") = "", py::arg("probability") = "", py::arg("task") = "other")
        .def_property_readonly("inputs", [](const Signature& s) { return s.inputs; })
        .def_property_readonly("outputs", [](const Signature& s) { return s.outputs; })
        .def_property_readonly("features", [](const Signature& s) { return s.features; })
        .def_property_readonly("classes", [](const Signature& s) { return from_labels(s.classes); })
        .def_property_readonly("prediction", [](const Signature& s) { return s.prediction; })
        .def_property_readonly("probability", [](const Signature& s) { return s.probability; })
        .def_property_readonly("task", [](const Signature& s) { return std::string(to_string(s.task)); })
        .def(
            "to_json", [](const Signature& s) { return s.to_json(); }, "The stored form, as plain Python values.")
        .def_static(
            "from_json", [](const Json& json) { return Signature::from_json(json); }, py::arg("json"))
        .def(
            "__eq__", [](const Signature& a, const Signature& b) { return a == b; }, py::is_operator())
        .def("__repr__", [](const Signature& s) { return describe(s); });
}

}  // namespace holdfast::bindings

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <limits>
#include <type_traits>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/models/form_fields.hpp>
#include <holdfast/models/load.hpp>

#include "convert_data.hpp"
#include "models_parts.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

py::array as_array(py::handle value) {
    return py::module_::import("numpy").attr("asarray")(value).attr("ravel")().cast<py::array>();
}

[[noreturn]] void refuse(std::string_view field, const std::string& seen, const std::string& wanted) {
    throw InvalidArgument("field \"" + std::string(field) + "\": " + seen + " given, " + wanted + " wanted");
}

// A field from a Python value, by the field's type.
void set(std::string_view, py::handle value, bool& field) { field = value.cast<bool>(); }
void set(std::string_view, py::handle value, std::int64_t& field) { field = value.cast<std::int64_t>(); }
void set(std::string_view, py::handle value, double& field) { field = value.cast<double>(); }
void set(std::string_view, py::handle value, DType& field) { field = to_dtype(value); }
void set(std::string_view, py::handle value, ClassLabels& field) { field = to_labels(value); }

void set(std::string_view name, py::handle value, std::vector<double>& field) {
    const py::array given = as_array(value);
    if (given.size() > 0 && std::string_view("biuf").find(given.dtype().kind()) == std::string_view::npos)
        refuse(name, "dtype " + py::str(given.dtype()).cast<std::string>(), "numbers");
    const auto numbers = py::array_t < double, py::array::c_style | py::array::forcecast > ::ensure(given);
    if (!numbers) throw py::error_already_set();
    field.assign(numbers.data(), numbers.data() + numbers.size());
}

template <class T>
    requires std::is_integral_v<T>
void set(std::string_view name, py::handle value, std::vector<T>& field) {
    const py::array given = as_array(value);
    if (given.size() > 0 && std::string_view("biu").find(given.dtype().kind()) == std::string_view::npos)
        refuse(name, "dtype " + py::str(given.dtype()).cast<std::string>(), "integers");
    const auto numbers = py::array_t < std::int64_t, py::array::c_style | py::array::forcecast > ::ensure(given);
    if (!numbers) throw py::error_already_set();
    field.clear();
    field.reserve(static_cast<std::size_t>(numbers.size()));
    for (py::ssize_t i = 0; i < numbers.size(); ++i) {
        const std::int64_t number = numbers.data()[i];
        if (number < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
            number > static_cast<std::int64_t>(std::numeric_limits<T>::max()))
            refuse(name, std::to_string(number), "a number of " + std::to_string(8 * sizeof(T)) + " bits");
        field.push_back(static_cast<T>(number));
    }
}

template <class E>
    requires std::is_enum_v<E>
void set(std::string_view name, py::handle value, E& field) {
    const auto text = value.cast<std::string>();
    const auto names = forms::names_of(E{});
    std::string known;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == text) {
            field = static_cast<E>(i);
            return;
        }
        known += (i == 0 ? "" : ", ") + std::string(names[i]);
    }
    refuse(name, "\"" + text + "\"", known);
}

template <class E>
    requires std::is_enum_v<E>
void set(std::string_view name, py::handle value, std::vector<E>& field) {
    field.clear();
    for (const py::handle item : value) set(name, item, field.emplace_back());
}

// And back.
py::object get(bool field) { return py::bool_(field); }
py::object get(std::int64_t field) { return py::int_(field); }
py::object get(double field) { return py::float_(field); }
py::object get(DType field) { return py::str(to_string(field)); }
py::object get(const ClassLabels& field) { return from_labels(field); }

template <class T>
    requires std::is_arithmetic_v<T>
py::object get(const std::vector<T>& field) {
    return to_numpy(std::vector<T>(field));
}
template <class E>
    requires std::is_enum_v<E>
py::object get(E field) {
    return py::str(forms::names_of(E{})[static_cast<std::size_t>(field)]);
}
template <class E>
    requires std::is_enum_v<E>
py::object get(const std::vector<E>& field) {
    py::list names;
    for (const E value : field) names.append(get(value));
    return names;
}

template <class One>
void set_fields(One& form, const py::kwargs& given) {
    std::size_t taken = 0;
    std::string known;
    forms::Describe<One>::fields(form, [&](std::string_view name, auto& field) {
        known += (known.empty() ? "" : ", ") + std::string(name);
        const py::str key{std::string(name)};
        if (!given.contains(key)) return;
        set(name, given[key], field);
        ++taken;
    });
    if (taken == given.size()) return;
    for (const auto& item : given) {
        bool found = false;
        forms::Describe<One>::fields(
            form, [&](std::string_view name, const auto&) { found = found || item.first.cast<std::string>() == name; });
        if (!found)
            throw InvalidArgument("form \"" + std::string(forms::Describe<One>::name) + "\" has no field \"" +
                                  item.first.cast<std::string>() + "\"; it has " + (known.empty() ? "none" : known));
    }
}

void add_node(Graph& graph, const std::string& name, std::vector<std::string> inputs, std::vector<std::string> outputs,
              const py::kwargs& fields) {
    std::optional<Form> form = forms::form_named(name);
    if (!form) throw InvalidArgument("form \"" + name + "\" is not known");
    std::visit([&](auto& one) { set_fields(one, fields); }, *form);
    graph.nodes.push_back({std::move(*form), std::move(inputs), std::move(outputs)});
}

Graph with_names(Graph graph, const py::object& features, const py::object& classes) {
    Signature& signature = graph.signature;
    if (!features.is_none()) signature.features = features.cast<std::vector<std::string>>();
    if (classes.is_none()) return graph;
    signature.classes = to_labels(classes);
    for (Node& node : graph.nodes) {
        if (auto* lookup = std::get_if<forms::Lookup>(&node.form)) lookup->labels = signature.classes;
    }
    for (TensorSpec& spec : signature.outputs) {
        if (spec.name == signature.prediction)
            spec.dtype = signature.classes.index() == 0 ? DType::int64 : DType::string;
    }
    return graph;
}

py::list nodes_of(const Graph& graph) {
    py::list nodes;
    for (const Node& node : graph.nodes) {
        py::dict out;
        out["form"] = py::str(forms::name_of(node.form));
        out["reads"] = node.inputs;
        out["writes"] = node.outputs;
        py::dict fields;
        std::visit(
            [&]<class One>(const One& form) {
                forms::Describe<One>::fields(form, [&](std::string_view name, const auto& field) {
                    fields[py::str(std::string(name))] = get(field);
                });
            },
            node.form);
        out["fields"] = fields;
        nodes.append(out);
    }
    return nodes;
}

}  // namespace

void bind_graph(py::module_& module) {
    py::class_<Graph>(module, "Graph",
                      R"(The in-memory form of a classical model: nodes that read and write named values.

>>> import numpy
>>> graph = Graph(Signature([TensorSpec("X", "float64", (-1, 2))], [TensorSpec("y", "float64", (-1, 1))], prediction="y"))
>>> graph.add("linear", ["X"], ["y"], features=2, outputs=1, weights=[1.0, 2.0], intercept=[0.5])
>>> graph.compile().predict(numpy.array([[1.0, 1.0]]))
array([3.5])
)")
        .def(py::init([](Signature signature, std::string source) {
                 return Graph{std::move(signature), {}, std::move(source)};
             }),
             py::arg("signature"), py::arg("source") = "")
        .def("add", &add_node, py::arg("form"), py::arg("reads"), py::arg("writes"),
             py::pos_only(),  // names that no field has
             "Appends a node; the keywords are the form's fields, those left out keep their defaults.")
        .def(
            "with_names", &with_names, py::kw_only(), py::arg("features") = py::none(), py::arg("classes") = py::none(),
            "A copy of a classifier's or regressor's graph with other names of its features, or labels of its classes.")
        .def("check", &Graph::check, "Raises InvalidArgument naming the node that does not fit.")
        .def(
            "compile",
            [](const Graph& graph, std::string backend, int threads) {
                return compile(graph, std::move(backend), threads);
            },
            py::arg("backend") = "native", py::kw_only(), py::arg("threads") = 1,
            R"(The model; a big batch runs on up to `threads` threads, as far as processors are free, with the same bits.

Raises InvalidArgument naming the node that does not fit.)")
        .def_property_readonly("signature", [](const Graph& graph) { return graph.signature; })
        .def_property_readonly("source", [](const Graph& graph) { return graph.source; })
        .def_property_readonly("nodes", &nodes_of,
                               "A copy: one dict a node, what `add` was given: form, reads, writes and fields.")
        .def(
            "to_bytes",
            [](const Graph& graph) {
                const auto bytes = encode_hfm(graph);
                return py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            },
            "The bytes of its .hfm file.")
        .def_static(
            "from_bytes", [](const py::bytes& bytes) { return decode_hfm(as_bytes(std::string_view(bytes)), "bytes"); },
            py::arg("bytes"))
        .def(
            "__eq__", [](const Graph& a, const Graph& b) { return a == b; }, py::is_operator())
        .def("__repr__", [](const Graph& graph) {
            return "Graph(" + std::to_string(graph.nodes.size()) + " nodes, " + describe(graph.signature) + ")";
        });
}

}  // namespace holdfast::bindings

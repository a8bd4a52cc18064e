#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>
#include <pybind11/typing.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/monitor/constraints.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

std::string text_of(const Violation& one) {
    return one.column + ": " + std::string(to_string(one.rule)) + ", " + std::to_string(one.count) + " of " +
           std::to_string(one.rows) + " rows" + (one.violated ? ", violated" : "");
}

void bind_violations(py::module_& module) {
    py::class_<Violation>(module, "Violation", R"doc(How many rows break one rule of one column.

violated: the lower bound of the share, at the check's level, lies above what the rule tolerates.)doc")
        .def_readonly("column", &Violation::column)
        .def_property_readonly(
            "rule", [](const Violation& one) { return to_string(one.rule); },
            "column, type, missing, finite, range, category, unique, increasing or unexpected.")
        .def_readonly("count", &Violation::count)
        .def_readonly("rows", &Violation::rows, "Rows that were looked at: those with a value; for missing, all.")
        .def_readonly("share", &Violation::share, "count / rows.")
        .def_readonly("lower", &Violation::lower, "One-sided bound of the share (Clopper and Pearson 1934).")
        .def_readonly("tolerated", &Violation::tolerated)
        .def_readonly("violated", &Violation::violated)
        .def_readonly("examples", &Violation::examples, "A few values, as text; none of a private column.")
        .def("__repr__", [](const Violation& one) { return "Violation(" + text_of(one) + ")"; });

    py::class_<Violations>(module, "Violations", "The rules that were broken at all, a list of Violation.")
        .def_readonly("rows", &Violations::rows)
        .def_property_readonly("ok", &Violations::ok, "True where no rule is violated.")
        .def("__len__", [](const Violations& found) { return found.violations.size(); })
        .def(
            "__getitem__",
            [](const Violations& found, py::ssize_t at) {
                const auto size = static_cast<py::ssize_t>(found.violations.size());
                if (at < -size || at >= size) throw py::index_error();
                return found.violations[static_cast<std::size_t>(at < 0 ? at + size : at)];
            },
            py::arg("at"))
        .def("to_dict", &Violations::to_json)
        .def("__repr__", [](const Violations& found) {
            std::string text = "<Violations of " + std::to_string(found.rows) + " rows";
            for (const Violation& one : found.violations) text += "; " + text_of(one);
            return text + ">";
        });
}

Constraints of(const py::object& reference, std::vector<std::string> hidden, std::int64_t max_categories,
               std::int64_t min_count) {
    const Table table = to_table(reference, {}, "reference");
    const py::gil_scoped_release release;
    return Constraints::of(table, {std::move(hidden), max_categories, min_count});
}

Constraints edited(const Constraints& constraints, const std::string& column, const py::kwargs& rules) {
    static_cast<void>(constraints.column(column));
    Json json = constraints.to_json();
    for (Json& each : json["columns"].as_array()) {
        if (each.at("name").as_string() != column) continue;
        for (const auto& [name, value] : rules) {
            const auto member = name.cast<std::string>();
            if (value.is_none()) {
                each.as_object().erase(member);
            } else {
                each[member] = to_json(value);
            }
        }
    }
    return Constraints::from_json(json);
}

Json column_dict(const Constraints& constraints, const std::string& column) {
    static_cast<void>(constraints.column(column));
    const Json json = constraints.to_json();
    const auto& columns = json.at("columns").as_array();
    return *std::find_if(columns.begin(), columns.end(),
                         [&](const Json& each) { return each.at("name").as_string() == column; });
}

}  // namespace

void bind_constraints(py::module_& module) {
    bind_violations(module);
    py::class_<Constraints>(module, "Constraints", R"doc(What a table's values must be like, inferred from a reference.

A share of rows may break a rule: as large a one as the reference lets expect of its own kind. check says how many do,
and whether that is more. Values are immutable; edited makes another.

>>> c = Constraints.of({"age": [30.0, 41.0, 25.0] * 400, "plan": ["a", "b", "b"] * 400})
>>> found = c.check({"age": [31.0, -1.0, 28.0] * 10, "plan": ["a", "b", "c"] * 10})
>>> [(one.column, one.rule, one.count, one.violated, one.examples) for one in found]
[('age', 'range', 10, True, ['-1']), ('plan', 'category', 10, True, ['c'])]
>>> c.edited("age", least=-1).check({"age": [-1.0], "plan": ["b"]}).ok
True)doc")
        .def_static("of", &of, py::arg("reference"), py::kw_only(), py::arg("private") = std::vector<std::string>(),
                    py::arg("max_categories") = 100, py::arg("min_count") = 1,
                    R"doc(Infers types, ranges, categories, missing shares, uniqueness and the order of times.

private: columns of which no value is kept or shown: type, missing share, uniqueness and order alone. A text column with
more than max_categories values is free text; categories of fewer than min_count rows are not written.)doc")
        .def_property_readonly("columns", &Constraints::names)
        .def_property_readonly("rows", &Constraints::reference_rows, "Of the reference.")
        .def("__contains__",
             [](const Constraints& constraints, const std::string& name) { return constraints.find(name) != nullptr; })
        .def("__getitem__", &column_dict, py::arg("column"), "One column's rules as a dict.")
        .def("edited", &edited, py::arg("column"),
             R"doc(With other rules for one column: type, required, missing, least, most, finite, categories, unique,
increasing, private, tolerated (a dict of shares by rule); None takes a rule away.)doc")
        .def(
            "check",
            [](const Constraints& constraints, const py::object& data, double level) {
                const Table table = to_table(data);
                const py::gil_scoped_release release;
                return constraints.check(table, level);
            },
            py::arg("data"), py::arg("level") = 0.99, "Which rules the rows break: Violations.")
        .def("to_dict", &Constraints::to_json)
        .def_static("from_dict", &Constraints::from_json, py::arg("rules"))
        .def(
            "save",
            [](const Constraints& constraints, const std::filesystem::path& path) {
                write_file_atomically(path, constraints.to_json().pretty());
            },
            py::arg("path"), "As JSON, for people to edit.")
        .def_static(
            "load",
            [](const std::filesystem::path& path) {
                const std::vector<std::byte> bytes = read_file(path);
                return Constraints::from_json(Json::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
            },
            py::arg("path"))
        .def("__eq__",
             [](const Constraints& constraints, const py::object& other) {
                 return py::isinstance<Constraints>(other) && constraints == other.cast<const Constraints&>();
             })
        .def("__hash__",
             [](const Constraints&) -> py::ssize_t { throw py::type_error("unhashable type: 'Constraints'"); })
        .def("__repr__",
             [](const Constraints& constraints) {
                 return "<Constraints of " + std::to_string(constraints.names().size()) + " columns, from " +
                        std::to_string(constraints.reference_rows()) + " rows>";
             })
        .def(py::pickle([](const Constraints& constraints) { return constraints.to_json(); },
                        [](const Json& json) { return Constraints::from_json(json); }));
}

}  // namespace holdfast::bindings

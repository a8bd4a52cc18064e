#include <string>
#include <vector>

#include <holdfast/policy/decision.hpp>
#include <holdfast/workspace/why.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// A table of one row as a dict of Python's own values.
py::dict to_dict(const Table& row) {
    py::dict values;
    for (std::int64_t i = 0; i < row.width(); ++i) {
        const py::list column = to_numpy(row.column(i)).attr("tolist")();
        values[py::str(row.names()[static_cast<std::size_t>(i)])] = column[0];
    }
    return values;
}

py::object first_of(const Table& rows, const char* column) {
    return rows.column(column).is_valid(0) ? py::object(to_numpy(rows.column(column)).attr("tolist")()[py::int_(0)])
                                           : py::object(py::none());
}

std::vector<Decision> decisions_of(const Why& why) {
    std::vector<Decision> decisions;
    for (const auto& row : why.decisions) {
        decisions.push_back(Decision::from_json(row.decision));
        decisions.back().sequence = row.sequence;
    }
    return decisions;
}

}  // namespace

void bind_why(py::module_& module) {
    py::class_<Why>(module, "Why", "Everything that led to one answer; print it.")
        .def_readonly("endpoint", &Why::endpoint)
        .def_readonly("id", &Why::id)
        .def_property_readonly(
            "time",
            [](const Why& why) { return from_micros(why.interaction.rows.column("time").values<std::int64_t>()[0]); },
            "Event time of the answer.")
        .def_readonly("version", &Why::version, "The version that answered.")
        .def_property_readonly(
            "package", [](const Why& why) { return why.version.package.hex(); }, "Its package's identity.")
        .def_property_readonly(
            "features", [](const Why& why) { return to_dict(why.features); }, "As logged, by name.")
        .def_property_readonly(
            "outputs", [](const Why& why) { return to_dict(why.outputs); }, "As logged, by name.")
        .def_readonly("arithmetic", &Why::arithmetic,
                      "What computed the outputs, as recorded with them; empty where it was not.")
        .def_property_readonly(
            "label", [](const Why& why) { return first_of(why.interaction.rows, "label"); },
            "None where none came yet.")
        .def_readonly("deployment", &Why::deployment, "The ledger's row that made the version live; None for none.")
        .def_readonly("approvals", &Why::approvals, "Of the version, oldest first.")
        .def_property_readonly("decisions", &decisions_of, "From the one to retrain to the one to deploy.")
        .def_property_readonly(
            "verdict", [](const Why& why) { return std::string(to_string(why.verdict)); },
            "Predicted again from the logged features: same_bits, other_arithmetic, different or missing.")
        .def_readonly("notes", &Why::notes, "What differs, or is missing.")
        .def_readonly("text", &Why::text, "The whole in plain words.")
        .def("__str__", [](const Why& why) { return why.text; })
        .def("__repr__", [](const Why& why) {
            return "<Why " + why.endpoint + " " + why.id + ": " + why.version.model + "@" +
                   std::to_string(why.version.number) + ", " + std::string(to_string(why.verdict)) + ">";
        });
    module.def(
        "why",
        [](const Workspace& workspace, const py::object& id, const std::string& endpoint) {
            const bool uuid = py::hasattr(id, "hex") && py::hasattr(id, "urn");
            const Id wanted = to_id(uuid ? py::object(py::str(id)) : id);
            const py::gil_scoped_release release;
            return why(workspace, wanted.view(), endpoint);
        },
        py::arg("workspace"), py::arg("id"), py::arg("endpoint"));
}

}  // namespace holdfast::bindings

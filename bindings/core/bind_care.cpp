#include <pybind11/stl/filesystem.h>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/care.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using Release = py::gil_scoped_release;

void bind_verification(py::module_& module) {
    py::class_<store::Finding>(module, "Finding", "One thing that is not as it should be.")
        .def_readonly("thing", &store::Finding::thing, "Which row, file or database.")
        .def_readonly("seen", &store::Finding::seen)
        .def_readonly("wanted", &store::Finding::wanted)
        .def("__repr__", [](const store::Finding& finding) {
            return "Finding(" + finding.thing + ": " + finding.seen + " seen, " + finding.wanted + " wanted)";
        });

    py::class_<store::Verification>(module, "Verification",
                                    "What checking a workspace came to: findings are damage, notes are not.")
        .def_readonly("findings", &store::Verification::findings, "At most 1,000.")
        .def_readonly("more_findings", &store::Verification::more_findings, "How many were found beyond those.")
        .def_readonly("notes", &store::Verification::notes, "Such as files that nothing names.")
        .def_readonly("checked", &store::Verification::checked, "How many rows and files, by kind.")
        .def_property_readonly("ok", &store::Verification::ok, "Whether nothing was found.")
        .def("__bool__", &store::Verification::ok)
        .def("__str__", &store::Verification::text)
        .def("__repr__", [](const store::Verification& found) {
            return "Verification(" + std::to_string(found.findings.size()) + " findings, " +
                   std::to_string(found.notes.size()) + " notes)";
        });
}

void bind_removals(py::module_& module) {
    py::class_<store::RemovalRow>(module, "Removal", "What one transaction took out of the log, and why.")
        .def_readonly("endpoint", &store::RemovalRow::endpoint)
        .def_readonly("reason", &store::RemovalRow::reason)
        .def_readonly("interactions", &store::RemovalRow::interactions, "How many were taken out.")
        .def_readonly("labels", &store::RemovalRow::labels, "How many were taken out.")
        .def_readonly("first_event", &store::RemovalRow::first_event, "The earliest event time of those taken out.")
        .def_readonly("last_event", &store::RemovalRow::last_event)
        .def_readonly("first_transaction", &store::RemovalRow::first_transaction,
                      "The earliest transaction that had committed any of them.")
        .def_readonly("last_transaction", &store::RemovalRow::last_transaction)
        .def_property_readonly("time", [](const store::RemovalRow& row) { return row.stamp.recorded_time; })
        .def_property_readonly("transaction", [](const store::RemovalRow& row) { return row.stamp.transaction; })
        .def("__repr__", [](const store::RemovalRow& row) {
            return "Removal(" + std::to_string(row.interactions) + " interactions and " + std::to_string(row.labels) +
                   " labels of " + row.endpoint + ": " + row.reason + ")";
        });

    module.def(
        "prune",
        [](Workspace& workspace, const std::string& endpoint, std::optional<Duration> older_than,
           std::optional<std::int64_t> larger_than) {
            return workspace.interactions().prune(endpoint, {older_than, larger_than});
        },
        py::arg("workspace"), py::arg("endpoint"), py::arg("older_than"), py::arg("larger_than"),
        py::call_guard<Release>());
    module.def(
        "erase", [](Workspace& workspace, const std::string& entity) { return workspace.interactions().erase(entity); },
        py::arg("workspace"), py::arg("entity"), py::call_guard<Release>());
    module.def(
        "removals",
        [](Workspace& workspace, const std::string& endpoint) { return workspace.interactions().removals(endpoint); },
        py::arg("workspace"), py::arg("endpoint"), py::call_guard<Release>());
}

std::vector<std::string> texts(const py::object& values, std::string_view what) {
    std::vector<std::string> out;
    if (values.is_none()) return out;
    const Column column = to_column(values, what);
    for (std::int64_t row = 0; row < column.size(); ++row) out.push_back(column.value_text(row));
    return out;
}

/// One piece of an import; see _interchange.py, which makes its columns.
std::int64_t load(Workspace& workspace, const std::string& endpoint, std::int64_t version,
                  const std::vector<std::string>& ids, const std::vector<std::int64_t>& times, const py::object& values,
                  std::int64_t features, const py::object& entities, const py::object& labels,
                  const std::vector<std::int64_t>& label_times) {
    store::InteractionBatch batch;
    batch.endpoint = endpoint;
    batch.version = version;
    batch.feature_columns = features;
    batch.ids = ids;
    for (const std::int64_t time : times) batch.times.push_back(from_micros(time));
    batch.values = to_table(values, {}, "interactions");
    batch.entities = texts(entities, "entity");
    std::optional<Column> truth;
    if (!labels.is_none()) truth = to_column(labels, "target");
    std::vector<Time> known;
    for (const std::int64_t time : label_times) known.push_back(from_micros(time));
    const Release release;
    return workspace.interactions().load(batch, truth, known);
}

}  // namespace

void bind_care(py::module_& module) {
    bind_verification(module);
    bind_removals(module);
    module.def("verify", py::overload_cast<const Workspace&>(&verify), py::arg("workspace"), py::call_guard<Release>());
    module.def("verify_folder", py::overload_cast<const std::filesystem::path&>(&verify), py::arg("folder"),
               py::call_guard<Release>());
    module.def("backup", &backup, py::arg("workspace"), py::arg("zip"), py::call_guard<Release>());
    module.def("restore", &restore, py::arg("zip"), py::arg("folder"), py::call_guard<Release>());
    module.def(
        "time_micros", [](const py::object& time) { return to_micros(to_time(time)); }, py::arg("time"),
        "Microseconds since 1970 UTC.");
    module.def("load_interactions", &load, py::arg("workspace"), py::arg("endpoint"), py::arg("version"),
               py::arg("ids"), py::arg("times"), py::arg("values"), py::arg("features"), py::arg("entities"),
               py::arg("labels"), py::arg("label_times"));
}

}  // namespace holdfast::bindings

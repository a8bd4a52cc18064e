// Versions, their registry, and the rows of its history and of the ledger.
#include <string>

#include <pybind11/stl/filesystem.h>

#include <holdfast/workspace/registry.hpp>

#include "bindings.hpp"
#include "convert.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using Release = py::gil_scoped_release;

void bind_version(py::module_& module) {
    py::class_<Version>(module, "Version", "A snapshot of one registered package; ask the registry again for news.")
        .def_readonly("model", &Version::model)
        .def_readonly("number", &Version::number)
        .def_readonly("state", &Version::state, "pending, approved, rejected or archived, when it was asked for.")
        .def_property_readonly(
            "package", [](const Version& version) { return version.package.hex(); },
            "The package's identity, SHA-256 in hex.")
        .def_property_readonly(
            "metrics", [](const Version& version) { return version.manifest.metrics; },
            "By name, computed at packaging.")
        .def_property_readonly("signature", [](const Version& version) { return version.manifest.signature; })
        .def_property_readonly(
            "lineage", [](const Version& version) { return version.manifest.lineage; },
            "What is known of where it came from: parent, samples, code, trainer, parameters, seed.")
        .def_property_readonly(
            "claimed",
            [](const Version& version) {
                const Json* claimed = version.manifest.lineage.find("claimed");
                return claimed != nullptr ? *claimed : Json::object({});
            },
            "Metrics by name as its trainer claims them; `metrics` are those that Holdfast computed.")
        .def_property_readonly("manifest", [](const Version& version) { return version.manifest.to_json(); })
        .def_readonly("registered", &Version::registered)
        .def(
            "__eq__",
            [](const Version& a, const py::object& other) {
                if (!py::isinstance<Version>(other)) return false;
                const auto& b = other.cast<const Version&>();
                return a.model == b.model && a.number == b.number && a.package == b.package && a.state == b.state;
            },
            py::arg("other"))
        .def("__hash__", [](const Version& version) { return py::hash(py::make_tuple(version.model, version.number)); })
        .def("__repr__", [](const Version& version) {
            return "Version(" + version.model + "@" + std::to_string(version.number) + ", " + version.state + ")";
        });

    py::class_<store::ApprovalRow>(module, "Approval", "One change of a version's state.")
        .def_readonly("model", &store::ApprovalRow::model)
        .def_readonly("version", &store::ApprovalRow::version)
        .def_readonly("state", &store::ApprovalRow::state)
        .def_readonly("by", &store::ApprovalRow::by)
        .def_readonly("note", &store::ApprovalRow::note)
        .def_property_readonly("time", [](const store::ApprovalRow& row) { return row.stamp.event_time; })
        .def("__repr__", [](const store::ApprovalRow& row) {
            return "Approval(" + row.model + "@" + std::to_string(row.version) + " " + row.state + " by " + row.by +
                   ")";
        });

    py::class_<store::AliasRow>(module, "AliasMove", "One move of an alias.")
        .def_readonly("model", &store::AliasRow::model)
        .def_readonly("alias", &store::AliasRow::alias)
        .def_readonly("version", &store::AliasRow::version, "None where it was taken away.")
        .def_readonly("by", &store::AliasRow::by)
        .def_readonly("note", &store::AliasRow::note)
        .def_property_readonly("time", [](const store::AliasRow& row) { return row.stamp.event_time; })
        .def("__repr__", [](const store::AliasRow& row) {
            return "AliasMove(" + row.model + "@" + row.alias + " -> " +
                   (row.version ? std::to_string(*row.version) : "nothing") + " by " + row.by + ")";
        });

    py::class_<store::DeploymentRow>(module, "LedgerRow", "One line of an endpoint's deployment ledger.")
        .def_readonly("endpoint", &store::DeploymentRow::endpoint)
        .def_readonly("model", &store::DeploymentRow::model)
        .def_readonly("version", &store::DeploymentRow::version)
        .def_readonly("kind", &store::DeploymentRow::kind, "deploy, rollback, freeze, unfreeze or load_failed.")
        .def_readonly("by", &store::DeploymentRow::by)
        .def_readonly("reason", &store::DeploymentRow::reason)
        .def_property_readonly("time", [](const store::DeploymentRow& row) { return row.stamp.event_time; })
        .def_readonly("until", &store::DeploymentRow::until,
                      "Of a deploy or rollback: when the next took its place; None while it is live.")
        .def_property_readonly("transaction", [](const store::DeploymentRow& row) { return row.stamp.transaction; })
        .def("__repr__", [](const store::DeploymentRow& row) {
            return "LedgerRow(" + format_time(row.stamp.event_time) + " " + row.kind + " " + row.model + "@" +
                   std::to_string(row.version) + ")";
        });
}

void bind_handle(py::module_& module) {
    py::class_<Registry>(module, "Registry")
        .def("register", py::overload_cast<const Package&>(&Registry::register_package), py::arg("package"),
             py::call_guard<Release>())
        .def("approve", &Registry::approve, py::arg("model"), py::arg("version"), py::arg("by"), py::arg("note"),
             py::call_guard<Release>())
        .def("reject", &Registry::reject, py::arg("model"), py::arg("version"), py::arg("by"), py::arg("note"),
             py::call_guard<Release>())
        .def("archive", &Registry::archive, py::arg("model"), py::arg("version"), py::arg("by"), py::arg("note"),
             py::call_guard<Release>())
        .def("version", &Registry::version, py::arg("model"), py::arg("version"), py::call_guard<Release>())
        .def("latest_approved", &Registry::latest_approved, py::arg("model"), py::call_guard<Release>())
        .def("versions", &Registry::versions, py::arg("model"), py::call_guard<Release>())
        .def("history", &Registry::history, py::arg("model"), py::arg("version"), py::call_guard<Release>())
        .def("resolve", &Registry::resolve, py::arg("name"), py::call_guard<Release>())
        .def("alias", &Registry::alias, py::arg("model"), py::arg("alias"), py::arg("version"), py::arg("by"),
             py::arg("note"), py::call_guard<Release>())
        .def("aliases", &Registry::aliases, py::arg("model"), py::call_guard<Release>())
        .def("alias_history", &Registry::alias_history, py::arg("model"), py::call_guard<Release>())
        .def("lineage", &Registry::lineage, py::arg("model"), py::arg("version"), py::call_guard<Release>())
        .def("package", &Registry::package, py::arg("version"), py::call_guard<Release>())
        .def("export_package", &Registry::export_package, py::arg("version"), py::arg("path"),
             py::call_guard<Release>());
}

}  // namespace

void bind_registry(py::module_& module) {
    bind_version(module);
    bind_handle(module);
}

}  // namespace holdfast::bindings

#include <map>
#include <string>
#include <vector>

#include <holdfast/monitor/drift.hpp>

#include "bindings.hpp"
#include "convert.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using TestsByColumn = std::map<std::string, std::vector<DriftTest>>;

using Reasons = std::map<std::string, std::string>;

DriftOptions options_of(const std::vector<std::string>& columns, const Reasons& excluded, const TestsByColumn& tests,
                        double share, double alpha) {
    DriftOptions options;
    options.columns = columns;
    options.excluded = {excluded.begin(), excluded.end()};
    options.tests = {tests.begin(), tests.end()};
    options.share = share;
    options.alpha = alpha;
    return options;
}

void bind_column_drift(py::module_& module) {
    py::class_<DriftTest>(module, "DriftTest",
                          "A drift test with its tolerance; a negative tolerance means the test's default.")
        .def(py::init([](std::string test, double tolerance, const std::string& units) {
                 return DriftTest{std::move(test), tolerance, stats::parse_effect_unit(units)};
             }),
             py::arg("test"), py::arg("tolerance") = -1.0, py::arg("units") = "sd",
             R"doc(units: of wasserstein's effect and tolerance: "sd" or "iqr" of the reference, or "raw".)doc")
        .def_readonly("test", &DriftTest::test)
        .def_readonly("tolerance", &DriftTest::tolerance)
        .def_property_readonly("units", [](const DriftTest& test) { return std::string(to_string(test.unit)); })
        .def("__eq__",
             [](const DriftTest& test, const py::object& other) {
                 return py::isinstance<DriftTest>(other) && test == other.cast<DriftTest>();
             })
        .def("__hash__",
             [](const DriftTest& test) {
                 return py::hash(py::make_tuple(test.test, test.tolerance, static_cast<int>(test.unit)));
             })
        .def("__repr__", [](const DriftTest& test) {
            std::string given;
            if (test.tolerance >= 0.0) given = "tolerance=" + py::repr(py::float_(test.tolerance)).cast<std::string>();
            if (test.unit != stats::EffectUnit::sd)
                given += (given.empty() ? "units='" : ", units='") + std::string(to_string(test.unit)) + "'";
            return test.test + "(" + given + ")";
        });

    py::class_<stats::ColumnDrift>(module, "ColumnDrift", R"doc(One test of one column in a drift report.

The verdict compares the interval of the effect with the tolerance: drift where it lies above, ok where below, else
insufficient, with the current rows that would settle it at the effect seen. p_value is of exact equality and decides
nothing. detectable is the smallest true effect that these sizes would call drift 4 times in 5.)doc")
        .def_readonly("column", &stats::ColumnDrift::column)
        .def_readonly("test", &stats::ColumnDrift::test)
        .def_readonly("statistic", &stats::ColumnDrift::statistic)
        .def_readonly("p_value", &stats::ColumnDrift::p_value)
        .def_readonly("effect", &stats::ColumnDrift::effect)
        .def_readonly("interval", &stats::ColumnDrift::interval)
        .def_readonly("tolerance", &stats::ColumnDrift::tolerance)
        .def_readonly("p_drift", &stats::ColumnDrift::p_drift)
        .def_readonly("p_corrected", &stats::ColumnDrift::p_corrected)
        .def_readonly("detectable", &stats::ColumnDrift::detectable)
        .def_readonly("rows_wanted", &stats::ColumnDrift::rows_wanted)
        .def_property_readonly("verdict",
                               [](const stats::ColumnDrift& drift) { return std::string(to_string(drift.verdict)); })
        .def_readonly("note", &stats::ColumnDrift::note)
        .def("to_dict", [](const stats::ColumnDrift& drift) { return stats::to_json(drift); })
        .def("__repr__", [](const stats::ColumnDrift& drift) {
            return "ColumnDrift(" + drift.column + ", " + drift.test + ": " + std::string(to_string(drift.verdict)) +
                   ", effect=" + py::repr(py::float_(drift.effect)).cast<std::string>() + ")";
        });
}

void bind_report(py::module_& module) {
    py::class_<DriftReport>(module, "DriftReport", "The numbers of a drift report; holdfast.DriftReport shows them.")
        .def_property_readonly("verdict",
                               [](const DriftReport& report) { return std::string(to_string(report.summary.verdict)); })
        .def_property_readonly("tests", [](const DriftReport& report) { return report.summary.tests; })
        .def_property_readonly("reference_rows",
                               [](const DriftReport& report) { return report.summary.reference_rows; })
        .def_property_readonly("current_rows", [](const DriftReport& report) { return report.summary.current_rows; })
        .def_property_readonly("columns", [](const DriftReport& report) { return report.summary.columns; })
        .def_property_readonly("drifted", [](const DriftReport& report) { return report.summary.drifted; })
        .def_property_readonly("undecided", [](const DriftReport& report) { return report.summary.undecided; })
        .def_readonly("left_out", &DriftReport::left_out)
        .def_readonly("alpha", &DriftReport::alpha)
        .def_readonly("share", &DriftReport::share)
        .def_readonly("family", &DriftReport::family)
        .def("to_dict", [](const DriftReport& report) { return holdfast::to_json(report); });
}

template <class Reference, class Current>
void def_report(py::module_& module) {
    module.def(
        "drift_report",
        [](const Reference& reference, const Current& current, const std::vector<std::string>& columns,
           const Reasons& excluded, const TestsByColumn& tests, double share, double alpha) {
            const py::gil_scoped_release release;
            return drift(reference, current, options_of(columns, excluded, tests, share, alpha));
        },
        py::arg("reference"), py::arg("current"), py::arg("columns"), py::arg("excluded"), py::arg("tests"),
        py::arg("share"), py::arg("alpha"));
}

}  // namespace

void bind_monitor(py::module_& module) {
    bind_column_drift(module);
    bind_report(module);
    def_report<stats::Profile, stats::Profile>(module);
    def_report<stats::Profile, Table>(module);
    def_report<Table, stats::Profile>(module);
    def_report<Table, Table>(module);
    module.def("default_tolerance", &default_tolerance, py::arg("test"));
}

}  // namespace holdfast::bindings

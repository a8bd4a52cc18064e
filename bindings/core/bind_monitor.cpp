#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/monitor/drift.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "given_threshold.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

using TestsByColumn = std::map<std::string, std::vector<DriftTest>>;

using Reasons = std::map<std::string, std::string>;

/// A number where it is one, as everywhere else.
py::object as_tolerance(const std::optional<stats::Threshold>& threshold) {
    if (!threshold) return py::none();
    return threshold->is_constant() ? py::object(py::float_(threshold->of({}))) : py::cast(*threshold);
}

DriftTest make_test(std::string test, const std::optional<GivenThreshold>& tolerance, const std::string& units) {
    DriftTest made{std::move(test), {}, stats::parse_effect_unit(units)};
    if (tolerance) made.tolerance = as_threshold(*tolerance);
    return made;
}

void bind_threshold(py::module_& module) {
    py::class_<stats::Threshold>(module, "Threshold",
                                 R"doc(Where a line is drawn: a constant, or what past windows make of it.

Made by hf.thresholds. Called with the values of past windows it gives the line; NaN where they are too few.)doc")
        .def_static("constant", &stats::Threshold::constant, py::arg("value"))
        .def_static(
            "standard_deviations",
            [](double multiplier, const std::string& center, std::int64_t min_windows) {
                return stats::Threshold::from_json(Json::object({{"threshold", "standard_deviations"},
                                                                 {"multiplier", multiplier},
                                                                 {"center", center},
                                                                 {"min_windows", min_windows}}));
            },
            py::arg("multiplier"), py::arg("center"), py::arg("min_windows"))
        .def_static("quantile", &stats::Threshold::quantile, py::arg("quantile"), py::arg("min_windows"))
        .def(
            "__call__",
            [](const stats::Threshold& threshold, const std::vector<double>& past) { return threshold.of(past); },
            py::arg("past"))
        .def_property_readonly("min_windows", &stats::Threshold::min_windows)
        .def("to_json", &stats::Threshold::to_json, "A number for a constant, else a dict.")
        .def_static("from_json", &stats::Threshold::from_json, py::arg("json"))
        .def("__eq__",
             [](const stats::Threshold& threshold, const py::object& other) {
                 return py::isinstance<stats::Threshold>(other) && threshold == other.cast<stats::Threshold>();
             })
        .def("__hash__", [](const stats::Threshold& threshold) { return py::hash(py::str(threshold.to_string())); })
        .def("__repr__", &stats::Threshold::to_string);
}

void bind_column_drift(py::module_& module) {
    py::class_<DriftTest>(module, "DriftTest",
                          "A drift test with its tolerance: a number, a Threshold, or None for the test's default.")
        .def(py::init(&make_test), py::arg("test"), py::arg("tolerance") = py::none(), py::arg("units") = "sd",
             R"doc(units: of wasserstein's effect and tolerance: "sd" or "iqr" of the reference, or "raw".)doc")
        .def_readonly("test", &DriftTest::test)
        .def_property_readonly("tolerance", [](const DriftTest& test) { return as_tolerance(test.tolerance); })
        .def_property_readonly("units", [](const DriftTest& test) { return std::string(to_string(test.unit)); })
        .def("__eq__",
             [](const DriftTest& test, const py::object& other) {
                 return py::isinstance<DriftTest>(other) && test == other.cast<DriftTest>();
             })
        .def("__hash__",
             [](const DriftTest& test) {
                 return py::hash(
                     py::make_tuple(test.test, as_tolerance(test.tolerance), std::string(to_string(test.unit))));
             })
        .def("__repr__", [](const DriftTest& test) {
            std::string given;
            if (test.tolerance) given = "tolerance=" + py::repr(as_tolerance(test.tolerance)).cast<std::string>();
            if (test.unit != stats::EffectUnit::sd)
                given += (given.empty() ? "units='" : ", units='") + std::string(to_string(test.unit)) + "'";
            return test.test + "(" + given + ")";
        });

    py::class_<stats::ColumnDrift>(module, "ColumnDrift", R"doc(One test of one column in a drift report.

The verdict compares the interval of the effect with the tolerance: drift where it lies above, ok where below, else
insufficient, with the current rows that would settle it at the effect seen. p_drift is of "the effect is at most the
tolerance", p_corrected the same for the whole family: drift where it is at most alpha. p_value is of exact equality and
decides nothing. detectable is the smallest true effect that these sizes would call drift 4 times in 5.)doc")
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

void bind_options(py::module_& module) {
    py::class_<DriftOptions>(module, "DriftOptions", "How hf.drift compares.")
        .def(py::init([](const TestsByColumn& tests, double alpha, const std::string& correction, double share,
                         std::vector<std::string> columns, const Reasons& excluded, std::vector<std::string> by,
                         std::int64_t max_slices, std::vector<stats::Profile> past, bool in_time_order) {
                 return DriftOptions{{tests.begin(), tests.end()},
                                     alpha,
                                     stats::parse_correction(correction),
                                     share,
                                     std::move(columns),
                                     {excluded.begin(), excluded.end()},
                                     std::move(by),
                                     max_slices,
                                     std::move(past),
                                     in_time_order};
             }),
             py::arg("tests"), py::arg("alpha"), py::arg("correction"), py::arg("share"), py::arg("columns"),
             py::arg("excluded"), py::arg("by"), py::arg("max_slices"), py::arg("past"), py::arg("in_time_order"));
}

template <class Class>
void def_summary(Class& bound, const stats::DriftSummary& (*summary)(const typename Class::type&)) {
    using T = typename Class::type;
    bound.def_property_readonly("verdict", [=](const T& of) { return std::string(to_string(summary(of).verdict)); })
        .def_property_readonly("tests", [=](const T& of) { return summary(of).tests; })
        .def_property_readonly("reference_rows", [=](const T& of) { return summary(of).reference_rows; })
        .def_property_readonly("current_rows", [=](const T& of) { return summary(of).current_rows; })
        .def_property_readonly("columns", [=](const T& of) { return summary(of).columns; })
        .def_property_readonly("drifted", [=](const T& of) { return summary(of).drifted; })
        .def_property_readonly("undecided", [=](const T& of) { return summary(of).undecided; });
}

void bind_report(py::module_& module) {
    py::class_<DriftSlice> slice(module, "DriftSlice", "The numbers of one slice; holdfast.DriftSlice shows them.");
    def_summary(slice, +[](const DriftSlice& of) -> const stats::DriftSummary& { return of.summary; });
    slice.def_readonly("values", &DriftSlice::values);

    py::class_<DriftReport> report(module, "DriftReport",
                                   "The numbers of a drift report; holdfast.DriftReport shows them.");
    def_summary(report, +[](const DriftReport& of) -> const stats::DriftSummary& { return of.summary; });
    report.def_readonly("left_out", &DriftReport::left_out)
        .def_readonly("alpha", &DriftReport::alpha)
        .def_readonly("share", &DriftReport::share)
        .def_property_readonly("correction",
                               [](const DriftReport& of) { return std::string(stats::to_string(of.correction)); })
        .def_readonly("family", &DriftReport::family)
        .def_readonly("by", &DriftReport::by)
        .def_readonly("slices", &DriftReport::slices)
        .def_readonly("slice_family", &DriftReport::slice_family)
        .def_readonly("note", &DriftReport::note)
        .def("to_dict", [](const DriftReport& of) { return holdfast::to_json(of); });
}

template <class Reference, class Current>
void def_drift(py::module_& module) {
    module.def(
        "drift_report",
        [](const Reference& reference, const Current& current, const DriftOptions& options) {
            return drift(reference, current, options);
        },
        py::arg("reference"), py::arg("current"), py::arg("options"), py::call_guard<py::gil_scoped_release>());
}

}  // namespace

void bind_monitor(py::module_& module) {
    bind_threshold(module);
    bind_column_drift(module);
    bind_options(module);
    bind_report(module);
    def_drift<stats::Profile, stats::Profile>(module);
    def_drift<stats::Profile, Table>(module);
    def_drift<Table, stats::Profile>(module);
    def_drift<Table, Table>(module);
    module.def("default_tolerance", &default_tolerance, py::arg("test"));
    module.def(
        "corrected_p_values",
        [](const std::string& correction, const std::vector<double>& p_values) {
            return stats::corrected(stats::parse_correction(correction), p_values);
        },
        py::arg("correction"), py::arg("p_values"));
}

}  // namespace holdfast::bindings

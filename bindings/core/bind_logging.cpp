#include <string>
#include <utility>
#include <vector>

#include <holdfast/workspace/logging.hpp>
#include <holdfast/workspace/summary.hpp>

#include "bindings.hpp"
#include "convert.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

LoggingOptions make_options(const std::string& durability, const std::string& overflow, double sample,
                            std::vector<std::string> hashed, std::vector<std::string> left_out,
                            const std::optional<std::string>& entity, Duration bucket) {
    LoggingOptions options;
    options.durability = parse_durability(durability);
    options.overflow = parse_overflow(overflow);
    options.sample = sample;
    options.hashed = std::move(hashed);
    options.left_out = std::move(left_out);
    options.entity = entity.value_or("");
    options.bucket = bucket;
    options.check();
    return options;
}

}  // namespace

void bind_logging(py::module_& module) {
    py::class_<LoggingOptions>(module, "Logging", R"(How an endpoint logs its interactions; kept with the endpoint.

durability: "async" (committed soon after the answer; when flush, close or a read returns, it is), "before_reply"
(committed before the answer is given; callers at the same time share a commit), "none" (as async, and a power cut may
take what was committed last). overflow, when too many rows wait: "block" the caller until its deadline, or "drop" and
count. sample: the share of rows kept, by a hash of the id; the summaries see all. hashed: columns kept as SHA-256 with
the workspace's salt. left_out: columns not kept. entity: the feature that names whom a row is about. bucket: of the
summaries, settled when the endpoint is made.

>>> Logging(durability="before_reply", hashed=["email"])
Logging(durability='before_reply', overflow='block', sample=1.0, hashed=['email'], left_out=[], entity=None, bucket='1m')
)")
        .def(py::init(&make_options), py::kw_only(), py::arg("durability") = "async", py::arg("overflow") = "block",
             py::arg("sample") = 1.0, py::arg("hashed") = std::vector<std::string>{},
             py::arg("left_out") = std::vector<std::string>{}, py::arg("entity") = py::none(),
             py::arg("bucket") = Duration(std::chrono::minutes(1)))
        .def_property_readonly("durability",
                               [](const LoggingOptions& options) { return std::string(to_string(options.durability)); })
        .def_property_readonly("overflow",
                               [](const LoggingOptions& options) { return std::string(to_string(options.overflow)); })
        .def_readonly("sample", &LoggingOptions::sample)
        .def_readonly("hashed", &LoggingOptions::hashed)
        .def_readonly("left_out", &LoggingOptions::left_out)
        .def_property_readonly("entity",
                               [](const LoggingOptions& options) -> std::optional<std::string> {
                                   if (options.entity.empty()) return std::nullopt;
                                   return options.entity;
                               })
        .def_readonly("bucket", &LoggingOptions::bucket)
        .def(
            "__eq__",
            [](const LoggingOptions& options, const py::object& other) {
                return py::isinstance<LoggingOptions>(other) && options == other.cast<const LoggingOptions&>();
            },
            py::arg("other"))
        .def("__repr__", [](const LoggingOptions& options) {
            const auto shown = [](const auto& value) { return py::repr(py::cast(value)).template cast<std::string>(); };
            return "Logging(durability='" + std::string(to_string(options.durability)) + "', overflow='" +
                   std::string(to_string(options.overflow)) + "', sample=" + shown(options.sample) +
                   ", hashed=" + shown(options.hashed) + ", left_out=" + shown(options.left_out) +
                   ", entity=" + (options.entity.empty() ? "None" : shown(options.entity)) + ", bucket='" +
                   format_duration(options.bucket) + "')";
        });

    py::class_<LoggingCounts>(module, "LoggingCounts",
                              "What a workspace did with an endpoint's interactions since it was opened; exact.")
        .def_readonly("logged", &LoggingCounts::logged, "Rows committed.")
        .def_readonly("known", &LoggingCounts::known, "Rows whose id was there with the same features.")
        .def_readonly("sampled_out", &LoggingCounts::sampled_out, "Rows that are in the summaries alone.")
        .def_readonly("dropped", &LoggingCounts::dropped, "Rows, by reason: \"full\", \"store_error\".")
        .def_readonly("conflicts", &LoggingCounts::conflicts, "Rows whose id was there with other features.")
        .def_readonly("failures", &LoggingCounts::failures, "Requests without an answer.")
        .def("__repr__", [](const LoggingCounts& counts) {
            std::int64_t dropped = 0;
            for (const auto& [reason, rows] : counts.dropped) dropped += rows;
            return "LoggingCounts(" + std::to_string(counts.logged) + " logged, " + std::to_string(counts.sampled_out) +
                   " sampled out, " + std::to_string(dropped) + " dropped, " + std::to_string(counts.failures) +
                   " failures)";
        });

    py::class_<Summary>(module, "Summary", "What an endpoint answered in a stretch of time, in bounded memory.")
        .def_readonly("features", &Summary::features, "Their profile; hashed columns and the entity as counts alone.")
        .def_readonly("outputs", &Summary::outputs, "Their profile.")
        .def_readonly("left_out", &Summary::left_out, "Counts of the columns left out, of whole buckets.")
        .def_property_readonly(
            "rows", [](const Summary& summary) { return summary.counts.rows; }, "Kept and sampled out.")
        .def_property_readonly(
            "sampled_out", [](const Summary& summary) { return summary.counts.sampled_out; },
            "Of the rows, those that are in summaries alone.")
        .def_property_readonly(
            "labels", [](const Summary& summary) { return summary.counts.labels; },
            "A classifier's rows, by predicted label.")
        .def_property_readonly(
            "dropped", [](const Summary& summary) { return summary.counts.dropped; },
            "Rows that are in no profile, by reason; of whole buckets.")
        .def_property_readonly(
            "failures", [](const Summary& summary) { return summary.counts.failures; }, "Requests without an answer.")
        .def("__repr__", [](const Summary& summary) {
            return "Summary(" + std::to_string(summary.counts.rows) + " rows, " +
                   std::to_string(summary.counts.failures) + " failures)";
        });
}

}  // namespace holdfast::bindings

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
                            const std::optional<std::string>& entity, Duration bucket, std::optional<Duration> keep_for,
                            std::optional<std::int64_t> keep_bytes, std::optional<Duration> label_horizon) {
    LoggingOptions options;
    options.durability = parse_durability(durability);
    options.overflow = parse_overflow(overflow);
    options.sample = sample;
    options.hashed = std::move(hashed);
    options.left_out = std::move(left_out);
    options.entity = entity.value_or("");
    options.bucket = bucket;
    options.keep_for = keep_for;
    options.keep_bytes = keep_bytes;
    options.label_horizon = label_horizon;
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
summaries, settled when the endpoint is made. keep_for, keep_bytes: rows with an older event time, and the oldest beyond
so many bytes of packed features and outputs, are taken out while the log is written, once a bucket at most; summaries
keep counting them. label_horizon: how long a label may take; interactions older than that are settled where a metric
asks whether a bucket has matured (`monitor.performance`).

>>> Logging(durability="before_reply", hashed=["email"])
Logging(durability='before_reply', overflow='block', sample=1.0, hashed=['email'], left_out=[], entity=None, bucket='1m', keep_for=None, keep_bytes=None, label_horizon=None)
)")
        .def(py::init(&make_options), py::kw_only(), py::arg("durability") = "async", py::arg("overflow") = "block",
             py::arg("sample") = 1.0, py::arg("hashed") = std::vector<std::string>{},
             py::arg("left_out") = std::vector<std::string>{}, py::arg("entity") = py::none(),
             py::arg("bucket") = Duration(std::chrono::minutes(1)), py::arg("keep_for") = py::none(),
             py::arg("keep_bytes") = py::none(), py::arg("label_horizon") = py::none())
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
        .def_readonly("keep_for", &LoggingOptions::keep_for)
        .def_readonly("keep_bytes", &LoggingOptions::keep_bytes)
        .def_readonly("label_horizon", &LoggingOptions::label_horizon)
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
                   format_duration(options.bucket) +
                   "', keep_for=" + (options.keep_for ? "'" + format_duration(*options.keep_for) + "'" : "None") +
                   ", keep_bytes=" + (options.keep_bytes ? std::to_string(*options.keep_bytes) : "None") +
                   ", label_horizon=" +
                   (options.label_horizon ? "'" + format_duration(*options.label_horizon) + "'" : "None") + ")";
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
            "rows", [](const Summary& summary) { return summary.counts.rows; }, "Kept, sampled out and dropped.")
        .def_property_readonly(
            "unprofiled", [](const Summary& summary) { return summary.counts.unprofiled; },
            "Of the rows, those that are in no profile: an erasure took it, or too many were dropped at once.")
        .def_readonly("after", &Summary::after, "What it covers: later than asked for where retention took the rows.")
        .def_readonly("until", &Summary::until, "What it covers: earlier than asked for where retention took the rows.")
        .def_property_readonly(
            "sampled_out", [](const Summary& summary) { return summary.counts.sampled_out; },
            "Of the rows, those that are in summaries alone.")
        .def_property_readonly(
            "labels", [](const Summary& summary) { return summary.counts.labels; },
            "A classifier's rows, by predicted label.")
        .def_property_readonly(
            "dropped", [](const Summary& summary) { return summary.counts.dropped; },
            "Of the rows, those that were not kept, by reason; of whole buckets.")
        .def_property_readonly(
            "failures", [](const Summary& summary) { return summary.counts.failures; }, "Requests without an answer.")
        .def("__repr__", [](const Summary& summary) {
            return "Summary(" + std::to_string(summary.counts.rows) + " rows, " +
                   std::to_string(summary.counts.failures) + " failures)";
        });

    py::class_<LabelSummary>(module, "LabelSummary",
                             "How right answers were whose newest label was recorded in a stretch of time.")
        .def_readonly("after", &LabelSummary::after, "As in Summary.")
        .def_readonly("until", &LabelSummary::until, "As in Summary.")
        .def_readonly("labelled", &LabelSummary::labelled, "Interactions with a label.")
        .def_readonly("unjudged", &LabelSummary::unjudged,
                      "Of them, those whose label or version cannot be compared with the prediction.")
        .def_readonly("labels", &LabelSummary::labels, "A classifier's, by true label.")
        .def_readonly("confusion", &LabelSummary::confusion, "A classifier's, by true and predicted label.")
        .def_property_readonly(
            "bias", [](const LabelSummary& summary) { return summary.scores.bias(); },
            "Mean of prediction - truth of a regression; NaN without labels.")
        .def(
            "score",
            [](const LabelSummary& summary, const std::string& metric) { return summary.scores.score(metric); },
            py::arg("metric"),
            R"(Any metric with its interval, or the reason why there is none; None where sums do not tell.

auc and pr_auc are from score sketches; the note says how far from the rows' own they may be. None: ece of other than ten
bins, more than 100 classes (areas: 10), numbers beyond 1e28, and what sums did not hold before they had a version.
Raises InvalidArgument for an unknown metric.)")
        .def("__repr__", [](const LabelSummary& summary) {
            return "LabelSummary(" + std::to_string(summary.labelled) + " labelled)";
        });
}

}  // namespace holdfast::bindings

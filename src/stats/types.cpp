#include <holdfast/stats/types.hpp>

#include <array>
#include <cmath>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast::stats {
namespace {

constexpr std::array<std::string_view, 3> verdict_names{"ok", "drift", "insufficient"};

}  // namespace

std::string_view to_string(Verdict verdict) noexcept { return verdict_names[static_cast<std::size_t>(verdict)]; }

Verdict parse_verdict(std::string_view name) {
    for (std::size_t i = 0; i < verdict_names.size(); ++i) {
        if (verdict_names[i] == name) return static_cast<Verdict>(i);
    }
    throw InvalidArgument("verdict \"" + std::string(name) + "\": \"ok\", \"drift\" or \"insufficient\" wanted");
}

Json to_json(const Interval& interval) {
    return Json::object({{"level", interval.level}, {"lower", interval.lower}, {"upper", interval.upper}});
}

Interval interval_from_json(const Json& json) {
    return {json.at("lower").as_double(), json.at("upper").as_double(), json.at("level").as_double()};
}

Json to_json(const TestResult& result) {
    return Json::object({{"current_rows", result.current_rows},
                         {"effect", result.effect},
                         {"insufficient", result.insufficient},
                         {"interval", to_json(result.interval)},
                         {"note", result.note},
                         {"p_value", result.p_value},
                         {"reference_rows", result.reference_rows},
                         {"statistic", result.statistic},
                         {"test", result.test}});
}

Json to_json(const MetricValue& value) {
    return Json::object({{"interval", to_json(value.interval)},
                         {"metric", value.metric},
                         {"rows", value.rows},
                         {"value", value.value}});
}

MetricValue metric_value_from_json(const Json& json) {
    MetricValue value;
    value.metric = json.at("metric").as_string();
    value.value = json.at("value").as_double();
    value.interval = interval_from_json(json.at("interval"));
    value.rows = json.at("rows").as_int();
    return value;
}

Json to_json(const ColumnDrift& drift) {
    Json json = Json::object({{"column", drift.column},
                              {"detectable", drift.detectable},
                              {"effect", drift.effect},
                              {"interval", to_json(drift.interval)},
                              {"note", drift.note},
                              {"p_value", drift.p_value},
                              {"rows_wanted", drift.rows_wanted},
                              {"statistic", drift.statistic},
                              {"test", drift.test},
                              {"tolerance", drift.tolerance},
                              {"verdict", std::string(to_string(drift.verdict))}});
    // Left out where there is none, as in what was stored before there were any: that replays to the bit.
    if (!std::isnan(drift.p_drift)) json["p_drift"] = drift.p_drift;
    if (!std::isnan(drift.p_corrected)) json["p_corrected"] = drift.p_corrected;
    return json;
}

ColumnDrift column_drift_from_json(const Json& json) {
    ColumnDrift drift;
    drift.column = json.at("column").as_string();
    drift.test = json.at("test").as_string();
    drift.statistic = json.at("statistic").as_double();
    drift.p_value = json.at("p_value").as_double();
    drift.effect = json.at("effect").as_double();
    drift.interval = interval_from_json(json.at("interval"));
    drift.tolerance = json.at("tolerance").as_double();
    if (const Json* p = json.find("p_drift")) drift.p_drift = p->as_double();
    if (const Json* p = json.find("p_corrected")) drift.p_corrected = p->as_double();
    drift.detectable = json.at("detectable").as_double();
    drift.rows_wanted = json.at("rows_wanted").as_int();
    drift.verdict = parse_verdict(json.at("verdict").as_string());
    drift.note = json.at("note").as_string();
    return drift;
}

Json to_json(const DriftSummary& summary) {
    Json tests = Json::array();
    for (const ColumnDrift& test : summary.tests) tests.push_back(to_json(test));
    return Json::object({{"columns", summary.columns},
                         {"current_rows", summary.current_rows},
                         {"drifted", summary.drifted},
                         {"reference_rows", summary.reference_rows},
                         {"tests", std::move(tests)},
                         {"undecided", summary.undecided},
                         {"verdict", std::string(to_string(summary.verdict))}});
}

DriftSummary drift_summary_from_json(const Json& json) {
    DriftSummary summary;
    summary.verdict = parse_verdict(json.at("verdict").as_string());
    summary.reference_rows = json.at("reference_rows").as_int();
    summary.current_rows = json.at("current_rows").as_int();
    summary.columns = json.at("columns").as_int();
    summary.drifted = json.at("drifted").as_int();
    summary.undecided = json.at("undecided").as_int();
    for (const Json& test : json.at("tests").as_array()) summary.tests.push_back(column_drift_from_json(test));
    return summary;
}

}  // namespace holdfast::stats

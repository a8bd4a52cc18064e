#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/policy/decision.hpp>
#include <holdfast/policy/observation.hpp>
#include <holdfast/policy/promotion.hpp>
#include <holdfast/policy/rule.hpp>
#include <holdfast/policy/selection.hpp>

#include "bindings.hpp"
#include "convert.hpp"
#include "given_threshold.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

/// One list of an observation's JSON, as dicts.
template <const char* Key>
Json observed(const Observation& observation) {
    return observation.to_json().at(Key);
}
constexpr char metrics_key[] = "metrics";
constexpr char yields_key[] = "yields";
constexpr char drifts_key[] = "drifts";
constexpr char events_key[] = "events";
constexpr char comparisons_key[] = "comparisons";

void bind_observation(py::module_& module) {
    py::classh<Observation>(module, "Observation",
                            R"doc(What a policy looks at: plain data, with a canonical JSON form and a hash.

Made by the loop from committed rows; `Observation.from_json` reads a stored one. What could not be observed is absent.)doc")
        .def_readonly("time", &Observation::time, "The time it was made for, in UTC.")
        .def_readonly("namespace", &Observation::name_space, "The namespace of the rows.")
        .def_readonly("endpoint", &Observation::endpoint, "The endpoint's name.")
        .def_readonly("transaction", &Observation::transaction, "Rows up to this transaction were looked at.")
        .def_readonly("live_version", &Observation::live_version, "The live version's number; 0: none.")
        .def_readonly("live_since", &Observation::live_since, "When that version was deployed, or None.")
        .def_readonly("last_retrain", &Observation::last_retrain, "When a retraining was last decided, or None.")
        .def_readonly("interactions", &Observation::interactions, "All interactions of role live.")
        .def_readonly("labelled", &Observation::labelled, "Those that have a label.")
        .def_property_readonly("metrics", &observed<metrics_key>, "Metrics by query, as dicts.")
        .def_property_readonly("yields", &observed<yields_key>, "Yields by query, as dicts.")
        .def_property_readonly("drifts", &observed<drifts_key>, "Drift summaries by query, as dicts.")
        .def_property_readonly("events", &observed<events_key>, "Events since the last observation, as dicts.")
        .def_property_readonly("comparisons", &observed<comparisons_key>, "Challenger against champion, as dicts.")
        .def_property_readonly(
            "hash", [](const Observation& seen) { return seen.hash().hex(); },
            "SHA-256 of the canonical JSON, 64 hexadecimal digits.")
        .def("to_json", &Observation::to_json, "The whole as a dict.")
        .def_static(
            "from_json", &Observation::from_json, py::arg("json"),
            "Reads what to_json gave. Raises InvalidArgument naming the member, Unsupported for a newer format.")
        .def(
            "__eq__", [](const Observation& a, const Observation& b) { return a.hash() == b.hash(); },
            py::is_operator())
        .def("__hash__", [](const Observation& seen) { return py::hash(py::str(seen.hash().hex())); })
        .def("__repr__", [](const Observation& seen) {
            return "<Observation of \"" + seen.endpoint + "\" at " + format_time(seen.time) + ": " +
                   std::to_string(seen.interactions) + " interactions, " + std::to_string(seen.labelled) + " labelled>";
        });
}

void bind_decision(py::module_& module) {
    py::classh<Reason>(module, "Reason", "One condition of a policy, what it came to, and the numbers behind it.")
        .def_readonly("rule", &Reason::rule, "The condition as it is written in Python.")
        .def_property_readonly(
            "truth", [](const Reason& reason) { return std::string(to_string(reason.truth)); },
            "\"yes\", \"no\" or \"unknown\".")
        .def_readonly("sentence", &Reason::sentence, "For people: mae over 1h was 0.52 on 340 labels, above 0.45.")
        .def_readonly("numbers", &Reason::numbers, "The numbers, as a dict.")
        .def("__repr__", [](const Reason& reason) {
            return "<Reason " + std::string(to_string(reason.truth)) + ": " + reason.sentence + ">";
        });

    py::classh<Decision>(module, "Decision", "What a policy said, why, and what reproduces it.")
        .def_readonly("sequence", &Decision::sequence, "Position in the endpoint's history; 0 before it is stored.")
        .def_property_readonly(
            "action", [](const Decision& decision) { return std::string(to_string(decision.action)); },
            "\"none\", \"retrain\", \"select\", \"promote\", \"reject\" or \"roll_back\".")
        .def_readonly("time", &Decision::time, "The observation's time, in UTC.")
        .def_readonly("endpoint", &Decision::endpoint, "The endpoint's name.")
        .def_readonly("reasons", &Decision::reasons, "Every condition that was looked at, in order.")
        .def_readonly("sentence", &Decision::sentence, "The whole, for people.")
        .def_readonly("policy", &Decision::policy, "Which policy: \"retrain\", \"promote\", ...")
        .def_readonly("policy_json", &Decision::policy_json, "The policy as it was evaluated.")
        .def_readonly("observation_hash", &Decision::observation_hash, "SHA-256 of the observation it rests on.")
        .def_readonly("transaction", &Decision::transaction, "Rows up to this transaction were looked at.")
        .def_readonly("state_before", &Decision::state_before, "The policy's state before.")
        .def_readonly("state_after", &Decision::state_after, "The policy's state after.")
        .def_readonly("arithmetic", &Decision::arithmetic, "Names the arithmetic of the answers it rests on.")
        .def_readonly("reproducible", &Decision::reproducible, "False where a policy written in Python decided.")
        .def("to_json", &Decision::to_json, "The whole as a dict.")
        .def_static(
            "from_json", &Decision::from_json, py::arg("json"),
            "Reads what to_json gave. Raises InvalidArgument naming the member, Unsupported for a newer format.")
        .def(
            "__eq__",
            [](const Decision& a, const Decision& b) { return a.to_json().canonical() == b.to_json().canonical(); },
            py::is_operator())
        .def("__hash__", [](const Decision& decision) { return py::hash(py::str(decision.to_json().canonical())); })
        .def("__repr__", [](const Decision& decision) {
            return "<Decision at " + format_time(decision.time) + ": " + decision.sentence + ">";
        });
}

LabelTime label_time(const std::string& by) {
    if (by == "recorded") return LabelTime::recorded;
    if (by == "event") return LabelTime::event;
    throw InvalidArgument("by: \"" + by + "\" given, \"recorded\" or \"event\" wanted");
}

bool by_label(const std::string& by) {
    if (by != "label" && by != "prediction")
        throw InvalidArgument("by: \"" + by + "\" given, \"prediction\" or \"label\" wanted");
    return by == "label";
}

void bind_rule(py::module_& module) {
    py::classh<Rule>(
        module, "Rule",
        R"doc(A condition on observations: true, false or unknown. Made by hf.when, hf.any_of and hf.all_of.

Pure: the same observation and state give the same decision. Unknown never acts and is named in the reasons.)doc")
        .def("held_for", &Rule::held_for, py::arg("duration"),
             "True only after the condition was true at every evaluation for `duration`.")
        .def("cooldown", &Rule::cooldown, py::arg("duration"), "After it acted, not true again for `duration`.")
        .def(
            "evaluate",
            [](const Rule& rule, const Observation& observation, const Json& state) {
                Rule::Outcome outcome = rule.evaluate(observation, state);
                return std::tuple(std::string(to_string(outcome.truth)), std::move(outcome.reasons),
                                  std::move(outcome.state));
            },
            py::arg("observation"), py::arg("state") = py::none(),
            "(\"yes\", \"no\" or \"unknown\"; the reasons; the state to give the next time).")
        .def(
            "decide",
            [](const Rule& rule, const Observation& observation, const Json& state, const std::string& action,
               const std::string& policy) { return rule.decide(observation, state, parse_action(action), policy); },
            py::arg("observation"), py::arg("state") = py::none(), py::arg("action") = "retrain",
            py::arg("policy") = "retrain", "The decision for `action` where the rule is true, else for \"none\".")
        .def("to_json", &Rule::to_json, "The rule as a dict.")
        .def_static("from_json", &Rule::from_json, py::arg("json"),
                    "Reads what to_json gave. Raises InvalidArgument naming the rule and the member.")
        .def(
            "__eq__", [](const Rule& a, const Rule& b) { return a == b; }, py::is_operator())
        .def("__hash__", [](const Rule& rule) { return py::hash(py::str(rule.to_json().canonical())); })
        .def("__repr__", &Rule::to_string);

    py::classh<when::MetricCondition>(module, "MetricCondition", "A metric waiting for its comparison.")
        .def(
            "above",
            [](const when::MetricCondition& metric, const GivenThreshold& threshold) {
                return metric.above(as_threshold(threshold));
            },
            py::arg("threshold"), "True where the metric is above `threshold`: a number, or one of hf.thresholds.")
        .def(
            "below",
            [](const when::MetricCondition& metric, const GivenThreshold& threshold) {
                return metric.below(as_threshold(threshold));
            },
            py::arg("threshold"), "True where the metric is below `threshold`: a number, or one of hf.thresholds.");
}

void bind_when(py::module_& module) {
    module.def(
        "when_metric",
        [](std::string name, const Window& over, std::int64_t min_labels, const std::string& by,
           std::optional<double> mature, std::optional<Duration> horizon, std::optional<std::int64_t> past) {
            return when::metric(std::move(name), {over, min_labels, label_time(by), mature, horizon, past});
        },
        py::arg("name"), py::arg("over"), py::arg("min_labels"), py::arg("by"), py::arg("mature"), py::arg("horizon"),
        py::arg("past"));
    module.def(
        "when_yield_below",
        [](const GivenThreshold& threshold, const Window& over, std::optional<double> drop_tolerance,
           const std::string& by, std::optional<std::int64_t> past) {
            return when::yield_below(as_threshold(threshold), {over, drop_tolerance, by_label(by), past});
        },
        py::arg("threshold"), py::arg("over"), py::arg("drop_tolerance"), py::arg("by"), py::arg("past"));
    module.def(
        "when_drift",
        [](double share, const Window& over, std::optional<double> alpha, std::vector<std::string> columns,
           double false_alarms) { return when::drift({share, over, alpha, std::move(columns), false_alarms}); },
        py::arg("share"), py::arg("over"), py::arg("alpha"), py::arg("columns"), py::arg("false_alarms"));
    module.def("when_every", &when::every, py::arg("period"));
    module.def("any_of", [](std::vector<Rule> rules) { return when::any_of(std::move(rules)); }, py::arg("rules"));
    module.def("all_of", [](std::vector<Rule> rules) { return when::all_of(std::move(rules)); }, py::arg("rules"));
}

void bind_promotion(py::module_& module) {
    py::classh<PromoteIf>(module, "PromoteIf",
                          "When a challenger may take the champion's place; made by hf.promote_if.")
        .def_readonly("metric", &PromoteIf::metric)
        .def_readonly("min_improvement", &PromoteIf::min_improvement)
        .def_readonly("confidence", &PromoteIf::confidence)
        .def("decide", &PromoteIf::decide, py::arg("observation"),
             "\"promote\", \"reject\", or \"none\" where the comparison was not observed.")
        .def("to_json", &PromoteIf::to_json, "The rule as a dict.")
        .def_static("from_json", &PromoteIf::from_json, py::arg("json"), "Reads what to_json gave.")
        .def(
            "__eq__", [](const PromoteIf& a, const PromoteIf& b) { return a == b; }, py::is_operator())
        .def("__hash__", [](const PromoteIf& rule) { return py::hash(py::str(rule.to_json().canonical())); })
        .def("__repr__", [](const PromoteIf& rule) {
            const auto text = [](const Json& value) { return value.canonical(); };
            return "hf.promote_if(metric=" + text(rule.metric) + ", min_improvement=" + text(rule.min_improvement) +
                   ", confidence=" + text(rule.confidence) + ")";
        });
    module.def("promote_if", &promote_if, py::arg("metric"), py::arg("min_improvement"), py::arg("confidence"));

    py::classh<Selection>(module, "Selection",
                          "Which logged interactions a challenger is trained on; made by hf.select.")
        .def_readonly("latest", &Selection::latest, "At most so many of the newest; None: all.")
        .def("choose", &Selection::choose, py::arg("labelled"),
             "Positions, ascending, of the rows chosen out of `labelled` rows in order of time.")
        .def("to_json", &Selection::to_json, "The selection as a dict.")
        .def_static("from_json", &Selection::from_json, py::arg("json"), "Reads what to_json gave.")
        .def(
            "__eq__", [](const Selection& a, const Selection& b) { return a == b; }, py::is_operator())
        .def("__hash__", [](const Selection& selection) { return py::hash(py::str(selection.to_json().canonical())); })
        .def("__repr__", [](const Selection& selection) {
            return "hf.select.labelled(" + (selection.latest ? "latest=" + std::to_string(*selection.latest) : "") +
                   ")";
        });
    module.def("select_labelled", &select::labelled, py::arg("latest"));
}

}  // namespace

void bind_policy(py::module_& module) {
    bind_observation(module);
    bind_decision(module);
    bind_rule(module);
    bind_when(module);
    bind_promotion(module);
}

}  // namespace holdfast::bindings

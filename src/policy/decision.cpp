#include <holdfast/policy/decision.hpp>

#include <array>
#include <utility>

#include "policy/members.hpp"

namespace holdfast {
namespace {

using detail::Members;

constexpr std::int64_t decision_format = 1;

constexpr std::array<std::pair<Action, std::string_view>, 6> action_names{{{Action::none, "none"},
                                                                           {Action::retrain, "retrain"},
                                                                           {Action::select, "select"},
                                                                           {Action::promote, "promote"},
                                                                           {Action::reject, "reject"},
                                                                           {Action::roll_back, "roll_back"}}};
constexpr std::array<std::pair<Truth, std::string_view>, 3> truth_names{
    {{Truth::no, "no"}, {Truth::yes, "yes"}, {Truth::unknown, "unknown"}}};

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) noexcept {
    for (const auto& [known, name] : names)
        if (known == value) return name;
    return "?";
}

template <class Names>
auto parse_name(const Names& names, std::string_view what, std::string_view name) {
    std::string wanted;
    for (const auto& [known, text] : names) {
        if (text == name) return known;
        wanted += (wanted.empty() ? "" : ", ") + std::string(text);
    }
    throw InvalidArgument(std::string(what) + ": \"" + std::string(name) + "\" given, one of " + wanted + " wanted");
}

Json reason_json(const Reason& reason) {
    return Json::object({{"rule", reason.rule},
                         {"truth", to_string(reason.truth)},
                         {"sentence", reason.sentence},
                         {"numbers", reason.numbers}});
}

Reason read_reason(const Json& json) {
    Members members(json, "reason");
    Reason reason;
    reason.rule = members.text("rule");
    reason.truth = members.get("truth", [](const Json& member) { return parse_truth(member.as_string()); });
    reason.sentence = members.text("sentence");
    reason.numbers = members.required("numbers");
    members.finish();
    return reason;
}

Json or_null(const Json* json) { return json == nullptr ? Json{} : *json; }

void check_format(Members& members) {
    const std::int64_t format = members.integer("format");
    if (format == decision_format) return;
    const std::string message =
        "decision: format " + std::to_string(format) + " given, " + std::to_string(decision_format) + " wanted";
    if (format > decision_format) throw Unsupported(message);
    throw InvalidArgument(message);
}

}  // namespace

std::string_view to_string(Action action) noexcept { return name_of(action_names, action); }
Action parse_action(std::string_view name) { return parse_name(action_names, "action", name); }
std::string_view to_string(Truth truth) noexcept { return name_of(truth_names, truth); }
Truth parse_truth(std::string_view name) { return parse_name(truth_names, "truth", name); }

Json Decision::to_json() const {
    Json::Array reason_list;
    for (const Reason& reason : reasons) reason_list.push_back(reason_json(reason));
    return Json::object({{"format", decision_format},
                         {"sequence", sequence},
                         {"action", to_string(action)},
                         {"time", format_time(time)},
                         {"endpoint", endpoint},
                         {"reasons", std::move(reason_list)},
                         {"sentence", sentence},
                         {"policy", policy},
                         {"policy_json", policy_json},
                         {"observation_hash", observation_hash},
                         {"transaction", transaction},
                         {"state_before", state_before},
                         {"state_after", state_after},
                         {"arithmetic", arithmetic},
                         {"reproducible", reproducible}});
}

Decision Decision::from_json(const Json& json) {
    Members members(json, "decision");
    check_format(members);
    Decision decision;
    decision.sequence = members.integer("sequence");
    decision.action = members.get("action", [](const Json& member) { return parse_action(member.as_string()); });
    decision.time = members.time("time");
    decision.endpoint = members.text("endpoint");
    decision.reasons = members.get("reasons", [](const Json& member) {
        std::vector<Reason> reasons;
        for (const Json& item : member.as_array()) reasons.push_back(read_reason(item));
        return reasons;
    });
    decision.sentence = members.text("sentence");
    decision.policy = members.text("policy");
    decision.policy_json = or_null(members.optional("policy_json"));
    decision.observation_hash = members.text("observation_hash");
    decision.transaction = members.integer("transaction");
    decision.state_before = or_null(members.optional("state_before"));
    decision.state_after = or_null(members.optional("state_after"));
    decision.arithmetic = members.text("arithmetic");
    decision.reproducible = members.boolean("reproducible");
    members.finish();
    return decision;
}

}  // namespace holdfast

#include <holdfast/policy/promotion.hpp>

#include <cmath>

#include "policy/members.hpp"
#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast {
namespace {

using detail::exact_text;

void check(const PromoteIf& rule) {
    detail::check_name("promote_if: metric", rule.metric);
    if (stats::names_metric(rule.metric)) static_cast<void>(stats::parse_metric(rule.metric));
    detail::check_finite("promote_if: min_improvement", rule.min_improvement);
    if (!(rule.confidence > 0.0 && rule.confidence < 1.0))
        throw InvalidArgument("promote_if: confidence " + exact_text(rule.confidence) +
                              " given, between 0 and 1 wanted");
}

std::string rule_text(const PromoteIf& rule) {
    return "hf.promote_if(metric=" + detail::quoted_json(rule.metric) +
           ", min_improvement=" + exact_text(rule.min_improvement) + ", confidence=" + exact_text(rule.confidence) +
           ")";
}

Json numbers_of(const PromoteIf& rule, const stats::Comparison& seen) {
    return Json::object({{"champion", seen.champion},
                         {"challenger", seen.challenger},
                         {"improvement", seen.improvement},
                         {"lower", seen.lower},
                         {"confidence", seen.confidence},
                         {"rows", seen.rows},
                         {"min_improvement", rule.min_improvement}});
}

std::string compared_sentence(const PromoteIf& rule, const stats::Comparison& seen, bool enough) {
    return rule.metric + " of the challenger was " + detail::rounded_text(seen.challenger, seen.champion) +
           " against the champion's " + detail::rounded_text(seen.champion, seen.challenger) + " on " +
           detail::counted(seen.rows, "row") + ": better by at least " +
           detail::rounded_text(seen.lower, rule.min_improvement) + " with confidence " + exact_text(rule.confidence) +
           (enough ? ", and " : ", not ") + exact_text(rule.min_improvement) + (enough ? " is enough" : " as wanted");
}

Reason reason_of(const PromoteIf& rule, const stats::Comparison* seen) {
    Reason reason{rule_text(rule), Truth::unknown, "", Json::object({})};
    if (seen == nullptr) {
        reason.sentence = "champion and challenger were not compared by " + rule.metric;
        return reason;
    }
    reason.numbers = numbers_of(rule, *seen);
    if (seen->confidence != rule.confidence) {
        reason.sentence = "champion and challenger were compared by " + rule.metric + " at confidence " +
                          exact_text(seen->confidence) + ", not at " + exact_text(rule.confidence);
    } else if (!std::isfinite(seen->lower)) {
        reason.sentence =
            "the improvement of " + rule.metric + " is not defined on " + detail::counted(seen->rows, "row");
    } else {
        const bool enough = seen->lower >= rule.min_improvement;
        reason.truth = enough ? Truth::yes : Truth::no;
        reason.sentence = compared_sentence(rule, *seen, enough);
    }
    return reason;
}

}  // namespace

Requirements PromoteIf::requirements() const {
    Requirements wanted;
    wanted.comparisons = {metric};
    return wanted;
}

Decision PromoteIf::decide(const Observation& observation) const {
    check(*this);
    Reason reason = reason_of(*this, observation.find_comparison(metric));
    Decision decision;
    if (reason.truth == Truth::yes) decision.action = Action::promote;
    if (reason.truth == Truth::no) decision.action = Action::reject;
    decision.time = observation.time;
    decision.endpoint = observation.endpoint;
    decision.sentence =
        (reason.truth == Truth::unknown ? "no promotion, not known" : std::string(to_string(decision.action))) + ": " +
        reason.sentence;
    decision.reasons = {std::move(reason)};
    decision.policy = "promote";
    decision.policy_json = to_json();
    decision.observation_hash = observation.hash().hex();
    decision.transaction = observation.transaction;
    return decision;
}

Json PromoteIf::to_json() const {
    return Json::object(
        {{"rule", "promote_if"}, {"metric", metric}, {"min_improvement", min_improvement}, {"confidence", confidence}});
}

PromoteIf PromoteIf::from_json(const Json& json) {
    detail::Members members(json, "promote_if");
    if (const std::string name = members.text("rule"); name != "promote_if")
        members.refuse("rule", detail::quoted_json(name) + " given, \"promote_if\" wanted");
    PromoteIf rule;
    rule.metric = members.text("metric");
    if (members.optional("min_improvement") != nullptr) rule.min_improvement = members.number("min_improvement");
    if (members.optional("confidence") != nullptr) rule.confidence = members.number("confidence");
    members.finish();
    check(rule);
    return rule;
}

PromoteIf promote_if(std::string metric, double min_improvement, double confidence) {
    PromoteIf rule{std::move(metric), min_improvement, confidence};
    check(rule);
    return rule;
}

}  // namespace holdfast

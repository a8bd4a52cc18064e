#include <holdfast/policy/rule.hpp>

#include "policy/line.hpp"
#include "policy/rule_node.hpp"

namespace holdfast {
namespace {

struct Evaluated {
    detail::Finding finding;
    std::vector<Reason> reasons;
};

/// Cooldowns begin only where the whole rule is true, which is known after a first pass.
Evaluated evaluate_node(const detail::RuleNode& node, const Observation& observation, const Json& state) {
    detail::Evaluation evaluation{observation, false, {}};
    detail::Finding finding = node.evaluate(evaluation, state);
    if (finding.truth == Truth::yes) {
        evaluation.acting = true;
        evaluation.reasons.clear();
        finding = node.evaluate(evaluation, state);
    }
    return {std::move(finding), std::move(evaluation.reasons)};
}

std::string whole_sentence(Action action, const detail::Finding& finding) {
    std::string text(to_string(action));
    if (finding.truth == Truth::no) text = "no " + text;
    if (finding.truth == Truth::unknown) text = "no " + text + ", not known";
    for (std::size_t i = 0; i < finding.because.size(); ++i) text += (i == 0 ? ": " : "; ") + finding.because[i];
    return text;
}

std::vector<detail::NodePtr> nodes_of(const std::vector<Rule>& rules) {
    std::vector<detail::NodePtr> nodes;
    for (const Rule& rule : rules) nodes.push_back(rule.node());
    return nodes;
}

}  // namespace

Rule::Rule(std::shared_ptr<const detail::RuleNode> node) : node_(std::move(node)) {
    if (node_ == nullptr) throw InvalidArgument("rule: a node wanted, nullptr given");
}

Rule Rule::held_for(Duration duration) const { return Rule(detail::make_held_for(node_, duration)); }
Rule Rule::cooldown(Duration duration) const { return Rule(detail::make_cooldown(node_, duration)); }

Requirements Rule::requirements() const {
    Requirements all;
    node_->require(all);
    return united(all, {});
}

Rule::Outcome Rule::evaluate(const Observation& observation, const Json& state) const {
    Evaluated evaluated = evaluate_node(*node_, observation, state);
    return {evaluated.finding.truth, std::move(evaluated.reasons), std::move(evaluated.finding.state)};
}

Decision Rule::decide(const Observation& observation, const Json& state, Action action, std::string policy) const {
    if (action == Action::none) throw InvalidArgument("rule: action none given, one that does something wanted");
    Evaluated evaluated = evaluate_node(*node_, observation, state);
    Decision decision;
    decision.action = evaluated.finding.truth == Truth::yes ? action : Action::none;
    decision.time = observation.time;
    decision.endpoint = observation.endpoint;
    decision.reasons = std::move(evaluated.reasons);
    decision.sentence = whole_sentence(action, evaluated.finding);
    decision.policy = std::move(policy);
    decision.policy_json = to_json();
    decision.observation_hash = observation.hash().hex();
    decision.transaction = observation.transaction;
    decision.state_before = state;
    decision.state_after = std::move(evaluated.finding.state);
    return decision;
}

Json Rule::to_json() const { return node_->to_json(); }
Rule Rule::from_json(const Json& json) { return Rule(detail::read_rule(json)); }
std::string Rule::to_string() const { return node_->source(detail::Source::python); }

namespace when {

Rule MetricCondition::compared(bool above, stats::Threshold threshold) const {
    MetricQuery query = query_;
    query.past = past_.value_or(detail::usual_past(threshold));
    return Rule(detail::make_metric(std::move(query), above, std::move(threshold)));
}
Rule MetricCondition::above(stats::Threshold threshold) const { return compared(true, std::move(threshold)); }
Rule MetricCondition::below(stats::Threshold threshold) const { return compared(false, std::move(threshold)); }

MetricCondition metric(std::string name, MetricOptions options) {
    MetricQuery query{std::move(name), options.over, options.min_labels, options.by, options.mature, options.horizon};
    // Labels in the order in which they were recorded have no cohorts.
    if (query.by != LabelTime::event || query.over.is_rows()) query.mature.reset();
    return MetricCondition(std::move(query), options.past);
}

Rule yield_below(stats::Threshold threshold, YieldOptions options) {
    const YieldQuery query{options.over, options.by_label, options.past.value_or(detail::usual_past(threshold))};
    return Rule(detail::make_yield(query, std::move(threshold), options.drop_tolerance));
}

Rule drift(DriftOptions options) {
    return Rule(detail::make_drift(
        {options.over, options.share, options.alpha, std::move(options.columns), options.false_alarms}));
}

Rule every(Duration period) { return Rule(detail::make_every(period)); }

Rule any_of(std::vector<Rule> rules) { return Rule(detail::make_combined(true, nodes_of(rules))); }
Rule all_of(std::vector<Rule> rules) { return Rule(detail::make_combined(false, nodes_of(rules))); }

}  // namespace when
}  // namespace holdfast

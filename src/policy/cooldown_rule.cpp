#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

/// State: {"of": the child's, "last": when it was last true in a rule that acted}.
class CooldownNode final : public RuleNode {
  public:
    CooldownNode(NodePtr of, Duration duration) : RuleNode({of}), of_(std::move(of)), duration_(duration) {
        check_duration("rule cooldown", duration, false);
    }

    /// The child is evaluated during the cooldown, too: a condition below it goes on being held.
    Finding evaluate(Evaluation& evaluation, const Json& state) const override {
        Finding finding = of_->evaluate(evaluation, state_member(state, "of"));
        Json child_state = std::move(finding.state);
        finding.state = Json{};
        Json last = state_member(state, "last");
        const Time now = evaluation.observation.time;

        if (!last.is_null()) {
            const Time acted = parse_time(last.as_string());
            const Duration passed = elapsed(acted, now);
            if (passed < duration_) finding = cooling(evaluation, acted, duration_ - passed);
        }
        if (finding.truth == Truth::yes && evaluation.acting) last = format_time(now);
        if (!last.is_null()) finding.state["last"] = std::move(last);
        if (!child_state.is_null()) finding.state["of"] = std::move(child_state);
        return finding;
    }

    void require(Requirements& requirements) const override { of_->require(requirements); }

    Json to_json() const override {
        return Json::object({{"rule", "cooldown"}, {"duration", format_duration(duration_)}, {"of", of_->to_json()}});
    }

    std::string source(Source source) const override {
        return of_->source(source) + ".cooldown(" + quoted_json(format_duration(duration_)) + ")";
    }

  private:
    Finding cooling(Evaluation& evaluation, Time acted, Duration left) const {
        return found(
            evaluation, Truth::no,
            "it acted at " + format_time(acted) + " and rests for another " + duration_text(left) + " of " +
                duration_text(duration_),
            Json::object(
                {{"last", format_time(acted)}, {"left", duration_text(left)}, {"duration", duration_text(duration_)}}));
    }

    NodePtr of_;
    Duration duration_;
};

}  // namespace

NodePtr make_cooldown(NodePtr of, Duration duration) { return std::make_shared<CooldownNode>(std::move(of), duration); }

}  // namespace holdfast::detail

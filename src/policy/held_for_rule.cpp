#include <algorithm>

#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

/// State: {"of": the child's, "since": time of the first evaluation of an unbroken run of yes}.
class HeldForNode final : public RuleNode {
  public:
    HeldForNode(NodePtr of, Duration duration) : RuleNode({of}), of_(std::move(of)), duration_(duration) {
        check_duration("rule held_for", duration, true);
    }

    Finding evaluate(Evaluation& evaluation, const Json& state) const override {
        Finding child = of_->evaluate(evaluation, state_member(state, "of"));
        if (child.truth != Truth::yes) {
            if (!child.state.is_null()) child.state = Json::object({{"of", std::move(child.state)}});
            return child;
        }
        const Time now = evaluation.observation.time;
        const Json& stored = state_member(state, "since");
        // A clock that was set back must not leave `since` in the future.
        const Time since = stored.is_null() ? now : std::min(now, parse_time(stored.as_string()));
        const Duration held = elapsed(since, now);
        const bool enough = held >= duration_;

        Finding self = found(evaluation, enough ? Truth::yes : Truth::no,
                             "it has held for " + duration_text(held) + (enough ? ", at least " : ", not yet ") +
                                 duration_text(duration_),
                             Json::object({{"since", format_time(since)},
                                           {"held", duration_text(held)},
                                           {"duration", duration_text(duration_)}}));
        self.because.insert(self.because.begin(), child.because.begin(), child.because.end());
        self.state = Json::object({{"since", format_time(since)}});
        if (!child.state.is_null()) self.state["of"] = std::move(child.state);
        return self;
    }

    void require(Requirements& requirements) const override { of_->require(requirements); }

    Json to_json() const override {
        return Json::object({{"rule", "held_for"}, {"duration", format_duration(duration_)}, {"of", of_->to_json()}});
    }

    std::string source(Source source) const override {
        return of_->source(source) + ".held_for(" + quoted_json(format_duration(duration_)) + ")";
    }

  private:
    NodePtr of_;
    Duration duration_;
};

}  // namespace

NodePtr make_held_for(NodePtr of, Duration duration) { return std::make_shared<HeldForNode>(std::move(of), duration); }

}  // namespace holdfast::detail

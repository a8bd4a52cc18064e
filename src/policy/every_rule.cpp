#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

class EveryNode final : public RuleNode {
  public:
    explicit EveryNode(Duration period) : RuleNode({}), period_(period) { check_duration("rule every", period, false); }

    Finding evaluate(Evaluation& evaluation, const Json&) const override {
        const Observation& observation = evaluation.observation;
        const bool retrained = observation.last_retrain.has_value();
        const auto& since = retrained ? observation.last_retrain : observation.live_since;
        if (!since)
            return found(evaluation, Truth::unknown, "nothing was retrained and nothing is live to count from",
                         Json::object({}));
        const Duration passed = elapsed(*since, observation.time);
        const bool due = passed >= period_;
        std::string sentence = std::string(retrained ? "the last retraining" : "the deployment of what is live") +
                               " was " + duration_text(passed) + " ago, " + (due ? "at least " : "not yet ") +
                               duration_text(period_);
        return found(evaluation, due ? Truth::yes : Truth::no, std::move(sentence),
                     Json::object({{"since", format_time(*since)},
                                   {"passed", duration_text(passed)},
                                   {"period", duration_text(period_)}}));
    }

    void require(Requirements&) const override {}
    Json to_json() const override { return Json::object({{"rule", "every"}, {"period", format_duration(period_)}}); }
    std::string source(Source) const override { return "hf.when.every(" + quoted_json(format_duration(period_)) + ")"; }

  private:
    Duration period_;
};

}  // namespace

NodePtr make_every(Duration period) { return std::make_shared<EveryNode>(period); }

}  // namespace holdfast::detail

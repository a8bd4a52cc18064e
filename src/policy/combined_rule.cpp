#include "policy/rule_node.hpp"

namespace holdfast::detail {
namespace {

/// any_of and all_of, by Kleene's strong tables. State: {"of": one a child}, null where all are.
class CombinedNode final : public RuleNode {
  public:
    CombinedNode(bool any, std::vector<NodePtr> of) : RuleNode(of), any_(any), of_(std::move(of)) {
        if (of_.empty()) throw InvalidArgument("rule " + name() + ": at least one rule wanted, none given");
    }

    /// Every child is evaluated, whatever the others say: each keeps its own state.
    Finding evaluate(Evaluation& evaluation, const Json& state) const override {
        std::vector<Finding> children;
        children.reserve(of_.size());
        for (std::size_t i = 0; i < of_.size(); ++i)
            children.push_back(of_[i]->evaluate(evaluation, child_state(state, i)));

        Finding self{combine(children), Json{}, {}};
        const bool needs_all = self.truth == (any_ ? Truth::no : Truth::yes);
        Json::Array states;
        bool stateless = true;
        for (Finding& child : children) {
            if (needs_all || child.truth == self.truth)
                self.because.insert(self.because.end(), child.because.begin(), child.because.end());
            stateless = stateless && child.state.is_null();
            states.push_back(std::move(child.state));
        }
        if (!stateless) self.state = Json::object({{"of", std::move(states)}});
        return self;
    }

    void require(Requirements& requirements) const override {
        for (const auto& child : of_) child->require(requirements);
    }

    Json to_json() const override {
        Json::Array children;
        for (const auto& child : of_) children.push_back(child->to_json());
        return Json::object({{"rule", name()}, {"of", std::move(children)}});
    }

    std::string source(Source source) const override {
        std::string text = "hf." + name() + "(";
        for (std::size_t i = 0; i < of_.size(); ++i) text += (i == 0 ? "" : ", ") + of_[i]->source(source);
        return text + ")";
    }

  private:
    [[nodiscard]] std::string name() const { return any_ ? "any_of" : "all_of"; }

    [[nodiscard]] const Json& child_state(const Json& state, std::size_t i) const {
        const Json& states = state_member(state, "of");
        if (states.is_null()) return states;
        if (!states.is_array() || states.as_array().size() != of_.size())
            throw InvalidArgument("state of rule " + name() + ": one state for each of " + std::to_string(of_.size()) +
                                  " rules wanted");
        return states.as_array()[i];
    }

    [[nodiscard]] Truth combine(const std::vector<Finding>& children) const {
        const Truth decisive = any_ ? Truth::yes : Truth::no;
        Truth truth = any_ ? Truth::no : Truth::yes;
        for (const Finding& child : children) {
            if (child.truth == decisive) return decisive;
            if (child.truth == Truth::unknown) truth = Truth::unknown;
        }
        return truth;
    }

    bool any_;
    std::vector<NodePtr> of_;
};

}  // namespace

NodePtr make_combined(bool any, std::vector<NodePtr> of) { return std::make_shared<CombinedNode>(any, std::move(of)); }

}  // namespace holdfast::detail

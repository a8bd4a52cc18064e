/// RuleNode: one node of a rule's tree. Each kind of rule has a file of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/policy/decision.hpp>
#include <holdfast/policy/observation.hpp>
#include <holdfast/stats/threshold.hpp>

#include "policy/members.hpp"

namespace holdfast::detail {

class RuleNode;
using NodePtr = std::shared_ptr<const RuleNode>;

/// Levels of a rule, and rules in one tree: a rule from a file or a request must not exhaust the stack.
inline constexpr int max_rule_depth = 64;
inline constexpr std::int64_t max_rule_nodes = 4096;

/// What one evaluation shares among the nodes.
struct Evaluation {
    const Observation& observation;
    /// The whole rule is known to be true: cooldowns that are true begin now.
    bool acting = false;
    std::vector<Reason> reasons;
};

struct Finding {
    Truth truth = Truth::unknown;
    Json state;
    std::vector<std::string> because;  ///< sentences of the reasons that settled it
};

/// A rule as Python: to be read back, or as reasons tell it, which must not change once told.
enum class Source : std::uint8_t { python, reason };

class RuleNode {
  public:
    virtual ~RuleNode();
    RuleNode(const RuleNode&) = delete;
    RuleNode& operator=(const RuleNode&) = delete;

    [[nodiscard]] virtual Finding evaluate(Evaluation& evaluation, const Json& state) const = 0;
    virtual void require(Requirements& requirements) const = 0;
    [[nodiscard]] virtual Json to_json() const = 0;
    [[nodiscard]] virtual std::string source(Source source) const = 0;

    [[nodiscard]] int depth() const noexcept { return depth_; }
    [[nodiscard]] std::int64_t nodes() const noexcept { return nodes_; }

  protected:
    /// InvalidArgument where the tree grows over its bounds.
    explicit RuleNode(const std::vector<NodePtr>& children);

    /// Adds a reason, and makes the finding that rests on it alone.
    [[nodiscard]] Finding found(Evaluation& evaluation, Truth truth, std::string sentence, Json numbers) const;

  private:
    int depth_ = 1;
    std::int64_t nodes_ = 1;
};

[[nodiscard]] NodePtr make_metric(MetricQuery query, bool above, stats::Threshold threshold);
[[nodiscard]] NodePtr make_yield(YieldQuery query, stats::Threshold threshold, std::optional<double> drop_tolerance);
[[nodiscard]] NodePtr make_drift(DriftQuery query);
[[nodiscard]] NodePtr make_every(Duration period);
[[nodiscard]] NodePtr make_held_for(NodePtr of, Duration duration);
[[nodiscard]] NodePtr make_cooldown(NodePtr of, Duration duration);
[[nodiscard]] NodePtr make_combined(bool any, std::vector<NodePtr> of);

[[nodiscard]] NodePtr read_rule(const Json& json, int level = 1);
[[nodiscard]] NodePtr read_metric(Members& members);
[[nodiscard]] NodePtr read_yield(Members& members);
[[nodiscard]] NodePtr read_drift(Members& members);

/// A state's member for one child; null at first. InvalidArgument where the state is not this rule's.
[[nodiscard]] const Json& state_member(const Json& state, std::string_view key);
/// Refuses durations that their text cannot say: negative ones and parts of a millisecond.
void check_duration(std::string_view what, Duration duration, bool zero_allowed);
void check_finite(std::string_view what, double value);
void check_name(std::string_view what, std::string_view name);

}  // namespace holdfast::detail

/// Rule: a composable, three-valued condition on observations, stored as JSON.
///
///     auto retrain = when::any_of(when::metric("mae", {.over = 1h, .min_labels = 200}).above(0.45).held_for(5min),
///                                 when::drift({.share = 0.3})).cooldown(6h);
///     auto [decision, state] = retrain.decide(observation, state);
///
/// Pure: the same observation and state give the same decision and state, to the bit. What was not observed, or is
/// insufficient, is unknown, never acts, and is named in the reasons.
///
/// Thread safety: immutable; safe from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>
#include <holdfast/policy/decision.hpp>
#include <holdfast/policy/observation.hpp>
#include <holdfast/stats/threshold.hpp>

namespace holdfast {

namespace detail {
class RuleNode;
}

class HOLDFAST_EXPORT Rule {
  public:
    explicit Rule(std::shared_ptr<const detail::RuleNode> node);

    /// True only after the condition has been true at every evaluation for `duration`; no or unknown begins anew
    /// (Prometheus' `for`).
    [[nodiscard]] Rule held_for(Duration duration) const;
    /// After it acted (was true in a rule that was true as a whole), not true again for `duration`.
    [[nodiscard]] Rule cooldown(Duration duration) const;

    [[nodiscard]] Requirements requirements() const;
    struct Outcome;
    /// `state` is null at first, then what the last call gave.
    [[nodiscard]] Outcome evaluate(const Observation& observation, const Json& state) const;
    /// Evaluates, and makes the decision `action` where the rule is true, else none.
    [[nodiscard]] Decision decide(const Observation& observation, const Json& state, Action action,
                                  std::string policy) const;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Rule from_json(const Json& json);  ///< InvalidArgument naming the member
    [[nodiscard]] std::string to_string() const;            ///< as it is written in Python
    bool operator==(const Rule& other) const { return to_json() == other.to_json(); }
    [[nodiscard]] const std::shared_ptr<const detail::RuleNode>& node() const noexcept { return node_; }

  private:
    std::shared_ptr<const detail::RuleNode> node_;
};

struct Rule::Outcome {
    Truth truth = Truth::unknown;
    std::vector<Reason>
        reasons;  ///< of the leaves in order, of a held_for whose condition is true, of a cooldown that rests
    Json state;
};

namespace when {

struct MetricOptions {
    Window over = rows(1000);
    std::int64_t min_labels = 1;
    LabelTime by = LabelTime::recorded;
    /// Of windows of event time: a bucket enters when this share of its interactions is labelled, or older than the
    /// horizon. None: whatever there is.
    std::optional<double> mature = 0.9;
    std::optional<Duration> horizon{};
    /// Of a threshold that past windows make: how many of the same extent, one after another before this one, of what
    /// the live version answered. None: 30, or as many as the threshold wants.
    std::optional<std::int64_t> past{};
};
/// A metric waiting for its comparison.
class HOLDFAST_EXPORT MetricCondition {
  public:
    MetricCondition(MetricQuery query, std::optional<std::int64_t> past) : query_(std::move(query)), past_(past) {}
    [[nodiscard]] Rule above(stats::Threshold threshold) const;
    [[nodiscard]] Rule below(stats::Threshold threshold) const;

  private:
    [[nodiscard]] Rule compared(bool above, stats::Threshold threshold) const;

    MetricQuery query_;
    std::optional<std::int64_t> past_;
};
[[nodiscard]] HOLDFAST_EXPORT MetricCondition metric(std::string name, MetricOptions options = {});

/// A window of rows is unknown until it is full.
struct YieldOptions {
    Window over = rows(1000);
    /// Also true where yield fell by more than this since the window of the same extent before.
    std::optional<double> drop_tolerance{};
    bool by_label = false;
    std::optional<std::int64_t> past{};  ///< as a metric's
};
[[nodiscard]] HOLDFAST_EXPORT Rule yield_below(stats::Threshold threshold, YieldOptions options = {});

/// Judges the last complete window: steps between two windows see the same one, and there are at most `false_alarms` of
/// 1,000 windows without drift, however often one steps. With `alpha`, instead, every step judges the newest rows at
/// that level, and false alarms add up.
struct DriftOptions {
    double share = 0.0;  ///< 0: any column
    Window over = rows(1000);
    std::optional<double> alpha{};
    std::vector<std::string> columns{};
    double false_alarms = 1.0;
};
[[nodiscard]] HOLDFAST_EXPORT Rule drift(DriftOptions options = {});

/// True where the last retraining (or, before the first, the deployment of what is live) is at least `period` ago.
[[nodiscard]] HOLDFAST_EXPORT Rule every(Duration period);

[[nodiscard]] HOLDFAST_EXPORT Rule any_of(std::vector<Rule> rules);
[[nodiscard]] HOLDFAST_EXPORT Rule all_of(std::vector<Rule> rules);
template <class... Rules>
[[nodiscard]] Rule any_of(Rule first, Rules... rest) {
    return any_of(std::vector<Rule>{std::move(first), std::move(rest)...});
}
template <class... Rules>
[[nodiscard]] Rule all_of(Rule first, Rules... rest) {
    return all_of(std::vector<Rule>{std::move(first), std::move(rest)...});
}

}  // namespace when
}  // namespace holdfast

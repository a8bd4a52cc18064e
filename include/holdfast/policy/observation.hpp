/// Observation: all that a policy may look at, as plain data with a canonical JSON form and a hash.
///
/// The loop computes it from committed rows up to `transaction`, so that the same rows give the same bytes. What could
/// not be observed is absent, and a rule that asks for it is unknown.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/hash.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/base/window.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/scores.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast {

/// Over which time a window of labels runs.
enum class LabelTime : std::uint8_t { recorded, event };

/// A built-in metric of labelled interactions ("mae", "f1(average=macro)"), or the mean of what `record_metric` stored
/// under a name.
struct MetricQuery {
    std::string metric;
    Window over = rows(1000);
    std::int64_t min_labels = 1;
    LabelTime by = LabelTime::recorded;
    /// By event: only cohorts that have matured (Maturity in workspace), of which this share is labelled or past the
    /// horizon; none: all, however young.
    std::optional<double> mature{};
    std::optional<Duration> horizon{};
    std::int64_t past = 0;  ///< windows of the same extent before it that are shown, too
    bool operator==(const MetricQuery&) const = default;
};

struct YieldQuery {
    Window over = rows(1000);
    bool by_label = false;  ///< of true labels; else of predicted ones
    std::int64_t past = 0;  ///< windows of the same extent before it that are shown, too
    bool operator==(const YieldQuery&) const = default;
};

struct DriftQuery {
    Window over = rows(1000);
    double share = 0.0;
    /// One look at the newest rows of each step, at this level; none: looks at complete windows, see
    /// workspace/look.hpp.
    std::optional<double> alpha{};
    std::vector<std::string> columns{};  ///< empty: every feature
    double false_alarms = 1.0;           ///< of looks: at most so many in 1,000 windows
    bool operator==(const DriftQuery&) const = default;
};

/// mae, rmse, r2, accuracy, auc, brier, log_loss: the metrics that observations of format 1 could hold. What others
/// recorded under the name of any other metric goes before the metric.
[[nodiscard]] HOLDFAST_EXPORT bool is_metric_of_format_1(std::string_view name) noexcept;

/// What a policy must be shown.
struct Requirements {
    std::vector<MetricQuery> metrics;
    std::vector<YieldQuery> yields;
    std::vector<DriftQuery> drifts;
    std::vector<std::string> comparisons;  ///< metrics of champion against challenger
    std::int64_t format = 2;               ///< of the observation; an older one to make again what was seen then
};
[[nodiscard]] HOLDFAST_EXPORT Requirements united(const Requirements& a, const Requirements& b);

struct ObservedMetric {
    MetricQuery query;
    stats::MetricValue value;
    std::string reason{};                 ///< why it is not defined
    std::optional<Time> matured_until{};  ///< the end of the newest cohort that has matured
    std::int64_t waiting = 0;             ///< interactions in cohorts that have not
    /// Of the query's past windows, the newest first, each of what the live version answered; NaN where there is no
    /// value of at least min_labels.
    std::vector<double> past{};
};
struct ObservedYield {
    YieldQuery query;
    double value = 0.0;  ///< NaN where the window is empty
    std::int64_t rows = 0;
    double previous = 0.0;  ///< of the window of the same extent before it; NaN where that is empty or shorter
    std::int64_t previous_rows = 0;
    /// Of the query's past windows, the newest first, each of what the live version answered; NaN where one is empty,
    /// or of rows and not full.
    std::vector<double> past{};
};
struct ObservedDrift {
    DriftQuery query;
    stats::DriftSummary summary;
};
struct ObservedEvent {
    std::string kind;
    Time time;
    Json data;
};

struct HOLDFAST_EXPORT Observation {
    /// 1: metrics are mae, rmse, r2, accuracy, auc, brier and log_loss, and say neither reason nor maturity.
    std::int64_t format = 2;
    Time time{};
    std::string name_space = "default";
    std::string endpoint;
    std::int64_t transaction = 0;
    std::int64_t live_version = 0;  ///< 0: none
    std::optional<Time> live_since;
    std::optional<Time> last_retrain;  ///< when a retraining was last decided
    std::int64_t interactions = 0;     ///< all, role live, up to the transaction
    std::int64_t labelled = 0;
    std::vector<ObservedMetric> metrics;
    std::vector<ObservedYield> yields;
    std::vector<ObservedDrift> drifts;
    std::vector<ObservedEvent> events;           ///< since the last observation
    std::vector<stats::Comparison> comparisons;  ///< challenger against champion, while evaluating
    Json subject;  ///< what is judged then: champion, challenger, sample manifest; else null

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Observation from_json(const Json& json);
    [[nodiscard]] Digest hash() const;

    [[nodiscard]] const ObservedMetric* find(const MetricQuery& query) const noexcept;
    [[nodiscard]] const ObservedYield* find(const YieldQuery& query) const noexcept;
    [[nodiscard]] const ObservedDrift* find(const DriftQuery& query) const noexcept;
    [[nodiscard]] const stats::Comparison* find_comparison(std::string_view metric) const noexcept;
};

}  // namespace holdfast

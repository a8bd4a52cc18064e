/// Endpoint: a named serving slot. It predicts with the live version, logs every interaction and lets monitors watch.
///
///     auto answer = endpoint.predict(batch, {.ids = ids, .time = now});
///     if (!answer) return shed(answer.error());
///
/// A handle: copies share the slot. What depends on a request is a Result; everything else throws.
///
/// Thread safety: all calls are safe from several threads; `predict` never waits for a swap.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/id.hpp>
#include <holdfast/base/result.hpp>
#include <holdfast/base/window.hpp>
#include <holdfast/data/batch.hpp>
#include <holdfast/export.hpp>
#include <holdfast/models/outputs.hpp>
#include <holdfast/monitor/constraints.hpp>
#include <holdfast/monitor/drift.hpp>
#include <holdfast/serving/observer.hpp>
#include <holdfast/serving/slot.hpp>
#include <holdfast/stats/quality.hpp>
#include <holdfast/stats/slices.hpp>
#include <holdfast/stats/types.hpp>
#include <holdfast/store/rows.hpp>
#include <holdfast/store/store.hpp>
#include <holdfast/workspace/logging.hpp>
#include <holdfast/workspace/maturity.hpp>
#include <holdfast/workspace/registry.hpp>

namespace holdfast {

struct RequestOptions {
    std::span<const Id> ids{};      ///< one a row, or none: UUIDv7
    std::optional<Time> time{};     ///< event time of every row; none: the clock's
    std::span<const Time> times{};  ///< or one a row
    std::optional<Duration>
        deadline{};  ///< from the call: an answer later than this is DeadlineExceeded, and not logged; one that is
                     ///< waiting for its rows' commit then is DeadlineExceeded, and may be logged
};

struct Answer {
    Outputs outputs;
    std::shared_ptr<const Served> served;  ///< keeps class labels in `outputs` alive
    std::vector<Id> ids{};
    std::int64_t latency_ns = 0;

    [[nodiscard]] std::int64_t version() const noexcept { return served->version; }
    [[nodiscard]] const TensorView& values() const { return outputs.at(served->model->signature().prediction); }
    [[nodiscard]] const TensorView& probabilities() const { return outputs.at(served->model->signature().probability); }
};

/// How a monitor looks at labels.
struct PerformanceOptions {
    std::vector<std::string> metrics{};  ///< texts as stats::parse_metric reads them; none: what fits the model
    /// A duration runs over event time, and only buckets enter whose labels have matured; else it runs over the time at
    /// which labels were recorded.
    bool by_event = false;
    double mature = 0.9;                ///< by event: share of a bucket that is labelled or past the horizon
    std::optional<Duration> horizon{};  ///< how long a label may take; none: the endpoint's label_horizon
    /// Intervals draw whole entities anew where the endpoint's logging names one and their rows are there (not of ece).
    bool cluster = true;
    std::uint64_t seed = 0;  ///< names those draws
};

/// What a person may ask of recent traffic: the committed rows of the window, whichever process logged them.
class HOLDFAST_EXPORT EndpointMonitor {
  public:
    /// Judges the last complete window of a fixed grid: at most `false_alarms` of 1,000 windows without drift say
    /// drift, however often one looks (options.alpha is not used). See workspace/look.hpp.
    [[nodiscard]] DriftReport drift(const Window& over = rows(5000), const DriftOptions& options = {},
                                    double false_alarms = 1.0) const;
    /// One look at the newest rows, or at the time until now, at options.alpha: false alarms add up over looks.
    [[nodiscard]] DriftReport drift_now(const Window& over = rows(5000), const DriftOptions& options = {}) const;
    /// Metrics of the labelled interactions of a window, in the order asked for; where one is not defined, with the
    /// reason. A duration is answered from sums, in milliseconds, whatever its rows; it reads rows by event, for what
    /// sums do not tell, to draw entities, and for the exact areas of at most 10,000 rows.
    [[nodiscard]] std::vector<stats::QualityValue> performance(const Window& over = rows(5000),
                                                               const PerformanceOptions& options = {}) const;
    /// The same, and by the values of a feature or output: at most `most` of them, none continuous (InvalidArgument).
    [[nodiscard]] std::vector<stats::SlicedQuality> performance_by(std::string_view column,
                                                                   const Window& over = rows(5000),
                                                                   const PerformanceOptions& options = {},
                                                                   std::int64_t most = stats::default_slices) const;
    /// The buckets of a duration of event time, matured or not; oldest first.
    [[nodiscard]] std::vector<LabelCohort> cohorts(const Window& over, const PerformanceOptions& options = {}) const;
    [[nodiscard]] double yield(const Window& over) const;
    /// Of the constraints in the live version's package, among all rows that this process answered since it loaded
    /// that version; sampling and left-out columns of the log do not matter. NotFound where the package has none.
    [[nodiscard]] Violations violations(double level = 0.99) const;

  private:
    friend class Endpoint;
    struct State;
    std::shared_ptr<State> state_;
};

class HOLDFAST_EXPORT Endpoint {
  public:
    [[nodiscard]] const std::string& name() const noexcept;

    [[nodiscard]] Result<Answer> predict(const Batch& batch, const RequestOptions& options = {});
    /// Writes the prediction into the caller's memory; logged alike.
    [[nodiscard]] Status predict_into(const Batch& batch, const TensorView& out, const RequestOptions& options = {});

    /// Serves it here before it returns; nothing new where it is live already. Conflict unless approved, or when the
    /// endpoint is frozen and `by` begins with "controller", "rule" or "follow": nobody in person.
    void deploy(std::string_view model, std::int64_t version, std::string_view by = {}, std::string_view reason = {});
    void deploy(const Version& version, std::string_view by = {}, std::string_view reason = {}) {
        deploy(version.model, version.number, by, reason);
    }
    /// "latest_approved", or "" to stop following.
    void follow(std::string_view what);
    /// Back to the version that was live before, once more to the one before that; Conflict where there is none.
    void rollback(std::string_view reason, std::string_view by = {});
    /// Stops (or allows again) every automatic change.
    void freeze(std::string_view reason, std::string_view by = {});
    void unfreeze(std::string_view reason, std::string_view by = {});
    [[nodiscard]] bool frozen() const;

    [[nodiscard]] std::optional<Version> live() const;           ///< as committed
    [[nodiscard]] std::shared_ptr<const Served> served() const;  ///< as loaded here
    /// What was live when, and why, and what was tried; oldest first.
    [[nodiscard]] std::vector<store::DeploymentRow> ledger() const;
    [[nodiscard]] std::vector<std::string> good() const;
    [[nodiscard]] EndpointMonitor monitor() const;

    /// How interactions are logged, in every process within a second. Conflict for another bucket; InvalidArgument for
    /// a column that the live version does not have.
    void set_logging(const LoggingOptions& options);
    [[nodiscard]] LoggingOptions logging() const;
    [[nodiscard]] LoggingCounts logging_counts() const;

    void add_observer(std::shared_ptr<Observer> observer);

    /// As part of a transaction that does more: writes the ledger row; `refresh` then loads it here.
    void deploy(store::Session& session, std::string_view model, std::int64_t version, std::string_view kind,
                std::string_view by, std::string_view reason);
    void rollback(store::Session& session, std::string_view reason, std::string_view by);
    void refresh();

  private:
    friend class Workspace;
    struct State;
    explicit Endpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

}  // namespace holdfast

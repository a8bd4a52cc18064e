/// Stepper: one transition of the loop, from what the workspace remembers to what it shall remember next.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/loop/controller.hpp>

#include "config.hpp"

namespace holdfast::detail {

class Stepper {
  public:
    Stepper(Workspace& workspace, const ControllerOptions& options, const std::string& owner);

    StepResult step(bool dry_run);

  private:
    /// What a transition comes to: where the loop stands next, its decision, and what else belongs to the transaction.
    struct Transition {
        Standing next;
        std::optional<Decision> decision{};
        std::optional<Observation> observation{};
        std::function<void(store::Session&, Transition&)> also{};  ///< may complete the rest
        bool changes_live = false;
        std::optional<store::JobRow> job{};  ///< its row, where it changes
    };

    [[nodiscard]] Transition transition(const Standing& now, bool dry_run);
    [[nodiscard]] Transition watch(const Standing& now);
    [[nodiscard]] Transition collect(const Standing& now, bool dry_run);
    // Training, in stepper_training.cpp.
    [[nodiscard]] Transition train(const Standing& now);
    [[nodiscard]] Transition train_here(const Standing& now);
    [[nodiscard]] Transition train_detached(const Standing& now, DetachedTrainer& trainer);
    [[nodiscard]] Transition trained(const Standing& now, store::JobRow row, const Package& package);
    [[nodiscard]] Transition attempt_failed(const Standing& now, store::JobRow row, const std::string& why);
    [[nodiscard]] Transition retry(const Standing& now);
    [[nodiscard]] Transition cancelled(const Standing& now, const store::JobRow& row);
    [[nodiscard]] TrainingJob training_job(const Job& job) const;
    [[nodiscard]] std::uint64_t seed_of(const Job& job) const;
    [[nodiscard]] Package with_lineage(const Package& made, const Job& job,
                                       const std::optional<Version>& previous) const;
    void stop_work(const Job& job);
    [[nodiscard]] store::JobRow job_row(const Job& job) const;

    [[nodiscard]] Transition evaluate(const Standing& now);
    [[nodiscard]] Transition await(const Standing& now);
    [[nodiscard]] Transition deploy(const Standing& now);
    [[nodiscard]] Transition not_to_be_deployed(const Standing& now, const Version& challenger) const;

    StepResult make_transition(bool dry_run);
    void lead();
    void commit(const Standing& now, Transition& transition);  // and numbers its decision
    void notify(store::Session& session, const Standing& now, const Transition& transition) const;
    [[nodiscard]] Decision note(std::string policy, std::string sentence, std::int64_t transaction) const;
    /// Whether a wait is not over; one longer than the longest that is made began before the clock was set back.
    [[nodiscard]] bool still_waits(Time until, Duration longest) const;
    [[nodiscard]] std::optional<Version> champion() const;
    [[nodiscard]] bool has_rollback_target() const;
    [[nodiscard]] std::string model() const;
    [[nodiscard]] std::int64_t newest_transaction() const;
    [[nodiscard]] std::int64_t next_decision() const;  ///< the number that the next one gets

    Workspace& workspace_;
    const ControllerOptions& options_;
    const std::string& owner_;
    Endpoint endpoint_;
    Time now_;
    std::int64_t fence_ = 0;
};

/// Monitoring once more, after a run that ended so.
[[nodiscard]] Standing back_to_monitoring(const Standing& now, std::string outcome);
[[nodiscard]] Standing moved_to(const Standing& now, LoopState state);
[[nodiscard]] std::string version_text(std::string_view model, std::int64_t version);

/// Thrown out of a transaction whose job somebody cancelled meanwhile; nothing of it is there.
struct CancelledMeanwhile {};
void put_unless_cancelled(store::Session& session, const store::JobRow& row);

}  // namespace holdfast::detail

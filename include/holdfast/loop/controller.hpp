/// Controller: runs the loop of one endpoint and remembers where it stands.
///
/// monitoring -> collecting -> training -> evaluating -> (awaiting_approval ->) deploying -> monitoring. One `step` is
/// one transition, one transaction together with its decision and its notification. Killed anywhere, the next step goes
/// on from the last that was committed. A lease with a fencing token lets one controller lead; another's step is
/// Unavailable until the lease runs out or the leader's process has died.
///
/// A training that fails leads to `failed`, from there back to training after a back-off, which doubles, or after
/// max_attempts to monitoring, where nothing is retrained before the cooldown is over. How the last run ended is the
/// loop's `outcome`: "live", "rejected", "failed", "cancelled", "nothing to train on", or "rolled back" for a version
/// taken out again; in each case the live version is monitored.
///
/// Errors: InvalidArgument (options), NotFound (endpoint, saved configuration), Unavailable (another leads), LeaseLost.
///
/// Thread safety: one thread at a time; `pause`, `resume`, `cancel` and `stop` from any, and from any process.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/loop/notify.hpp>
#include <holdfast/loop/trainer.hpp>
#include <holdfast/policy/decision.hpp>
#include <holdfast/policy/promotion.hpp>
#include <holdfast/policy/rule.hpp>
#include <holdfast/policy/selection.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast {

enum class LoopState : std::uint8_t {
    monitoring,
    collecting,
    training,
    evaluating,
    awaiting_approval,
    deploying,
    failed
};
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(LoopState state) noexcept;
[[nodiscard]] HOLDFAST_EXPORT LoopState parse_loop_state(std::string_view name);  ///< InvalidArgument

enum class Approve : std::uint8_t {
    manual,  ///< a person approves in the registry; the loop waits without a thread
    rule,    ///< the promotion's verdict approves
};

struct ControllerOptions {
    std::string endpoint;
    Rule retrain;
    Selection select = {};
    std::shared_ptr<Trainer> trainer;
    PromoteIf promote;
    Approve approve = Approve::manual;
    std::optional<Rule> rollback = {};  ///< while monitoring: true rolls the live version back
    double holdout = 0.2;               ///< share of the newest labelled rows that never are in job.samples
    std::uint64_t seed = 0;
    std::int64_t max_attempts = 3;  ///< failed trainings of one job before it is given up
    Duration lease = std::chrono::seconds(60);
    Duration backoff = std::chrono::seconds(10);   ///< before the second attempt; doubles with each, up to an hour
    Duration cooldown = std::chrono::minutes(10);  ///< after a job was given up: nothing is retrained before
    /// Who is told of every transition.
    std::vector<std::shared_ptr<Notifier>> notify = {log_notifier()};
};

struct StepResult {
    LoopState before = LoopState::monitoring;
    LoopState after = LoopState::monitoring;
    std::optional<Decision> decision;  ///< what was recorded; none where nothing happened
    std::string job;                   ///< the job that the step worked on or began; empty where there is none
};

/// Where a loop stands, as committed.
struct LoopStatus {
    LoopState state = LoopState::monitoring;
    std::optional<Time> since;  ///< none: nothing ever happened
    bool paused = false;
    std::string outcome;          ///< of the last run; empty before the first has ended
    std::optional<Time> until;    ///< failed: the next attempt; monitoring: end of the cooldown
    std::string job;              ///< in work; empty where there is none
    std::int64_t challenger = 0;  ///< version that it made; 0 before
};

class HOLDFAST_EXPORT Controller {
  public:
    Controller(Workspace workspace, ControllerOptions options);
    /// What `save` kept. `trainer` and `notify` stand in for those that only Python can make.
    [[nodiscard]] static Controller load(Workspace workspace, std::string_view endpoint,
                                         std::shared_ptr<Trainer> trainer = {},
                                         std::vector<std::shared_ptr<Notifier>> notify = {});
    ~Controller();
    Controller(Controller&&) noexcept;
    Controller& operator=(Controller&&) noexcept;

    /// One transition. `dry_run` decides and writes nothing.
    StepResult step(bool dry_run = false);
    /// Steps until the run has come to `until` (`monitoring`: has ended) or can't go on now; nothing where it is there
    /// already, or where `job` is given and is not the one in work: so the same call may be made again.
    StepResult step_until(LoopState until, std::string_view job = {});
    /// Steps until `stop`, waiting on the workspace's clock whenever nothing is to be done: `poll`, or while a
    /// DetachedTrainer works its poll_interval. While another controller leads it stands by, and takes over from it.
    void run(Duration poll = std::chrono::seconds(1));
    void stop() noexcept;
    void pause();  ///< steps do nothing until `resume`; kept in the workspace
    void resume();
    /// Ends a job that is queued or running: what it runs is killed, and the next step goes back to monitoring.
    /// NotFound, or Conflict where it has ended.
    void cancel(std::string_view job, std::string_view reason = {}, std::string_view by = {});
    /// Delivers what is due to `notify`; every step ends with it.
    void deliver();

    [[nodiscard]] LoopState state() const;
    [[nodiscard]] LoopStatus status() const;
    [[nodiscard]] std::vector<Decision> history() const;
    /// Keeps this configuration in the workspace; Unsupported where the trainer cannot be kept, by name.
    void save() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Where the loop of an endpoint stands, for those who run none.
[[nodiscard]] HOLDFAST_EXPORT LoopStatus loop_status(const Workspace& workspace, std::string_view endpoint);
/// Decisions of an endpoint, oldest first.
[[nodiscard]] HOLDFAST_EXPORT std::vector<Decision> decisions(const Workspace& workspace, std::string_view endpoint);

}  // namespace holdfast

/// Controller: runs the loop of one endpoint and remembers where it stands.
///
/// One `step` is one transition, one transaction together with its decision: watched -> decided -> collected -> trained
/// -> evaluated -> approved -> deployed. Killed anywhere, the next step goes on from the last that was committed. A
/// lease with a fencing token lets one controller lead; another's step is Unavailable until the lease runs out.
///
/// Errors: InvalidArgument (options), NotFound (endpoint, saved configuration), Unavailable (another leads), LeaseLost.
///
/// Thread safety: one thread at a time; `pause`, `resume` and `stop` from any.
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
};

struct StepResult {
    LoopState before = LoopState::monitoring;
    LoopState after = LoopState::monitoring;
    std::optional<Decision> decision;  ///< what was recorded; none where nothing happened
};

class HOLDFAST_EXPORT Controller {
  public:
    Controller(Workspace workspace, ControllerOptions options);
    /// What `save` kept. `trainer` stands in for one that a configuration cannot hold (a Python callable).
    [[nodiscard]] static Controller load(Workspace workspace, std::string_view endpoint,
                                         std::shared_ptr<Trainer> trainer = {});
    ~Controller();
    Controller(Controller&&) noexcept;
    Controller& operator=(Controller&&) noexcept;

    /// One transition. `dry_run` decides and writes nothing.
    StepResult step(bool dry_run = false);
    /// Steps until `stop`, waiting `poll` on the workspace's clock whenever nothing is to be done.
    void run(Duration poll = std::chrono::seconds(1));
    void stop() noexcept;
    void pause();  ///< steps do nothing until `resume`; kept in the workspace
    void resume();

    [[nodiscard]] LoopState state() const;
    [[nodiscard]] std::vector<Decision> history() const;
    /// Keeps this configuration in the workspace; Unsupported where the trainer cannot be kept, by name.
    void save() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Decisions of an endpoint, oldest first.
[[nodiscard]] HOLDFAST_EXPORT std::vector<Decision> decisions(const Workspace& workspace, std::string_view endpoint);

}  // namespace holdfast

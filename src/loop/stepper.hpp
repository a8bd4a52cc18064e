/// Stepper: one transition of the loop, from what the workspace remembers to what it shall remember next.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <holdfast/loop/controller.hpp>

#include "config.hpp"

namespace holdfast::detail {

class Stepper {
  public:
    Stepper(Workspace& workspace, const ControllerOptions& options, const std::string& owner);

    StepResult step(bool dry_run);
    void set_paused(bool paused);
    [[nodiscard]] Standing standing() const;

  private:
    /// What a transition comes to: where the loop stands next, its decision, and what else belongs to the transaction.
    struct Transition {
        Standing next;
        std::optional<Decision> decision;
        std::optional<Observation> observation;
        std::function<void(store::Session&)> also;
        bool changes_live = false;
    };

    [[nodiscard]] Transition transition(const Standing& now, bool dry_run);
    [[nodiscard]] Transition watch(const Standing& now);
    [[nodiscard]] Transition collect(const Standing& now, bool dry_run);
    [[nodiscard]] Transition train(const Standing& now);
    [[nodiscard]] Transition trained(const Standing& now, const Package& package);
    [[nodiscard]] Transition failed(const Standing& now, const std::string& why);
    [[nodiscard]] Transition evaluate(const Standing& now);
    [[nodiscard]] Transition await(const Standing& now);
    [[nodiscard]] Transition deploy(const Standing& now);

    void lead();
    void commit(const Standing& now, Transition& transition);  // and numbers its decision
    [[nodiscard]] Decision note(std::string policy, std::string sentence, std::int64_t transaction) const;
    [[nodiscard]] std::optional<Version> champion() const;
    [[nodiscard]] std::string model() const;
    [[nodiscard]] std::int64_t newest_transaction() const;
    [[nodiscard]] std::filesystem::path workdir(const Job& job) const;

    Workspace& workspace_;
    const ControllerOptions& options_;
    const std::string& owner_;
    Endpoint endpoint_;
    Time now_;
    std::int64_t fence_ = 0;
};

}  // namespace holdfast::detail

/// A controller's configuration and state as the workspace keeps them.
#pragma once

#include <optional>
#include <string>

#include <holdfast/base/json.hpp>
#include <holdfast/loop/controller.hpp>

#include "job.hpp"

namespace holdfast::detail {

[[nodiscard]] Json config_to_json(const ControllerOptions& options);
[[nodiscard]] ControllerOptions config_from_json(std::string endpoint, const Json& json,
                                                 std::shared_ptr<Trainer> trainer,
                                                 std::vector<std::shared_ptr<Notifier>> notify);

/// Everything a controller must remember between two steps.
struct Standing {
    LoopState state = LoopState::monitoring;
    std::optional<Time> since;  ///< in that state; none: nothing ever happened
    bool paused = false;
    std::string outcome;        ///< how the last run ended
    std::optional<Time> until;  ///< failed: of the back-off; monitoring: of the cooldown
    Json retrain;               ///< the retrain rule's own state
    Json rollback;              ///< the rollback rule's
    std::optional<Job> job;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Standing from_json(const Json& json);  ///< null gives a beginner's
};

[[nodiscard]] Standing standing_of(const Workspace& workspace, std::string_view endpoint);
[[nodiscard]] Standing standing_of(const store::Session& session, std::string_view endpoint);

}  // namespace holdfast::detail

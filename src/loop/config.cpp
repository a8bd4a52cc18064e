#include "config.hpp"

#include <array>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast {

namespace {

constexpr std::array<std::string_view, 7> state_names{"monitoring",        "collecting", "training", "evaluating",
                                                      "awaiting_approval", "deploying",  "failed"};

}  // namespace

std::string_view to_string(LoopState state) noexcept { return state_names[static_cast<std::size_t>(state)]; }

namespace detail {

LoopState parse_loop_state(std::string_view name) {
    for (std::size_t i = 0; i < state_names.size(); ++i) {
        if (state_names[i] == name) return static_cast<LoopState>(i);
    }
    throw CorruptArtifact("controller state: \"" + std::string(name) + "\" seen, a state of the loop wanted");
}

Json config_to_json(const ControllerOptions& options) {
    return Json::object({{"format", 1},
                         {"retrain", options.retrain.to_json()},
                         {"select", options.select.to_json()},
                         {"trainer", options.trainer->to_json()},
                         {"promote", options.promote.to_json()},
                         {"approve", options.approve == Approve::rule ? "rule" : "manual"},
                         {"rollback", options.rollback ? options.rollback->to_json() : Json()},
                         {"holdout", options.holdout},
                         {"seed", std::to_string(options.seed)},
                         {"max_attempts", options.max_attempts},
                         {"lease", options.lease.count()}});
}

ControllerOptions config_from_json(std::string endpoint, const Json& json, std::shared_ptr<Trainer> trainer) {
    ControllerOptions options{.endpoint = std::move(endpoint),
                              .retrain = Rule::from_json(json.at("retrain")),
                              .select = Selection::from_json(json.at("select")),
                              .trainer = std::move(trainer),
                              .promote = PromoteIf::from_json(json.at("promote")),
                              .rollback = {}};
    options.approve = json.at("approve").as_string() == "rule" ? Approve::rule : Approve::manual;
    if (!json.at("rollback").is_null()) options.rollback = Rule::from_json(json.at("rollback"));
    options.holdout = json.at("holdout").as_double();
    options.seed = std::stoull(json.at("seed").as_string());
    options.max_attempts = json.at("max_attempts").as_int();
    options.lease = Duration(json.at("lease").as_int());
    return options;
}

Json Standing::to_json() const {
    return Json::object({{"format", 1},
                         {"state", holdfast::to_string(state)},
                         {"paused", paused},
                         {"retrain", retrain},
                         {"rollback", rollback},
                         {"job", job ? job->to_json() : Json()}});
}

Standing Standing::from_json(const Json& json) {
    Standing standing;
    if (json.is_null()) return standing;
    standing.state = parse_loop_state(json.at("state").as_string());
    standing.paused = json.at("paused").as_bool();
    standing.retrain = json.at("retrain");
    standing.rollback = json.at("rollback");
    if (!json.at("job").is_null()) standing.job = Job::from_json(json.at("job"));
    return standing;
}

}  // namespace detail
}  // namespace holdfast

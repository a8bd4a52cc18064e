#include "config.hpp"

#include <array>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/subprocess.hpp>

#include "kept_notifier.hpp"

namespace holdfast {

namespace {

constexpr std::array<std::string_view, 7> state_names{"monitoring",        "collecting", "training", "evaluating",
                                                      "awaiting_approval", "deploying",  "failed"};

}  // namespace

std::string_view to_string(LoopState state) noexcept { return state_names[static_cast<std::size_t>(state)]; }

LoopState parse_loop_state(std::string_view name) {
    std::string known;
    for (std::size_t i = 0; i < state_names.size(); ++i) {
        if (state_names[i] == name) return static_cast<LoopState>(i);
        known += (known.empty() ? "" : ", ") + std::string(state_names[i]);
    }
    throw InvalidArgument("state of the loop: \"" + std::string(name) + "\" given, one of " + known + " wanted");
}

namespace detail {

namespace {

std::shared_ptr<Trainer> saved_trainer(const Json& json) {
    if (json.at("kind").as_string() == "subprocess") return Subprocess::from_json(json).trainer();
    throw NotFound("saved trainer of kind \"" + json.at("kind").as_string() +
                   "\": not one that C++ can make, a trainer given to `load` wanted");
}

Json notifiers_json(const std::vector<std::shared_ptr<Notifier>>& notifiers) {
    Json::Array items;
    for (const auto& notifier : notifiers) items.push_back(notifier->to_json());
    return Json(std::move(items));
}

Json time_json(const std::optional<Time>& time) { return time ? Json(to_micros(*time)) : Json(); }

/// Members that a workspace of an earlier version lacks.
std::optional<Time> time_member(const Json& json, std::string_view name) {
    const Json* member = json.find(name);
    if (member == nullptr || member->is_null()) return std::nullopt;
    return from_micros(member->as_int());
}

}  // namespace

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
                         {"lease", options.lease.count()},
                         {"backoff", options.backoff.count()},
                         {"cooldown", options.cooldown.count()},
                         {"notify", notifiers_json(options.notify)}});
}

ControllerOptions config_from_json(std::string endpoint, const Json& json, std::shared_ptr<Trainer> trainer,
                                   std::vector<std::shared_ptr<Notifier>> notify) {
    ControllerOptions options{.endpoint = std::move(endpoint),
                              .retrain = Rule::from_json(json.at("retrain")),
                              .select = Selection::from_json(json.at("select")),
                              .trainer = trainer ? std::move(trainer) : saved_trainer(json.at("trainer")),
                              .promote = PromoteIf::from_json(json.at("promote")),
                              .rollback = {}};
    options.approve = json.at("approve").as_string() == "rule" ? Approve::rule : Approve::manual;
    if (!json.at("rollback").is_null()) options.rollback = Rule::from_json(json.at("rollback"));
    options.holdout = json.at("holdout").as_double();
    options.seed = std::stoull(json.at("seed").as_string());
    options.max_attempts = json.at("max_attempts").as_int();
    options.lease = Duration(json.at("lease").as_int());
    if (const Json* backoff = json.find("backoff")) options.backoff = Duration(backoff->as_int());
    if (const Json* cooldown = json.find("cooldown")) options.cooldown = Duration(cooldown->as_int());
    if (!notify.empty()) {
        options.notify = std::move(notify);
    } else if (const Json* kept = json.find("notify")) {
        options.notify.clear();
        for (const Json& one : kept->as_array()) options.notify.push_back(kept_notifier(one));
    }
    return options;
}

Json Standing::to_json() const {
    return Json::object({{"format", 1},
                         {"state", holdfast::to_string(state)},
                         {"since", time_json(since)},
                         {"paused", paused},
                         {"outcome", outcome},
                         {"until", time_json(until)},
                         {"retrain", retrain},
                         {"rollback", rollback},
                         {"job", job ? job->to_json() : Json()}});
}

Standing Standing::from_json(const Json& json) {
    Standing standing;
    if (json.is_null()) return standing;
    standing.state = parse_loop_state(json.at("state").as_string());
    standing.since = time_member(json, "since");
    standing.paused = json.at("paused").as_bool();
    if (const Json* outcome = json.find("outcome")) standing.outcome = outcome->as_string();
    standing.until = time_member(json, "until");
    standing.retrain = json.at("retrain");
    standing.rollback = json.at("rollback");
    if (!json.at("job").is_null()) standing.job = Job::from_json(json.at("job"));
    return standing;
}

Standing standing_of(const store::Session& session, std::string_view endpoint) {
    const auto row = session.controller(endpoint);
    return Standing::from_json(row ? row->state : Json());
}

Standing standing_of(const Workspace& workspace, std::string_view endpoint) {
    Standing standing;
    workspace.store().read([&](const store::Session& session) { standing = standing_of(session, endpoint); });
    return standing;
}

}  // namespace detail
}  // namespace holdfast

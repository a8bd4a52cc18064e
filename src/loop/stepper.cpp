#include "stepper.hpp"

#include <exception>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/loop/observe.hpp>

#include "compare.hpp"
#include "owner.hpp"

namespace holdfast::detail {

namespace {

/// Marks what the loop did in ledgers and approvals; `freeze` stops whatever says so.
constexpr std::string_view by_controller = "controller";
constexpr std::string_view by_rule = "rule";

Standing back_to_monitoring(const Standing& now) {
    Standing next = now;
    next.state = LoopState::monitoring;
    next.job.reset();
    return next;
}

Standing moved_to(const Standing& now, LoopState state) {
    Standing next = now;
    next.state = state;
    return next;
}

std::string version_text(std::string_view model, std::int64_t version) {
    return std::string(model) + " v" + std::to_string(version);
}

}  // namespace

Stepper::Stepper(Workspace& workspace, const ControllerOptions& options, const std::string& owner)
    : workspace_(workspace),
      options_(options),
      owner_(owner),
      endpoint_(workspace.endpoint(options.endpoint)),
      now_(workspace.clock()->now()) {}

Standing Stepper::standing() const {
    std::optional<store::ControllerRow> row;
    workspace_.store().read([&](const store::Session& session) { row = session.controller(options_.endpoint); });
    return Standing::from_json(row ? row->state : Json());
}

StepResult Stepper::step(bool dry_run) {
    if (!dry_run) lead();
    const Standing now = standing();
    StepResult result{now.state, now.state, {}};
    if (now.paused || endpoint_.frozen()) return result;

    Transition next = transition(now, dry_run);
    if (!dry_run) {
        // Before the commit: whoever is killed in between makes the same transition again, and needs no workdir for it.
        if (now.job && !next.next.job) std::filesystem::remove_all(workdir(*now.job));
        commit(now, next);
        if (next.changes_live) endpoint_.refresh();
    }
    result.after = next.next.state;
    result.decision = std::move(next.decision);
    return result;
}

void Stepper::set_paused(bool paused) {
    lead();
    Standing next = standing();
    next.paused = paused;
    workspace_.store().write(
        [&](store::Session& session) { session.put_controller_state(options_.endpoint, fence_, next.to_json()); });
}

void Stepper::lead() {
    std::optional<store::ControllerRow> row;
    workspace_.store().read([&](const store::Session& session) { row = session.controller(options_.endpoint); });
    if (row && row->owner == owner_ && row->lease_until > now_ + options_.lease / 2) {
        fence_ = row->fence;
        return;
    }
    std::optional<std::int64_t> fence;
    std::string holder;
    workspace_.store().write([&](store::Session& session) {
        if (const auto held = session.controller(options_.endpoint)) holder = held->owner;
        if (owner_is_gone(holder)) session.release_lease(options_.endpoint, holder);
        fence = session.take_lease(options_.endpoint, owner_, now_ + options_.lease);
    });
    if (!fence) {
        throw Unavailable("controller of endpoint \"" + options_.endpoint + "\": led by " + holder +
                          ", whose lease has not run out");
    }
    fence_ = *fence;
}

void Stepper::commit(const Standing& now, Transition& transition) {
    const Json before = now.to_json();
    const Json after = transition.next.to_json();
    if (!transition.decision && !transition.also && before == after) return;
    fail_point("loop.transition.begin");
    workspace_.store().write([&](store::Session& session) {
        session.put_controller_state(options_.endpoint, fence_, after);
        if (transition.also) transition.also(session);
        if (transition.decision) {
            store::DecisionRow row;
            row.endpoint = options_.endpoint;
            row.decision = transition.decision->to_json();
            if (transition.observation) row.observation = transition.observation->to_json();
            row.stamp.event_time = now_;
            transition.decision->sequence = session.add_decision(row);
        }
        fail_point("loop.transition.before_commit");
    });
    fail_point("loop.transition.after_commit");
}

Stepper::Transition Stepper::transition(const Standing& now, bool dry_run) {
    switch (now.state) {
        case LoopState::monitoring: return watch(now);
        case LoopState::collecting: return collect(now, dry_run);
        case LoopState::training: return dry_run ? Transition{now, {}, {}, {}, false} : train(now);
        case LoopState::evaluating: return evaluate(now);
        case LoopState::awaiting_approval: return await(now);
        case LoopState::deploying: return deploy(now);
        case LoopState::failed: break;
    }
    return {back_to_monitoring(now), {}, {}, {}, false};
}

Stepper::Transition Stepper::watch(const Standing& now) {
    Requirements wanted = options_.retrain.requirements();
    if (options_.rollback) wanted = united(wanted, options_.rollback->requirements());
    Observation seen = observe(workspace_, options_.endpoint, wanted, now_);
    Transition result{now, {}, {}, {}, false};

    if (options_.rollback) {
        Decision decision = options_.rollback->decide(seen, now.rollback, Action::roll_back, "rollback");
        result.next.rollback = decision.state_after;
        if (decision.action == Action::roll_back) {
            result.decision = decision;
            result.observation = std::move(seen);
            result.changes_live = true;
            result.also = [this, why = decision.sentence](store::Session& session) {
                endpoint_.rollback(session, why, by_controller);
            };
            return result;
        }
    }
    Decision decision = options_.retrain.decide(seen, now.retrain, Action::retrain, "retrain");
    result.next.retrain = decision.state_after;
    if (decision.action != Action::retrain) return result;

    Job job;
    job.transaction = seen.transaction;
    job.time = now_;
    job.id = options_.endpoint + "-" + std::to_string(decisions(workspace_, options_.endpoint).size() + 1);
    result.next.state = LoopState::collecting;
    result.next.job = std::move(job);
    result.decision = std::move(decision);
    result.observation = std::move(seen);
    return result;
}

Stepper::Transition Stepper::collect(const Standing& now, bool dry_run) {
    const Job& job = *now.job;
    const SampleManifest manifest =
        choose_samples(workspace_, options_.endpoint, job.transaction, options_.select, options_.holdout, champion());
    if (manifest.samples.empty() || manifest.holdout.empty()) {
        return {back_to_monitoring(now),
                note("select",
                     "nothing to train on: " + std::to_string(manifest.samples.size()) + " samples and " +
                         std::to_string(manifest.holdout.size()) + " held-out rows up to transaction " +
                         std::to_string(job.transaction) + ", at least one of each wanted",
                     job.transaction),
                {},
                {},
                false};
    }
    if (!dry_run) store_samples(workspace_, manifest);

    Transition result{moved_to(now, LoopState::training), {}, {}, {}, false};
    result.next.job->samples = manifest.digest().hex();
    Decision decision =
        note("select",
             std::to_string(manifest.samples.size()) + " labelled interactions to train on, the newest " +
                 std::to_string(manifest.holdout.size()) + " held out",
             job.transaction);
    decision.action = Action::select;
    decision.policy_json = options_.select.to_json();
    Reason reason;
    reason.rule = "select";
    reason.truth = Truth::yes;
    reason.sentence = decision.sentence;
    reason.numbers = Json::object({{"samples", static_cast<std::int64_t>(manifest.samples.size())},
                                   {"holdout", static_cast<std::int64_t>(manifest.holdout.size())},
                                   {"manifest", result.next.job->samples}});
    decision.reasons.push_back(std::move(reason));
    result.decision = std::move(decision);
    return result;
}

Stepper::Transition Stepper::train(const Standing& now) {
    const Job& job = *now.job;
    const SampleManifest manifest = load_samples(workspace_, job.samples);
    store::InteractionTable table = labelled_rows(workspace_, options_.endpoint, job.transaction, manifest.samples);

    TrainingJob work;
    work.id = job.id;
    work.endpoint = options_.endpoint;
    work.model = model();
    work.features = table.features;
    std::vector<std::string> kept{"id", "time"};
    kept.insert(kept.end(), table.features.begin(), table.features.end());
    kept.insert(kept.end(), {"label", "label_time"});
    work.samples = table.rows.select(kept);
    work.previous = champion();
    work.workdir = workdir(job);
    work.seed =
        Rng(options_.seed, "training", job.id)() >> 11;  // exact as a double, for trainers that know no wider integers
    work.time = job.time;
    work.progress = [](double, std::string_view) {};
    std::filesystem::remove_all(work.workdir);
    make_directories(work.workdir);
    fail_point("loop.training.begin");
    try {
        return trained(now, options_.trainer->train(work));
    } catch (const std::exception& error) {
        return failed(now, error.what());
    }
}

Stepper::Transition Stepper::trained(const Standing& now, const Package& made) {
    if (made.manifest().name != model()) {
        throw InvalidArgument("trainer's package: named \"" + made.manifest().name + "\", \"" + model() + "\" wanted");
    }
    const auto previous = champion();
    const Package package =
        made.with_lineage(Json::object({{"job", now.job->id},
                                        {"samples", now.job->samples},
                                        {"parent", previous ? Json(previous->package.hex()) : Json()}}));
    workspace_.registry().store_package(package);
    fail_point("loop.training.stored");

    Transition result{moved_to(now, LoopState::evaluating), {}, {}, {}, false};
    // The number is known only inside the transaction; a registry never takes one back, so the next is the count plus
    // one, unless the very same package is there already.
    Registry& registry = workspace_.registry();
    std::int64_t number = 1;
    for (const Version& version : registry.versions(model())) {
        if (version.package == package.identity()) {
            number = version.number;
            break;
        }
        number = version.number + 1;
    }
    result.next.job->challenger = number;
    result.next.job->champion = previous ? previous->number : 0;
    result.also = [this, package, number](store::Session& session) {
        const Version version = workspace_.registry().register_package(session, package);
        if (version.number != number) {
            throw Conflict("model \"" + version.model + "\": version " + std::to_string(version.number) +
                           " registered, " + std::to_string(number) +
                           " expected; another process registered one meanwhile");
        }
    };
    result.decision =
        note("train", "trained " + version_text(model(), number) + " as job " + now.job->id, now.job->transaction);
    return result;
}

Stepper::Transition Stepper::failed(const Standing& now, const std::string& why) {
    const std::int64_t attempts = now.job->attempts + 1;
    const bool give_up = attempts >= options_.max_attempts;
    Transition result{give_up ? back_to_monitoring(now) : now, {}, {}, {}, false};
    if (!give_up) result.next.job->attempts = attempts;
    result.decision = note("train",
                           "training of job " + now.job->id + " failed (attempt " + std::to_string(attempts) + " of " +
                               std::to_string(options_.max_attempts) + "): " + why,
                           now.job->transaction);
    return result;
}

Stepper::Transition Stepper::evaluate(const Standing& now) {
    const Job& job = *now.job;
    const std::uint64_t seed = Rng(options_.seed, "comparison", job.id)() >> 11;
    const Subject subject{
        model(), job.champion, job.challenger, job.samples, job.transaction, seed, options_.trainer->trusted()};
    auto [seen, arithmetic] =
        observe_comparison(workspace_, options_.endpoint, options_.promote, subject, now_, newest_transaction());
    Decision decision = options_.promote.decide(seen);
    decision.arithmetic = std::move(arithmetic);
    const std::string why = decision.sentence;

    Transition result{now, {}, {}, {}, false};
    if (decision.action == Action::promote) {
        result.next.state = options_.approve == Approve::rule ? LoopState::deploying : LoopState::awaiting_approval;
        if (options_.approve == Approve::rule) {
            result.also = [this, &job = *now.job, why](store::Session& session) {
                workspace_.registry().set_state(session, model(), job.challenger, "approved", by_rule, why);
            };
        }
    } else {
        result.next = back_to_monitoring(now);
        result.also = [this, challenger = job.challenger, why](store::Session& session) {
            workspace_.registry().set_state(session, model(), challenger, "rejected", by_rule, why);
        };
    }
    result.decision = std::move(decision);
    result.observation = std::move(seen);
    return result;
}

Stepper::Transition Stepper::await(const Standing& now) {
    const Version challenger = workspace_.registry().version(model(), now.job->challenger);
    Transition result{now, {}, {}, {}, false};
    if (challenger.state == "pending") return result;
    const std::string name = version_text(challenger.model, challenger.number);
    if (challenger.state == "approved") {
        result.next.state = LoopState::deploying;
        result.decision = note("person", name + " was approved", newest_transaction());
    } else {
        result.next = back_to_monitoring(now);
        result.decision =
            note("person", name + " was " + challenger.state + ", and is not deployed", newest_transaction());
    }
    return result;
}

Stepper::Transition Stepper::deploy(const Standing& now) {
    const std::int64_t version = now.job->challenger;
    Transition result{back_to_monitoring(now), {}, {}, {}, true};
    result.decision = note(
        "deploy", "deployed " + version_text(model(), version) + " in place of v" + std::to_string(now.job->champion),
        newest_transaction());
    result.also = [this, version, why = result.decision->sentence](store::Session& session) {
        endpoint_.deploy(session, model(), version, "deploy", by_controller, why);
    };
    return result;
}

Decision Stepper::note(std::string policy, std::string sentence, std::int64_t transaction) const {
    Decision decision;
    decision.time = now_;
    decision.endpoint = options_.endpoint;
    decision.policy = std::move(policy);
    decision.sentence = std::move(sentence);
    decision.transaction = transaction;
    return decision;
}

std::optional<Version> Stepper::champion() const { return endpoint_.live(); }

std::string Stepper::model() const {
    std::optional<store::EndpointRow> row;
    workspace_.store().read([&](const store::Session& session) { row = session.endpoint(options_.endpoint); });
    return row.value().model;
}

std::int64_t Stepper::newest_transaction() const {
    std::int64_t newest = 0;
    workspace_.store().read([&](const store::Session& session) { newest = session.transaction(); });
    return newest;
}

std::filesystem::path Stepper::workdir(const Job& job) const {
    return workspace_.folder() / "jobs" / workspace_.store().name_space() / job.id;
}

}  // namespace holdfast::detail

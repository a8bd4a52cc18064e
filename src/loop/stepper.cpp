#include "stepper.hpp"

#include <exception>
#include <system_error>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/loop/observe.hpp>

#include "compare.hpp"
#include "owner.hpp"

namespace holdfast::detail {

namespace {

/// Marks what the loop did in ledgers and approvals; `freeze` stops whatever says so.
constexpr std::string_view by_controller = "controller";
constexpr std::string_view by_rule = "rule";

/// Whether a later comparison would fail likewise: rows or files were removed or are damaged, or a model refuses the
/// rows that it is judged on.
bool is_lasting(ErrorCode code) {
    return code == ErrorCode::not_found || code == ErrorCode::corrupt_artifact || code == ErrorCode::unsupported ||
           code == ErrorCode::invalid_argument;
}

/// What a trainer left running may still write there; that holds up no loop.
void remove_files(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (!error) return;
    log(LogLevel::warning, "loop", "folder \"" + folder.string() + "\": cannot be removed: " + error.message());
}

}  // namespace

std::string version_text(std::string_view model, std::int64_t version) {
    return std::string(model) + " v" + std::to_string(version);
}

void put_unless_cancelled(store::Session& session, const store::JobRow& row) {
    const auto known = session.job(row.id);
    if (known && known->state == "cancelled" && row.state != "cancelled") throw CancelledMeanwhile();
    session.put_job(row);
}

Standing back_to_monitoring(const Standing& now, std::string outcome) {
    Standing next = moved_to(now, LoopState::monitoring);
    next.job.reset();
    next.outcome = std::move(outcome);
    return next;
}

Standing moved_to(const Standing& now, LoopState state) {
    Standing next = now;
    next.state = state;
    next.until.reset();
    return next;
}

Stepper::Stepper(Workspace& workspace, const ControllerOptions& options, const std::string& owner)
    : workspace_(workspace),
      options_(options),
      owner_(owner),
      endpoint_(workspace.endpoint(options.endpoint)),
      now_(workspace.clock()->now()) {}

StepResult Stepper::step(bool dry_run) {
    if (!dry_run) lead();
    try {
        return make_transition(dry_run);
    } catch (const CancelledMeanwhile&) {
        return make_transition(dry_run);
    }
}

StepResult Stepper::make_transition(bool dry_run) {
    const Standing now = standing_of(workspace_, options_.endpoint);
    StepResult result{now.state, now.state, {}, now.job ? now.job->id : std::string()};
    if (now.paused || endpoint_.frozen()) return result;

    Transition next = transition(now, dry_run);
    if (!dry_run) {
        // Before the commit: whoever is killed in between makes the same transition again, and needs no files for it.
        if (now.job && !next.next.job) remove_files(job_folder(workspace_, now.job->id));
        commit(now, next);
        if (next.changes_live) endpoint_.refresh();
    }
    result.after = next.next.state;
    result.decision = std::move(next.decision);
    if (next.next.job) result.job = next.next.job->id;
    return result;
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
    Standing& next = transition.next;
    const bool moved = now.state != next.state;
    if (moved || !next.since) next.since = now_;
    if (!transition.decision && !transition.also && !transition.job && now.to_json() == next.to_json()) return;
    fail_point("loop.transition.begin");
    workspace_.store().write([&](store::Session& session) {
        next.paused = standing_of(session, options_.endpoint).paused;             // anybody may change it meanwhile
        session.put_controller_state(options_.endpoint, fence_, next.to_json());  // first: it knows who leads no more
        if (transition.also) {
            transition.also(session, transition);
            session.put_controller_state(options_.endpoint, fence_, next.to_json());
        }
        if (transition.decision) {
            store::DecisionRow row;
            row.endpoint = options_.endpoint;
            row.decision = transition.decision->to_json();
            if (transition.observation) row.observation = transition.observation->to_json();
            row.stamp.event_time = now_;
            transition.decision->sequence = session.add_decision(row);
        }
        if (transition.job) put_unless_cancelled(session, *transition.job);
        if (moved || transition.decision) notify(session, now, transition);
        fail_point("loop.transition.before_commit");
    });
    fail_point("loop.transition.after_commit");
}

void Stepper::notify(store::Session& session, const Standing& now, const Transition& transition) const {
    const Standing& next = transition.next;
    const bool ended = now.job && !next.job;
    store::NotificationRow row;
    row.endpoint = options_.endpoint;
    row.kind = "transition";
    row.stamp.event_time = now_;
    row.body = Json::object({{"before", to_string(now.state)},
                             {"after", to_string(next.state)},
                             {"outcome", ended || transition.changes_live ? next.outcome : std::string()},
                             {"job", next.job  ? next.job->id
                                     : now.job ? now.job->id
                                               : std::string()},
                             {"decision", transition.decision ? transition.decision->sequence : 0},
                             {"sentence", transition.decision ? transition.decision->sentence : std::string()}});
    std::vector<std::string> channels;
    for (const auto& notifier : options_.notify) channels.push_back(notifier->name());
    session.add_notification(row, channels);
}

Stepper::Transition Stepper::transition(const Standing& now, bool dry_run) {
    const bool training =
        now.state == LoopState::collecting || now.state == LoopState::training || now.state == LoopState::failed;
    if (training) {
        if (const store::JobRow row = job_row(*now.job); row.state == "cancelled") {
            if (!dry_run) stop_work(*now.job);
            return cancelled(now, row);
        }
    }
    switch (now.state) {
        case LoopState::monitoring: return watch(now);
        case LoopState::collecting: return collect(now, dry_run);
        case LoopState::training: return dry_run ? Transition{.next = now} : train(now);
        case LoopState::evaluating: return evaluate(now);
        case LoopState::awaiting_approval: return await(now);
        case LoopState::deploying: return deploy(now);
        case LoopState::failed: return retry(now);
    }
    return {.next = now};
}

Stepper::Transition Stepper::watch(const Standing& now) {
    Requirements wanted = options_.retrain.requirements();
    if (options_.rollback) wanted = united(wanted, options_.rollback->requirements());
    Observation seen = observe(workspace_, options_.endpoint, wanted, now_);
    Transition result{.next = now};

    // Of a first version there is nothing to go back to.
    if (options_.rollback && has_rollback_target()) {
        Decision decision = options_.rollback->decide(seen, now.rollback, Action::roll_back, "rollback");
        result.next.rollback = decision.state_after;
        if (decision.action == Action::roll_back) {
            result.decision = decision;
            result.observation = std::move(seen);
            result.changes_live = true;
            result.next.outcome = "rolled back";
            result.also = [this, why = decision.sentence](store::Session& session, Transition&) {
                endpoint_.rollback(session, why, by_controller);
            };
            return result;
        }
    }
    if (now.until && still_waits(*now.until, options_.cooldown))
        return result;  // the cooldown after a job that was given up
    result.next.until.reset();
    Decision decision = options_.retrain.decide(seen, now.retrain, Action::retrain, "retrain");
    result.next.retrain = decision.state_after;
    if (decision.action != Action::retrain) return result;

    Job job;
    job.transaction = seen.transaction;
    job.time = now_;
    job.id = options_.endpoint + "-" + std::to_string(next_decision());
    result.next.state = LoopState::collecting;
    result.job = store::JobRow{.id = job.id,
                               .endpoint = options_.endpoint,
                               .state = "queued",
                               .spec = Json::object({{"model", model()}, {"transaction", job.transaction}}),
                               .queued = now_};
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
        Transition nothing{.next = back_to_monitoring(now, "nothing to train on")};
        nothing.decision = note("select",
                                "nothing to train on: " + std::to_string(manifest.samples.size()) + " samples and " +
                                    std::to_string(manifest.holdout.size()) + " held-out rows up to transaction " +
                                    std::to_string(job.transaction) + ", at least one of each wanted",
                                job.transaction);
        nothing.job = job_row(job);
        nothing.job->state = "failed";
        nothing.job->error = nothing.decision->sentence;
        nothing.job->ended = now_;
        return nothing;
    }
    if (!dry_run) store_samples(workspace_, manifest);

    Transition result{.next = moved_to(now, LoopState::training)};
    result.next.job->samples = manifest.digest().hex();
    result.job = job_row(job);
    result.job->spec["samples"] = result.next.job->samples;
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

Stepper::Transition Stepper::evaluate(const Standing& now) {
    const Job& job = *now.job;
    // Somebody was quicker than the comparison.
    const Version challenger = workspace_.registry().version(model(), job.challenger);
    if (challenger.state != "pending" && challenger.state != "approved") return not_to_be_deployed(now, challenger);
    const std::uint64_t seed = Rng(options_.seed, "comparison", job.id)() >> 11;
    const Subject subject{
        model(), job.champion, job.challenger, job.samples, job.transaction, seed, options_.trainer->trusted()};
    Transition result{.next = now};
    try {
        auto [seen, arithmetic] =
            observe_comparison(workspace_, options_.endpoint, options_.promote, subject, now_, newest_transaction());
        result.decision = options_.promote.decide(seen);
        result.decision->arithmetic = std::move(arithmetic);
        result.observation = std::move(seen);
    } catch (const Error& error) {
        if (!is_lasting(error.code())) throw;
        result.decision = note("promote", std::string("cannot be evaluated: ") + error.what(), newest_transaction());
    }
    const std::string why = result.decision->sentence;
    const bool by_itself = options_.approve == Approve::rule;
    std::string state;
    if (result.decision->action == Action::promote) {
        result.next = moved_to(now, by_itself ? LoopState::deploying : LoopState::awaiting_approval);
        if (by_itself) state = "approved";
    } else {
        result.next = back_to_monitoring(now, "rejected");
        state = "rejected";
    }
    if (!state.empty()) {
        result.also = [this, challenger = job.challenger, state, why](store::Session& session, Transition&) {
            workspace_.registry().set_state(session, model(), challenger, state, by_rule, why);
        };
    }
    return result;
}

Stepper::Transition Stepper::await(const Standing& now) {
    const Version challenger = workspace_.registry().version(model(), now.job->challenger);
    if (challenger.state == "pending") return {.next = now};
    if (challenger.state != "approved") return not_to_be_deployed(now, challenger);
    Transition result{.next = moved_to(now, LoopState::deploying)};
    result.decision =
        note("person", version_text(challenger.model, challenger.number) + " was approved", newest_transaction());
    return result;
}

Stepper::Transition Stepper::deploy(const Standing& now) {
    const std::int64_t version = now.job->challenger;
    const Version challenger = workspace_.registry().version(model(), version);
    if (challenger.state != "approved") return not_to_be_deployed(now, challenger);
    Transition result{.next = back_to_monitoring(now, "live")};
    result.changes_live = true;
    const auto previous = champion();
    result.decision = note("deploy",
                           "deployed " + version_text(model(), version) +
                               (previous ? " in place of v" + std::to_string(previous->number) : std::string()),
                           newest_transaction());
    result.also = [this, version, why = result.decision->sentence](store::Session& session, Transition&) {
        endpoint_.deploy(session, model(), version, "deploy", by_controller, why);
    };
    return result;
}

Stepper::Transition Stepper::not_to_be_deployed(const Standing& now, const Version& challenger) const {
    Transition result{.next = back_to_monitoring(now, "rejected")};
    result.decision =
        note("person",
             version_text(challenger.model, challenger.number) + " was " + challenger.state + ", and is not deployed",
             newest_transaction());
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

bool Stepper::still_waits(Time until, Duration longest) const { return now_ < until && until - now_ <= longest; }

std::optional<Version> Stepper::champion() const { return endpoint_.live(); }

bool Stepper::has_rollback_target() const {
    bool any = false;
    workspace_.store().read(
        [&](const store::Session& session) { any = session.rollback_target(options_.endpoint).has_value(); });
    return any;
}

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

std::int64_t Stepper::next_decision() const {
    std::int64_t next = 1;
    workspace_.store().read([&](const store::Session& session) {
        if (const auto last = session.last_decision(options_.endpoint, "", {})) next = last->sequence + 1;
    });
    return next;
}

}  // namespace holdfast::detail

#include <holdfast/loop/controller.hpp>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/loop/jobs.hpp>

#include "config.hpp"
#include "owner.hpp"
#include "stepper.hpp"

namespace holdfast {

namespace {

void check(const ControllerOptions& options) {
    if (options.trainer == nullptr) throw InvalidArgument("controller: no trainer given, one wanted");
    if (!(options.holdout > 0.0 && options.holdout < 1.0)) {
        throw InvalidArgument("controller: holdout " + std::to_string(options.holdout) +
                              " given, a share between 0 and 1 wanted");
    }
    if (options.max_attempts < 1) {
        throw InvalidArgument("controller: max_attempts " + std::to_string(options.max_attempts) +
                              " given, at least 1 wanted");
    }
    if (options.lease <= Duration::zero())
        throw InvalidArgument("controller: lease of no time given, a positive duration wanted");
    if (options.backoff < Duration::zero() || options.cooldown < Duration::zero())
        throw InvalidArgument("controller: a backoff or cooldown below zero given, none or a duration wanted");
    std::set<std::string> names;
    for (const auto& notifier : options.notify) {
        if (notifier == nullptr) throw InvalidArgument("controller: an empty notifier given, one to be told wanted");
        if (!names.insert(notifier->name()).second) {
            throw InvalidArgument("controller: notifier \"" + notifier->name() +
                                  "\" given twice, another name for each receiver wanted");
        }
    }
}

/// How far a state is on the way of a run; a failed attempt is still training.
int stage(LoopState state) {
    switch (state) {
        case LoopState::monitoring: return 0;
        case LoopState::collecting: return 1;
        case LoopState::training:
        case LoopState::failed: return 2;
        case LoopState::evaluating: return 3;
        case LoopState::awaiting_approval: return 4;
        case LoopState::deploying: return 5;
    }
    return 0;
}

/// Needs no lease: whoever commits a transition keeps this member as it is then.
void set_paused(const Workspace& workspace, std::string_view endpoint, bool paused) {
    workspace.store().write([&](store::Session& session) {
        detail::Standing next = detail::standing_of(session, endpoint);
        next.paused = paused;
        auto row = session.controller(endpoint);
        if (!row) session.put_controller_config(endpoint, nullptr);
        session.put_controller_state(endpoint, row ? row->fence : 0, next.to_json());
    });
}

}  // namespace

struct Controller::Impl {
    Workspace workspace;
    ControllerOptions options;
    std::string owner;
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    bool standing_by = false;

    [[nodiscard]] bool led_by_another() const;
    std::optional<StepResult> step_or_stand_by(Controller& self);
};

bool Controller::Impl::led_by_another() const {
    std::optional<store::ControllerRow> row;
    workspace.store().read([&](const store::Session& session) { row = session.controller(options.endpoint); });
    return row && !row->owner.empty() && row->owner != owner;
}

/// A step; nothing while another controller leads, which says so once.
std::optional<StepResult> Controller::Impl::step_or_stand_by(Controller& self) {
    try {
        StepResult result = self.step();
        standing_by = false;
        return result;
    } catch (const LeaseLost& error) {
        log(LogLevel::warning, "loop", error.what());
    } catch (const Unavailable& error) {
        if (!led_by_another()) throw;
        if (!std::exchange(standing_by, true)) log(LogLevel::info, "loop", error.what());
    }
    return std::nullopt;
}

Controller::Controller(Workspace workspace, ControllerOptions options)
    : impl_(std::make_unique<Impl>(std::move(workspace), std::move(options))) {
    check(impl_->options);
    impl_->owner = detail::new_owner();
    (void)impl_->workspace.endpoint(impl_->options.endpoint);
}

Controller Controller::load(Workspace workspace, std::string_view endpoint, std::shared_ptr<Trainer> trainer,
                            std::vector<std::shared_ptr<Notifier>> notify) {
    std::optional<store::ControllerRow> row;
    workspace.store().read([&](const store::Session& session) { row = session.controller(endpoint); });
    if (!row || row->config.is_null())
        throw NotFound("controller of endpoint \"" + std::string(endpoint) + "\": no saved configuration");
    return {std::move(workspace),
            detail::config_from_json(std::string(endpoint), row->config, std::move(trainer), std::move(notify))};
}

Controller::~Controller() {
    if (impl_ == nullptr) return;
    try {
        impl_->workspace.store().write(
            [&](store::Session& session) { session.release_lease(impl_->options.endpoint, impl_->owner); });
    } catch (const std::exception& error) {
        // The lease runs out by itself.
        log(LogLevel::debug, "loop", error.what());
    }
}

Controller::Controller(Controller&&) noexcept = default;
Controller& Controller::operator=(Controller&&) noexcept = default;

StepResult Controller::step(bool dry_run) {
    StepResult result = detail::Stepper(impl_->workspace, impl_->options, impl_->owner).step(dry_run);
    if (!dry_run) deliver();
    return result;
}

StepResult Controller::step_until(LoopState until, std::string_view job) {
    const LoopStatus now = status();
    StepResult total{now.state, now.state, {}, now.job};
    if (!job.empty() && job != now.job) return total;
    while (until == LoopState::monitoring || stage(total.after) < stage(until)) {
        StepResult result = step();
        total.after = result.after;
        if (result.decision) total.decision = std::move(result.decision);
        if (!result.job.empty()) total.job = std::move(result.job);
        if (result.before == result.after || result.after == LoopState::monitoring) break;
    }
    return total;
}

void Controller::run(Duration poll) {
    const auto& clock = impl_->workspace.clock();
    const auto* detached = dynamic_cast<const DetachedTrainer*>(impl_->options.trainer.get());
    while (true) {
        const std::optional<StepResult> result = impl_->step_or_stand_by(*this);
        const bool busy = result && result->decision;
        const bool training = result && detached != nullptr && result->after == LoopState::training;
        std::unique_lock lock(impl_->mutex);
        if (!busy && !impl_->stopping) {
            const Duration until = clock->steady_now() + (training ? detached->poll_interval() : poll);
            while (!impl_->stopping && clock->wait_until(lock, impl_->wake, until)) {
            }
        }
        if (std::exchange(impl_->stopping, false)) return;
    }
}

void Controller::stop() noexcept {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->wake.notify_all();
}

void Controller::pause() { set_paused(impl_->workspace, impl_->options.endpoint, true); }
void Controller::resume() { set_paused(impl_->workspace, impl_->options.endpoint, false); }

void Controller::cancel(std::string_view job, std::string_view reason, std::string_view by) {
    holdfast::cancel(impl_->workspace, job, reason, by);
    if (auto* detached = dynamic_cast<DetachedTrainer*>(impl_->options.trainer.get())) {
        const store::JobRow row = holdfast::job(impl_->workspace, job);
        detached->stop(detail::attempt_folder(impl_->workspace, row.id, row.attempt));
    }
}

void Controller::deliver() { holdfast::deliver(impl_->workspace, impl_->options.endpoint, impl_->options.notify); }

LoopState Controller::state() const { return status().state; }
LoopStatus Controller::status() const { return loop_status(impl_->workspace, impl_->options.endpoint); }

std::vector<Decision> Controller::history() const { return decisions(impl_->workspace, impl_->options.endpoint); }

void Controller::save() const {
    const Json config = detail::config_to_json(impl_->options);
    impl_->workspace.store().write(
        [&](store::Session& session) { session.put_controller_config(impl_->options.endpoint, config); });
}

LoopStatus loop_status(const Workspace& workspace, std::string_view endpoint) {
    const detail::Standing now = detail::standing_of(workspace, endpoint);
    LoopStatus status{now.state, now.since, now.paused, now.outcome, now.until, {}, 0};
    if (now.job) {
        status.job = now.job->id;
        status.challenger = now.job->challenger;
    }
    return status;
}

std::vector<Decision> decisions(const Workspace& workspace, std::string_view endpoint) {
    std::vector<Decision> result;
    workspace.store().read([&](const store::Session& session) {
        for (const store::DecisionRow& row : session.decisions(endpoint)) {
            result.push_back(Decision::from_json(row.decision));
            result.back().sequence = row.sequence;
        }
    });
    return result;
}

}  // namespace holdfast

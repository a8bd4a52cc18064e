#include <holdfast/loop/controller.hpp>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/log.hpp>

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
}

}  // namespace

struct Controller::Impl {
    Workspace workspace;
    ControllerOptions options;
    std::string owner;
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
};

Controller::Controller(Workspace workspace, ControllerOptions options)
    : impl_(std::make_unique<Impl>(std::move(workspace), std::move(options))) {
    check(impl_->options);
    impl_->owner = detail::new_owner();
    (void)impl_->workspace.endpoint(impl_->options.endpoint);
}

Controller Controller::load(Workspace workspace, std::string_view endpoint, std::shared_ptr<Trainer> trainer) {
    std::optional<store::ControllerRow> row;
    workspace.store().read([&](const store::Session& session) { row = session.controller(endpoint); });
    if (!row || row->config.is_null())
        throw NotFound("controller of endpoint \"" + std::string(endpoint) + "\": no saved configuration");
    return {std::move(workspace), detail::config_from_json(std::string(endpoint), row->config, std::move(trainer))};
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
    return detail::Stepper(impl_->workspace, impl_->options, impl_->owner).step(dry_run);
}

void Controller::run(Duration poll) {
    const auto& clock = impl_->workspace.clock();
    while (true) {
        const bool busy = step().decision.has_value();
        std::unique_lock lock(impl_->mutex);
        if (!busy && !impl_->stopping) {
            const Duration until = clock->steady_now() + poll;
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

void Controller::pause() { detail::Stepper(impl_->workspace, impl_->options, impl_->owner).set_paused(true); }
void Controller::resume() { detail::Stepper(impl_->workspace, impl_->options, impl_->owner).set_paused(false); }

LoopState Controller::state() const {
    return detail::Stepper(impl_->workspace, impl_->options, impl_->owner).standing().state;
}

std::vector<Decision> Controller::history() const { return decisions(impl_->workspace, impl_->options.endpoint); }

void Controller::save() const {
    const Json config = detail::config_to_json(impl_->options);
    impl_->workspace.store().write(
        [&](store::Session& session) { session.put_controller_config(impl_->options.endpoint, config); });
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

// Which version an endpoint serves: deploying, rolling back, following, and finding out what other processes did.
#include <unistd.h>

#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/log_group.hpp"

namespace holdfast {
namespace detail {

store::EndpointRow require_endpoint(const store::Session& session, std::string_view name) {
    if (auto row = session.endpoint(name)) return *row;
    std::string known;
    for (const auto& endpoint : session.endpoints())
        known += (known.empty() ? "" : ", ") + ("\"" + endpoint.name + "\"");
    throw NotFound("endpoint \"" + std::string(name) + "\": not found; there " +
                   (known.empty() ? "is none" : "is " + known));
}

}  // namespace detail

namespace {

std::string named(std::string_view model, std::int64_t version) {
    return std::string(model) + "@" + std::to_string(version);
}

/// Whether nobody in person asked.
bool automatic(std::string_view by) {
    return by.starts_with("controller") || by.starts_with("rule") || by.starts_with("follow");
}

void refuse_frozen(const store::EndpointRow& endpoint, std::string_view by) {
    if (endpoint.frozen && automatic(by)) {
        throw Conflict("endpoint \"" + endpoint.name + "\": frozen, so \"" + std::string(by) + "\" may not change it");
    }
}

bool serves(const std::shared_ptr<const Served>& served, std::string_view model, std::int64_t version) {
    return served != nullptr && served->model_name == model && served->version == version;
}

}  // namespace

Endpoint::State::State(std::shared_ptr<store::Store> opened, Registry versions, std::string endpoint_name,
                       std::uint64_t id_seed, std::shared_ptr<detail::InteractionLog> interaction_log)
    : store(std::move(opened)),
      registry(std::move(versions)),
      name(std::move(endpoint_name)),
      seed(id_seed),
      guard("endpoint \"" + name + "\""),
      log(std::move(interaction_log)),
      stream(std::make_shared<detail::LogStream>(name, LoggingOptions{})) {
    watched->state = this;
}

Endpoint::State::~State() {
    if (!guard.in_owner()) return;  // in a forked child a look may be under way for ever
    const std::lock_guard lock(watched->mutex);
    watched->state = nullptr;
}

Endpoint::State::Loaded Endpoint::State::load(const store::VersionRow& version) const {
    const Package package = registry.package(detail::to_version(version));
    LoadOptions options;
    // Approval is what makes a file that carries code loadable, and that file alone.
    if (version.state == "approved") options.allowed_sha256.push_back(version.package);
    Loaded loaded;
    loaded.served =
        std::make_shared<const Served>(Served{package.load(options), version.model, version.version, version.package});
    loaded.counts = detail::counts_of(package);
    return loaded;
}

void Endpoint::State::take(Loaded loaded) {
    counted->set(loaded.served, std::move(loaded.counts));
    slot.swap(std::move(loaded.served));
}

void Endpoint::State::serve(const store::VersionRow& version) {
    if (serves(slot.get(), version.model, version.version)) return;
    take(load(version));
    const std::lock_guard lock(failure_mutex_);
    failure_.clear();
}

std::shared_ptr<const Served> Endpoint::State::require_served() const {
    if (auto served = slot.get()) return served;
    const std::lock_guard lock(failure_mutex_);
    throw Unavailable("endpoint \"" + name +
                      "\": " + (failure_.empty() ? std::string("no version is live; deploy one") : failure_));
}

void Endpoint::State::refresh(bool again) {
    const std::lock_guard lock(loading_);
    refresh_locked(again);
}

void Endpoint::State::refresh_locked(bool again) {
    follow_approvals(again);
    std::optional<store::DeploymentRow> live;
    std::optional<store::VersionRow> version;
    store->read([&](const store::Session& session) {
        stream->set_options(LoggingOptions::from_json(session.logging(name)), session.transaction());
        live = session.live(name);
        if (live) version = session.version(live->model, live->version);
    });
    if (!live || !version || serves(slot.get(), live->model, live->version)) return;
    if (!again && failed_transaction_ == live->stamp.transaction) return;
    try {
        serve(*version);
        failed_transaction_ = -1;
    } catch (const std::exception& error) {
        failed_transaction_ = live->stamp.transaction;
        note_failure(*version, live->stamp.transaction, "is live", error.what());
    }
}

void Endpoint::State::note_failure(const store::VersionRow& version, std::int64_t since, std::string_view how,
                                   const std::string& reason) {
    const std::string message =
        named(version.model, version.version) + " " + std::string(how) + " and cannot be loaded here: " + reason;
    {
        const std::lock_guard lock(failure_mutex_);
        failure_ = message;
    }
    holdfast::log(LogLevel::error, "workspace", "endpoint \"" + name + "\": " + message);
    const std::string by = "process " + std::to_string(::getpid());
    store->write([&](store::Session& session) {
        for (const auto& row : session.deployments(name, since)) {
            if (row.kind == "load_failed" && row.version == version.version && row.by == by) return;
        }
        session.add_deployment({name, version.model, version.version, "load_failed", by, reason, {}});
    });
}

void Endpoint::State::follow_approvals(bool again) {
    // A version approved before the last change was passed over by it, as by a rollback.
    const auto wanted = [&](const store::Session& session) -> std::optional<store::VersionRow> {
        const auto endpoint = detail::require_endpoint(session, name);
        if (!endpoint.follow_latest_approved || endpoint.frozen) return std::nullopt;
        const auto latest = session.latest_approved(endpoint.model);
        const auto live = session.live(name);
        if (!latest || !live) return latest;
        const auto approvals = session.approvals(latest->model, latest->version);
        const bool newer = !approvals.empty() && approvals.back().stamp.transaction > live->stamp.transaction;
        if (!newer || (latest->model == live->model && latest->version == live->version)) return std::nullopt;
        return latest;
    };
    std::optional<store::VersionRow> next;
    store->read([&](const store::Session& session) { next = wanted(session); });
    if (!next || (!again && failed_follow_ == next->version)) return;
    try {
        auto loaded = load(*next);
        bool deployed = false;
        store->write([&](store::Session& session) {
            const auto still = wanted(session);  // another process may have been quicker
            if (!still || still->version != next->version) return;
            write_deployment(session, next->model, next->version, "deploy", "follow", "latest approved");
            deployed = true;
        });
        if (deployed) take(std::move(loaded));
    } catch (const std::exception& error) {
        failed_follow_ = next->version;
        note_failure(*next, next->stamp.transaction, "is approved", error.what());
    }
}

void Endpoint::State::write_deployment(store::Session& session, std::string_view model, std::int64_t version,
                                       std::string_view kind, std::string_view by, std::string_view reason) const {
    const auto endpoint = detail::require_endpoint(session, name);
    refuse_frozen(endpoint, by);
    if (model != endpoint.model) {
        throw InvalidArgument("endpoint \"" + name + "\": a version of model \"" + std::string(model) +
                              "\" given, one of \"" + endpoint.model +
                              "\" wanted (create_endpoint takes the model's name)");
    }
    const auto row = detail::require_version(session, model, version);
    const bool fits = row.state == "approved" || (kind == "rollback" && row.state == "archived");
    if (!fits) {
        throw Conflict("endpoint \"" + name + "\": version " + named(model, version) + " is " + row.state +
                       ", approved wanted");
    }
    registry.require_trusted(session, row);
    const auto live = session.live(name);
    // Live already: deploying it again says nothing new.
    if (kind == "deploy" && live && live->model == model && live->version == version) return;
    session.add_deployment({name, row.model, version, std::string(kind), std::string(by), std::string(reason), {}});
}

void Endpoint::State::deploy(std::string_view model, std::int64_t version, std::string_view by,
                             std::string_view reason) {
    guard.check();
    const std::lock_guard lock(loading_);
    std::optional<store::VersionRow> row;
    store->read([&](const store::Session& session) {
        refuse_frozen(detail::require_endpoint(session, name), by);
        row = detail::require_version(session, model, version);
    });
    Loaded loaded;
    // What is not approved is refused below, without having been loaded.
    if (row->state == "approved") loaded = load(*row);
    fail_point("workspace.deploy.loaded");
    store->write([&](store::Session& session) {
        write_deployment(session, model, version, "deploy", by, reason);
        if (loaded.served == nullptr)
            throw Conflict("endpoint \"" + name + "\": " + named(model, version) + " was approved just now");
    });
    fail_point("workspace.deploy.committed");
    take(std::move(loaded));
}

store::DeploymentRow Endpoint::State::rollback_target(const store::Session& session) const {
    if (auto target = session.rollback_target(name)) return *target;
    throw Conflict("endpoint \"" + name + "\": no earlier version to roll back to");
}

void Endpoint::State::rollback(std::string_view reason, std::string_view by) {
    guard.check();
    const std::lock_guard lock(loading_);
    std::optional<store::VersionRow> row;
    store->read([&](const store::Session& session) {
        const auto target = rollback_target(session);
        row = detail::require_version(session, target.model, target.version);
        row->state = "approved";  // it was, when it was deployed
    });
    auto loaded = load(*row);
    store->write([&](store::Session& session) {
        const auto target = rollback_target(session);
        if (target.model != row->model || target.version != row->version) {
            throw Conflict("endpoint \"" + name + "\": another process changed it during the rollback");
        }
        write_deployment(session, target.model, target.version, "rollback", by, reason);
    });
    take(std::move(loaded));
}

void Endpoint::State::set_frozen(bool frozen, std::string_view reason, std::string_view by) {
    guard.check();
    store->write([&](store::Session& session) {
        auto endpoint = detail::require_endpoint(session, name);
        if (endpoint.frozen == frozen) return;
        endpoint.frozen = frozen;
        session.put_endpoint(endpoint);
        const auto live = session.live(name);
        session.add_deployment({name,
                                endpoint.model,
                                live ? live->version : 0,
                                frozen ? "freeze" : "unfreeze",
                                std::string(by),
                                std::string(reason),
                                {}});
    });
}

}  // namespace holdfast

#include <holdfast/workspace/workspace.hpp>

#include <map>

#include <holdfast/base/error.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/names.hpp"
#include "workspace/watcher.hpp"

namespace holdfast {

struct Workspace::State {
    State(const std::filesystem::path& folder, const WorkspaceOptions& options)
        : store(std::make_shared<store::Store>(
              folder,
              store::Options{.name_space = options.name_space, .clock = options.clock, .create = options.create})),
          log(detail::InteractionLog::open(store, options.log_rows, options.seed)),
          registry(store, options.trusted_keys),
          interactions(store, log),
          guard("workspace \"" + folder.string() + "\""),
          seed(options.seed) {}

    /// The one state of an endpoint in this process, its live version loaded where that can be done.
    std::shared_ptr<Endpoint::State> endpoint(std::string_view name) {
        guard.check();
        std::shared_ptr<Endpoint::State> state;
        {
            const std::lock_guard lock(mutex);
            if (const auto found = endpoints.find(name); found != endpoints.end()) return found->second;
            state = std::make_shared<Endpoint::State>(store, registry, std::string(name), seed, log);
            state->watcher = watcher;
            endpoints.emplace(std::string(name), state);
        }
        // Before the first look, so that no commit falls between it and the next.
        if (watcher != nullptr) {
            watcher->watch([watched = state->watched] {
                const std::lock_guard lock(watched->mutex);
                if (watched->state != nullptr) watched->state->refresh(false);
                return watched->state != nullptr;
            });
        }
        state->refresh(true);
        return state;
    }

    std::shared_ptr<store::Store> store;
    std::shared_ptr<detail::InteractionLog> log;
    Registry registry;
    Interactions interactions;
    ForkGuard guard;
    std::uint64_t seed;
    const std::shared_ptr<Watcher> watcher = store->clock()->simulated() ? nullptr : std::make_shared<Watcher>(store);
    std::mutex mutex;
    std::map<std::string, std::shared_ptr<Endpoint::State>, std::less<>> endpoints;
};

Workspace::Workspace(const std::filesystem::path& folder, WorkspaceOptions options)
    : state_((detail::check_path_name("namespace", options.name_space), std::make_shared<State>(folder, options))) {}

Registry& Workspace::registry() { return state_->registry; }
Interactions& Workspace::interactions() { return state_->interactions; }

Endpoint Workspace::create_endpoint(std::string_view name, EndpointOptions options) {
    detail::check_path_name("endpoint", name);
    const std::string model = options.model.empty() ? std::string(name) : options.model;
    if (options.logging) options.logging->check();
    state_->store->write([&](store::Session& session) {
        const auto known = session.endpoint(name);
        if (!known) {
            session.put_endpoint({std::string(name), model, options.good, false, false, {}});
            if (options.logging) session.put_logging(name, options.logging->to_json());
            return;
        }
        if (known->model != model || known->good != options.good) {
            throw Conflict("endpoint \"" + std::string(name) + "\": there already, for model \"" + known->model +
                           "\" with " + std::to_string(known->good.size()) +
                           " good labels; the same options, or another name, wanted");
        }
        const auto logging = LoggingOptions::from_json(session.logging(name));
        if (options.logging && !(*options.logging == logging)) {
            throw Conflict("endpoint \"" + std::string(name) + "\": there already, and logs otherwise: " +
                           logging.to_json().canonical() + "; set_logging changes that");
        }
    });
    return Endpoint(state_->endpoint(name));
}

Endpoint Workspace::endpoint(std::string_view name) {
    state_->store->read([&](const store::Session& session) { detail::require_endpoint(session, name); });
    return Endpoint(state_->endpoint(name));
}

std::vector<std::string> Workspace::endpoints() const {
    std::vector<std::string> names;
    state_->store->read([&](const store::Session& session) {
        for (const auto& row : session.endpoints()) names.push_back(row.name);
    });
    return names;
}

void Workspace::record_metric(std::string_view name, double value, std::optional<Time> time) {
    if (name.empty()) throw InvalidArgument("metric: an empty name given");
    state_->store->write([&](store::Session& session) {
        session.add_metric({std::string(name), value, {time.value_or(Time{}), {}, 0}});
    });
}

void Workspace::record_event(std::string_view kind, Json data, std::optional<Time> time) {
    if (kind.empty()) throw InvalidArgument("event: an empty kind given");
    state_->store->write([&](store::Session& session) {
        session.add_event({std::string(kind), std::move(data), {time.value_or(Time{}), {}, 0}});
    });
}

void Workspace::refresh() {
    state_->guard.check();
    std::vector<std::shared_ptr<Endpoint::State>> endpoints;
    {
        const std::lock_guard lock(state_->mutex);
        for (const auto& [name, endpoint] : state_->endpoints) endpoints.push_back(endpoint);
    }
    for (const auto& endpoint : endpoints) endpoint->refresh(true);
    state_->log->keep_up();
}

void Workspace::flush() {
    state_->log->flush();
    state_->log->keep_up();
    static_cast<void>(state_->store->data_version());  // refused where the workspace cannot be used
}

void Workspace::close() {
    // What cannot be committed throws here, and everything stays open.
    state_->log->close();
    if (state_->watcher != nullptr) state_->watcher->stop();
    state_->store->close();
}

std::optional<store::DeploymentRow> Workspace::what_served(std::string_view endpoint, Time time) const {
    std::optional<store::DeploymentRow> row;
    state_->store->read([&](const store::Session& session) {
        detail::require_endpoint(session, endpoint);
        row = session.served(endpoint, time);
    });
    return row;
}

store::Garbage Workspace::collect_garbage(bool dry_run, Duration grace) {
    state_->guard.check();
    return state_->store->collect_garbage(grace, dry_run);
}

const std::filesystem::path& Workspace::folder() const noexcept { return state_->store->folder(); }
const std::shared_ptr<Clock>& Workspace::clock() const noexcept { return state_->store->clock(); }
store::Store& Workspace::store() const {
    state_->log->flush();
    return *state_->store;
}

}  // namespace holdfast

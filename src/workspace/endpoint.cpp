#include <holdfast/workspace/endpoint.hpp>

#include <holdfast/base/error.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/endpoint_state.hpp"

namespace holdfast {
namespace {

bool depends_on_request(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
        case ErrorCode::conflict:
        case ErrorCode::unsupported:
        case ErrorCode::unavailable:
        case ErrorCode::queue_full:
        case ErrorCode::deadline_exceeded: return true;
        default: return false;
    }
}

template <class Body>
auto as_result(Body&& body) -> Result<decltype(body())> {
    try {
        return body();
    } catch (const Error& error) {
        if (!depends_on_request(error.code())) throw;
        return Failure{error.code(), error.what()};
    }
}

void check_length(std::string_view what, std::size_t given, std::int64_t rows) {
    if (given != 0 && static_cast<std::int64_t>(given) != rows) {
        throw InvalidArgument("request: " + std::to_string(given) + " " + std::string(what) +
                              " given, one for each of " + std::to_string(rows) + " rows wanted");
    }
}

std::vector<Time> event_times(const RequestOptions& options, std::int64_t rows, const Clock& clock) {
    if (!options.times.empty()) return {options.times.begin(), options.times.end()};
    return std::vector<Time>(static_cast<std::size_t>(rows), options.time ? *options.time : clock.now());
}

}  // namespace

Answer Endpoint::State::answer(const Batch& batch, const RequestOptions& options, Outputs outputs) {
    guard.check();
    const Clock& clock = *store->clock();
    const Duration began = clock.steady_now();
    auto served = require_served();
    const std::int64_t rows = batch.rows();
    check_length("ids", options.ids.size(), rows);
    check_length("times", options.times.size(), rows);

    served->model->run(batch, outputs);
    const Duration took = clock.steady_now() - began;
    if (options.deadline && took > *options.deadline) {
        throw DeadlineExceeded("endpoint \"" + name + "\": answered after " + std::to_string(took.count()) +
                               " us, within " + std::to_string(options.deadline->count()) + " us wanted; not logged");
    }
    const auto times = event_times(options, rows, clock);
    Answer answer{std::move(outputs), std::move(served), {}, took.count() * 1000};
    if (rows > 0) answer.ids = log(*answer.served, batch, answer.outputs, times, options.ids, answer.latency_ns);
    notify(*answer.served, batch, answer, times);
    return answer;
}

std::vector<Id> Endpoint::State::log(const Served& served, const Batch& batch, const Outputs& outputs,
                                     const std::vector<Time>& times, std::span<const Id> given,
                                     std::int64_t latency_ns) {
    auto columns = logged_columns(served.model->signature(), batch, outputs);
    store::InteractionBatch rows{name, "live", served.version,           latency_ns, columns.features,
                                 {},   times,  std::move(columns.values)};
    std::vector<Id> ids(given.begin(), given.end());
    store->write([&](store::Session& session) {
        if (given.empty()) {
            // Drawn by the number of what was logged before, inside the transaction: no other process draws the same,
            // and a run that was killed goes on as an undisturbed one.
            const std::string key = name + "/" + std::to_string(session.logged());
            Rng rng = seed == 0 ? Rng::from_system() : Rng(seed, "interaction", key);
            for (const Time time : times) ids.push_back(Id::uuid7(time, rng));
        }
        for (const Id& id : ids) rows.ids.emplace_back(id.view());
        session.add_interactions(rows);
    });
    return ids;
}

void Endpoint::State::notify(const Served& served, const Batch& batch, const Answer& answer,
                             const std::vector<Time>& times) {
    const std::shared_lock lock(observing);
    for (const auto& observer : observers) {
        observer->answered({name, served, batch, answer.outputs, answer.ids, times, answer.latency_ns});
    }
}

const std::string& Endpoint::name() const noexcept { return state_->name; }

Result<Answer> Endpoint::predict(const Batch& batch, const RequestOptions& options) {
    return as_result([&] { return state_->answer(batch, options, Outputs{}); });
}

Status Endpoint::predict_into(const Batch& batch, const TensorView& out, const RequestOptions& options) {
    return as_result([&] {
        const Signature& signature = state_->require_served()->model->signature();
        Outputs outputs;
        for (const auto& output : signature.outputs) {
            output.name == signature.prediction ? outputs.into(output.name, out) : outputs.want(output.name);
        }
        static_cast<void>(state_->answer(batch, options, std::move(outputs)));
        return std::monostate{};
    });
}

void Endpoint::deploy(std::string_view model, std::int64_t version, std::string_view by, std::string_view reason) {
    state_->deploy(model, version, by, reason);
}

void Endpoint::deploy(store::Session& session, std::string_view model, std::int64_t version, std::string_view kind,
                      std::string_view by, std::string_view reason) {
    state_->write_deployment(session, model, version, kind, by, reason);
}

void Endpoint::follow(std::string_view what) {
    if (!what.empty() && what != "latest_approved") {
        throw InvalidArgument("follow: \"" + std::string(what) + "\" given, \"latest_approved\" or \"\" wanted");
    }
    std::optional<store::VersionRow> latest;
    bool frozen = false;
    state_->store->write([&](store::Session& session) {
        auto row = detail::require_endpoint(session, name());
        row.follow_latest_approved = !what.empty();
        session.put_endpoint(row);
        frozen = row.frozen;
        if (row.follow_latest_approved) latest = session.latest_approved(row.model);
    });
    if (latest && !frozen) state_->deploy(latest->model, latest->version, "follow", "latest approved");
}

void Endpoint::rollback(std::string_view reason, std::string_view by) { state_->rollback(reason, by); }

void Endpoint::rollback(store::Session& session, std::string_view reason, std::string_view by) {
    const auto target = state_->rollback_target(session);
    state_->write_deployment(session, target.model, target.version, "rollback", by, reason);
}

void Endpoint::freeze(std::string_view reason, std::string_view by) { state_->set_frozen(true, reason, by); }
void Endpoint::unfreeze(std::string_view reason, std::string_view by) { state_->set_frozen(false, reason, by); }

namespace {

store::EndpointRow row_of(const store::Store& store, std::string_view name) {
    std::optional<store::EndpointRow> row;
    store.read([&](const store::Session& session) { row = detail::require_endpoint(session, name); });
    return *row;
}

}  // namespace

bool Endpoint::frozen() const { return row_of(*state_->store, name()).frozen; }
std::vector<std::string> Endpoint::good() const { return row_of(*state_->store, name()).good; }

std::optional<Version> Endpoint::live() const {
    std::optional<Version> version;
    state_->store->read([&](const store::Session& session) {
        if (const auto row = session.live(name())) {
            version = detail::to_version(detail::require_version(session, row->model, row->version));
        }
    });
    return version;
}

std::shared_ptr<const Served> Endpoint::served() const { return state_->slot.get(); }

std::vector<store::DeploymentRow> Endpoint::ledger() const {
    std::vector<store::DeploymentRow> rows;
    state_->store->read([&](const store::Session& session) { rows = session.deployments(name()); });
    return rows;
}

EndpointMonitor Endpoint::monitor() const {
    EndpointMonitor monitor;
    monitor.state_ = std::make_shared<EndpointMonitor::State>(state_->store, state_->registry, name());
    return monitor;
}

void Endpoint::add_observer(std::shared_ptr<Observer> observer) {
    if (observer == nullptr) throw InvalidArgument("observer: none given");
    const std::unique_lock lock(state_->observing);
    state_->observers.push_back(std::move(observer));
}

void Endpoint::refresh() {
    state_->guard.check();
    state_->refresh(true);
}

}  // namespace holdfast

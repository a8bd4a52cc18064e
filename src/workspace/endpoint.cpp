#include <holdfast/workspace/endpoint.hpp>

#include <holdfast/base/error.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/request.hpp"

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

}  // namespace

void Endpoint::State::answer(const Batch& batch, const RequestOptions& options, Outputs& outputs,
                             const TensorView* into, detail::Request& request) {
    guard.check();
    log->check();
    const Duration began = store->clock()->steady_now();
    try {
        run(batch, options, outputs, into, request, began);
    } catch (const Error& error) {
        log_failure(error, batch.rows(), options, began);
        throw;
    }
    notify(batch, outputs, request);
}

void Endpoint::State::run(const Batch& batch, const RequestOptions& options, Outputs& outputs, const TensorView* into,
                          detail::Request& request, Duration began) {
    const Clock& clock = *store->clock();
    request.served = require_served();
    const Model& model = *request.served->model;
    const std::int64_t rows = batch.rows();
    check_length("ids", options.ids.size(), rows);
    check_length("times", options.times.size(), rows);
    if (into != nullptr) {
        for (const auto& output : model.signature().outputs) {
            output.name == model.signature().prediction ? outputs.into(output.name, *into) : outputs.want(output.name);
        }
    }

    model.run(batch, outputs);
    const Duration took = clock.steady_now() - began;
    if (options.deadline && took > *options.deadline) {
        throw DeadlineExceeded("endpoint \"" + name + "\": answered after " + std::to_string(took.count()) +
                               " us, within " + std::to_string(options.deadline->count()) + " us wanted; not logged");
    }
    request.latency_ns = took.count() * 1000;
    request.ids.assign(options.ids.begin(), options.ids.end());
    if (options.times.empty()) {
        request.times.assign(static_cast<std::size_t>(rows), options.time ? *options.time : clock.now());
    } else {
        request.times.assign(options.times.begin(), options.times.end());
    }
    std::optional<Duration> due;
    if (options.deadline) due = began + *options.deadline;
    if (rows > 0) log_answer(batch, outputs, request, due);
}

void Endpoint::State::notify(const Batch& batch, const Outputs& outputs, const detail::Request& request) {
    counted->add(*request.served, batch);
    const std::shared_lock lock(observing);
    for (const auto& observer : observers) {
        observer->answered({name, *request.served, batch, outputs, request.ids, request.times, request.latency_ns});
    }
}

const std::string& Endpoint::name() const noexcept { return state_->name; }

Result<Answer> Endpoint::predict(const Batch& batch, const RequestOptions& options) {
    return as_result([&] {
        const detail::BorrowedRequest borrowed;
        detail::Request& request = *borrowed;
        Outputs outputs;
        state_->answer(batch, options, outputs, nullptr, request);
        return Answer{std::move(outputs), std::move(request.served), std::move(request.ids), request.latency_ns};
    });
}

Status Endpoint::predict_into(const Batch& batch, const TensorView& out, const RequestOptions& options) {
    return as_result([&] {
        const detail::BorrowedRequest borrowed;
        detail::Request& request = *borrowed;
        state_->answer(batch, options, request.outputs, &out, request);
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
    monitor.state_ =
        std::make_shared<EndpointMonitor::State>(state_->store, state_->registry, name(), state_->log, state_->counted);
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

// What an endpoint does with a request that was answered, or was not: it is encoded and handed to the log.
#include <algorithm>
#include <limits>
#include <optional>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fork.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/base/rng.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/request.hpp"

namespace holdfast {
namespace {

/// This thread's, seeded anew in a forked child.
Rng& system_rng() {
    struct Seeded {
        ForkGuard guard{"ids"};
        Rng rng = Rng::from_system();
    };
    thread_local std::optional<Seeded> seeded;
    if (!seeded || !seeded->guard.in_owner()) seeded.emplace();
    return seeded->rng;
}

/// Decided by the first eight bytes of the id's SHA-256: in all processes alike.
bool is_sampled(const Id& id, double share) {
    if (share >= 1.0) return true;
    const Digest digest = sha256(id.view());
    double fraction = 0.0;
    for (int i = 7; i >= 0; --i) {
        fraction = (fraction + std::to_integer<unsigned>(digest.bytes[static_cast<std::size_t>(i)])) / 256.0;
    }
    return fraction < share;
}

void draw_ids(detail::Request& request, Rng& rng) {
    for (const Time time : request.times) request.ids.push_back(Id::uuid7(time, rng));
}

void encode(detail::Request& request, const std::shared_ptr<detail::LogStream>& stream,
            const std::shared_ptr<const LoggingOptions>& logging, std::shared_ptr<const detail::RowPlan> plan) {
    detail::LogGroup& group = request.group;
    for (std::size_t i = 0; i < request.times.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        detail::LogGroup::Row row;
        row.time = request.times[i];
        row.id = group.keep(request.ids[i].view());
        row.sampled_out = !is_sampled(request.ids[i], logging->sample);
        if (const auto whom = plan->entity(request.places, at)) {
            row.entity = group.keep(*whom);
            row.has_entity = true;
        }
        row.data.begin = group.bytes.size();
        row.data.size = plan->encode(request.places, at, group.bytes);
        group.rows.push_back(row);
    }
    group.requests.push_back(
        {stream, std::move(plan), logging, 0, request.served->version, request.latency_ns, 0, group.rows.size()});
}

bool names_a_column(const Signature& signature, const std::string& name) {
    const auto& features = signature.features;
    if (std::find(features.begin(), features.end(), name) != features.end()) return true;
    if (features.empty() && (signature.inputs.size() == 1 || signature.find_input(name) >= 0)) return true;
    return std::any_of(signature.outputs.begin(), signature.outputs.end(), [&](const TensorSpec& output) {
        return name == output.name || name.starts_with(output.name + ".") || name == "output." + output.name;
    });
}

/// A column that is misspelt would be kept as it is.
void check_columns(const store::Session& session, const std::string& endpoint, const LoggingOptions& options) {
    const auto live = session.live(endpoint);
    if (!live) return;
    const auto row = detail::require_version(session, live->model, live->version);
    const Signature signature = Manifest::from_json(row.manifest).signature;
    auto names = options.hashed;
    names.insert(names.end(), options.left_out.begin(), options.left_out.end());
    if (!options.entity.empty()) names.push_back(options.entity);
    for (const std::string& name : names) {
        if (names_a_column(signature, name)) continue;
        std::string known;
        for (const std::string& feature : signature.features) known += (known.empty() ? "\"" : ", \"") + feature + "\"";
        throw InvalidArgument("logging: column \"" + name + "\" given, a feature (" + known + ") or output of " +
                              live->model + "@" + std::to_string(live->version) + " wanted");
    }
}

}  // namespace

void Endpoint::State::log_answer(const Batch& batch, const Outputs& outputs, detail::Request& request,
                                 std::optional<Duration> due) {
    const auto logging = stream->options();
    const bool draws_inside = request.ids.empty() && (seed != 0 || store->clock()->simulated());
    const bool one_by_one = draws_inside || store->clock()->simulated();
    if (request.ids.empty() && !draws_inside) draw_ids(request, system_rng());
    const auto plan = stream->plan(*request.served, batch, outputs, *logging, [&] { return log->salt(); });
    plan->locate(batch, outputs, request.places);
    if (!one_by_one && log->takes(batch.rows())) {
        encode(request, stream, logging, plan);
        log->hand_over(request.group, due);
        return;
    }
    const auto before = [&](store::Session& session) {
        if (draws_inside) {
            // Drawn by the number of what was logged before, inside the transaction: no other process draws the same,
            // and a run that was killed goes on as an undisturbed one.
            const std::string key = name + "/" + std::to_string(session.logged());
            Rng rng = seed == 0 ? Rng::from_system() : Rng(seed, "interaction", key);
            draw_ids(request, rng);
        }
        encode(request, stream, logging, plan);
    };
    log->commit(before, request.group, one_by_one || logging->durability == Durability::before_reply);
}

void Endpoint::State::log_failure(const Error& error, std::int64_t rows, const RequestOptions& options,
                                  Duration began) noexcept {
    try {
        const Clock& clock = *store->clock();
        const auto served = slot.get();
        store::FailureRow row{
            name,         served == nullptr ? 0 : served->version,     rows, std::string(traits(error.code()).name),
            error.what(), (clock.steady_now() - began).count() * 1000, {}};
        row.stamp.event_time = options.time ? *options.time : options.times.empty() ? clock.now() : options.times[0];
        detail::LogGroup group;
        group.failures.push_back({stream, stream->options(), std::move(row)});
        clock.simulated() ? log->commit(group, false) : log->hand_over_failure(group);
    } catch (const std::exception& lost) {
        holdfast::log(LogLevel::warning, "workspace",
                      "endpoint \"" + name + "\": a failed request is not kept: " + lost.what());
    }
}

LoggingOptions Endpoint::logging() const { return *state_->stream->options(); }
LoggingCounts Endpoint::logging_counts() const { return state_->stream->counts(); }

void Endpoint::set_logging(const LoggingOptions& options) {
    options.check();
    state_->guard.check();
    const std::int64_t transaction = state_->store->write([&](store::Session& session) {
        detail::require_endpoint(session, name());
        const auto before = LoggingOptions::from_json(session.logging(name()));
        if (options.bucket != before.bucket) {
            throw Conflict("endpoint \"" + name() + "\": logging's bucket of " + format_duration(options.bucket) +
                           " given, " + format_duration(before.bucket) + ", settled when it was made, wanted");
        }
        check_columns(session, name(), options);
        session.put_logging(name(), options.to_json());
    });
    state_->stream->set_options(options, transaction);
}

}  // namespace holdfast

// What a person may ask of recent traffic. Computed from committed rows, and for a window of event time from summaries,
// so that what other processes logged and labelled is seen without being told.
#include <algorithm>
#include <limits>
#include <optional>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/scores.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/summarise.hpp"

namespace holdfast {
namespace {

store::InteractionQuery window_query(const store::Store& store, const std::string& endpoint, const Window& over,
                                     bool labelled) {
    store::InteractionQuery query;
    query.endpoint = endpoint;
    query.labelled = labelled;
    if (over.is_rows()) {
        query.last = over.row_count();
        return query;
    }
    const Time now = store.clock()->now();
    (labelled ? query.labelled_after : query.after) = now - over.duration();
    (labelled ? query.labelled_until : query.until) = now;
    return query;
}

store::InteractionTable rows_of(const store::Store& store, const store::InteractionQuery& query) {
    store::InteractionTable table;
    store.read([&](const store::Session& session) { table = session.interactions(query); });
    return table;
}

Table features_of(const store::InteractionTable& table, const stats::Profile& reference) {
    Table features;
    for (const std::string& shown : table.features) {
        constexpr std::string_view prefix = "feature.";
        const bool renamed = shown.starts_with(prefix) && reference.find(shown) == nullptr;
        features.add(renamed ? shown.substr(prefix.size()) : shown, table.rows.column(shown));
    }
    return features;
}

/// A window of event time from its summaries; nothing where they do not add up, as after a change of columns.
std::optional<Summary> summary_of(const store::Store& store, const std::string& endpoint, const Window& over) {
    if (over.is_rows()) return std::nullopt;
    const Time now = store.clock()->now();
    std::optional<Summary> summary;
    try {
        store.read([&](const store::Session& session) {
            summary = detail::summarise(session, endpoint, now - over.duration(), now, {});
        });
    } catch (const Conflict&) {
        return std::nullopt;
    }
    return summary;
}

std::vector<std::string> default_metrics(const Signature& signature) {
    if (signature.task == Task::regression) return {"mae", "rmse", "r2"};
    if (signature.task != Task::classification) return {};
    if (signature.probability.empty()) return {"accuracy"};
    return {"accuracy", "auc", "brier", "log_loss"};
}

}  // namespace

std::shared_ptr<const Package> EndpointMonitor::State::live_package() {
    std::optional<store::VersionRow> version;
    store->read([&](const store::Session& session) {
        if (const auto live = session.live(endpoint)) version = session.version(live->model, live->version);
    });
    if (!version)
        throw NotFound("endpoint \"" + endpoint + "\": no version is live, so there is nothing to compare with");
    const std::lock_guard lock(mutex);
    if (package == nullptr || package->identity() != version->package) {
        package = std::make_shared<const Package>(registry.package(detail::to_version(*version)));
    }
    return package;
}

DriftReport EndpointMonitor::drift(const Window& over, const DriftOptions& options) const {
    const auto package = state_->live_package();
    state_->log->flush();
    const stats::Profile& reference = package->reference();
    if (const auto summary = summary_of(*state_->store, state_->endpoint, over))
        return holdfast::drift(reference, summary->features, options);
    const auto table = rows_of(*state_->store, window_query(*state_->store, state_->endpoint, over, false));
    return holdfast::drift(reference, stats::Profile::of(features_of(table, reference)), options);
}

std::vector<stats::MetricValue> EndpointMonitor::performance(const Window& over,
                                                             std::span<const std::string> metrics) const {
    const Signature& signature = state_->live_package()->manifest().signature;
    state_->log->flush();
    const auto table = rows_of(*state_->store, window_query(*state_->store, state_->endpoint, over, true));
    const Judged judged = judge_logged(signature, table);
    const auto wanted =
        metrics.empty() ? default_metrics(signature) : std::vector<std::string>(metrics.begin(), metrics.end());
    std::vector<stats::MetricValue> values;
    for (const std::string& metric : wanted) {
        if (table.rows.rows() == 0) {
            constexpr double nan = std::numeric_limits<double>::quiet_NaN();
            values.push_back({metric, nan, {nan, nan, 0.95}, 0});
            continue;
        }
        values.push_back(stats::score(metric, {judged.truth, judged.prediction, judged.probability, judged.classes}));
    }
    return values;
}

double EndpointMonitor::yield(const Window& over) const {
    std::vector<std::string> good;
    state_->store->read(
        [&](const store::Session& session) { good = detail::require_endpoint(session, state_->endpoint).good; });
    if (good.empty()) {
        throw InvalidArgument("endpoint \"" + state_->endpoint +
                              "\": no good labels given to create_endpoint, so it has no yield");
    }
    const auto is_good = [&](const std::string& label) {
        return std::find(good.begin(), good.end(), label) != good.end();
    };
    state_->log->flush();
    if (const auto summary = summary_of(*state_->store, state_->endpoint, over)) {
        std::int64_t labelled = 0, yielded = 0;
        for (const auto& [label, rows] : summary->counts.labels) {
            labelled += rows;
            yielded += is_good(label) ? rows : 0;
        }
        if (labelled == summary->counts.rows) return static_cast<double>(yielded) / static_cast<double>(labelled);
    }
    const Signature& signature = state_->live_package()->manifest().signature;
    const auto table = rows_of(*state_->store, window_query(*state_->store, state_->endpoint, over, false));
    const std::int64_t rows = table.rows.rows();
    if (rows == 0) return std::numeric_limits<double>::quiet_NaN();
    const Column& predicted = logged_output(table, signature.prediction);
    std::int64_t yielded = 0;
    for (std::int64_t row = 0; row < rows; ++row) {
        yielded += is_good(predicted.value_text(row)) ? 1 : 0;
    }
    return static_cast<double>(yielded) / static_cast<double>(rows);
}

}  // namespace holdfast

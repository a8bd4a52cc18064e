// What a person may ask of recent traffic. Computed from committed rows, and for a window of event time from summaries,
// so that what other processes logged and labelled is seen without being told.
#include <algorithm>
#include <limits>
#include <optional>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/scores.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/look.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/label_sums.hpp"
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

DriftReport EndpointMonitor::drift(const Window& over, const DriftOptions& options, double false_alarms) const {
    const auto package = state_->live_package();
    state_->log->flush();
    Look look;
    state_->store->read([&](const store::Session& session) {
        look = last_complete_window(session, state_->endpoint, over, state_->store->clock()->now());
    });
    return holdfast::drift(package->reference(), look, false_alarms, options);
}

DriftReport EndpointMonitor::drift_now(const Window& over, const DriftOptions& options) const {
    const auto package = state_->live_package();
    state_->log->flush();
    const stats::Profile& reference = package->reference();
    if (const auto summary = summary_of(*state_->store, state_->endpoint, over))
        return holdfast::drift(reference, summary->features, options);
    const auto table = rows_of(*state_->store, window_query(*state_->store, state_->endpoint, over, false));
    return holdfast::drift(reference, own_features(table), options);
}

namespace {

/// Labelled rows, read when they are asked for.
class LabelledRows {
  public:
    LabelledRows(const store::Store& store, const std::string& endpoint, const Window& over, const Signature& signature)
        : store_(store), query_(window_query(store, endpoint, over, true)), signature_(signature) {}

    [[nodiscard]] stats::MetricValue score(const std::string& metric) {
        if (!judged_) {
            const auto table = rows_of(store_, query_);
            judged_ = judge_logged(signature_, table);
            rows_ = table.rows.rows();
        }
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        if (rows_ == 0) return {metric, nan, {nan, nan, 0.95}, 0};
        return stats::score(metric, {judged_->truth, judged_->prediction, judged_->probability, judged_->classes});
    }

  private:
    const store::Store& store_;
    const store::InteractionQuery query_;
    const Signature& signature_;
    std::optional<Judged> judged_;
    std::int64_t rows_ = 0;
};

/// Sums of a window of time; nothing where they hold what the signature would have judged otherwise, or not at all.
std::optional<stats::ScoreSums> sums_of(store::Store& store, const std::string& endpoint, const Window& over,
                                        const Signature& signature) {
    if (over.is_rows()) return std::nullopt;
    detail::sum_all_labels(store, detail::rows_summed_when_read);
    const Time now = store.clock()->now();
    detail::LabelWindow window;
    store.read([&](const store::Session& session) {
        window = detail::label_window(session, endpoint, now - over.duration(), now, {}, &signature);
    });
    if (!window.alike || window.summary.unjudged > 0 || window.summary.labelled == 0) return std::nullopt;
    return window.summary.scores;
}

}  // namespace

std::vector<stats::MetricValue> EndpointMonitor::performance(const Window& over,
                                                             std::span<const std::string> metrics) const {
    const auto package = state_->live_package();
    const Signature& signature = package->manifest().signature;
    state_->log->flush();
    const auto sums = sums_of(*state_->store, state_->endpoint, over, signature);
    LabelledRows rows(*state_->store, state_->endpoint, over, signature);
    const auto wanted =
        metrics.empty() ? default_metrics(signature) : std::vector<std::string>(metrics.begin(), metrics.end());
    std::vector<stats::MetricValue> values;
    for (const std::string& metric : wanted) {
        const auto summed = sums ? sums->score(metric) : std::nullopt;
        values.push_back(summed ? *summed : rows.score(metric));
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
        // What is in no profile has no label here, and no row.
        if (labelled > 0 && labelled >= summary->counts.rows - summary->counts.unprofiled)
            return static_cast<double>(yielded) / static_cast<double>(labelled);
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

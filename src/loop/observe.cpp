#include <holdfast/loop/observe.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/monitor/drift.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/quality.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/look.hpp>
#include <holdfast/workspace/maturity.hpp>

namespace holdfast {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One observation in the making: the rows it may see, and whose they are.
class Observing {
  public:
    Observing(const Workspace& workspace, std::string_view endpoint, Time time, std::optional<std::int64_t> transaction)
        : workspace_(workspace), endpoint_(endpoint), time_(time), up_to_(transaction) {}

    Observation observe(const Requirements& wanted) {
        Observation seen;
        workspace_.store().read([&](const store::Session& session) {
            if (!up_to_) up_to_ = session.transaction();
            seen = begin(session);
            seen.format = wanted.format;
            for (const MetricQuery& query : wanted.metrics) observe_metric(session, query, seen);
            for (const YieldQuery& query : wanted.yields) seen.yields.push_back(observe_yield(session, query));
            for (const DriftQuery& query : wanted.drifts) observe_drift(session, query, seen);
        });
        return seen;
    }

  private:
    Observation begin(const store::Session& session) {
        const auto row = session.endpoint(endpoint_);
        if (!row) throw NotFound("endpoint \"" + endpoint_ + "\": not in this workspace");
        good_ = row->good;

        Observation seen;
        seen.time = time_;
        seen.name_space = workspace_.store().name_space();
        seen.endpoint = endpoint_;
        seen.transaction = *up_to_;
        if (const auto live = session.live(endpoint_, up_to_)) {
            seen.live_version = live->version;
            seen.live_since = live->stamp.event_time;
            open_package(session, *live);
        }
        if (const auto retrain = session.last_decision(endpoint_, "retrain", up_to_)) {
            seen.last_retrain = retrain->stamp.event_time;
        }
        const auto last_decision = session.last_decision(endpoint_, "", up_to_);
        for (store::EventRow& event : session.events(last_decision ? last_decision->stamp.transaction : 0, up_to_)) {
            seen.events.push_back({std::move(event.kind), event.stamp.event_time, std::move(event.data)});
        }
        const store::Totals totals = session.totals(endpoint_, up_to_, totals_at(last_decision));
        seen.interactions = totals.interactions;
        seen.labelled = totals.labelled;
        return seen;
    }

    /// What the decision had counted, to count on from; a comparison of two versions counts nothing.
    static store::Totals totals_at(const std::optional<store::DecisionRow>& decision) {
        if (!decision || !decision->observation.is_object()) return {};
        const Observation before = Observation::from_json(decision->observation);
        if (!before.subject.is_null()) return {};
        return {before.transaction, before.interactions, before.labelled};
    }

    void open_package(const store::Session& session, const store::DeploymentRow& live) {
        const auto version = session.version(live.model, live.version);
        if (!version) return;
        Version wanted;
        wanted.model = live.model;
        wanted.number = live.version;
        wanted.package = version->package;
        live_ = Workspace(workspace_).registry().package(wanted);
    }

    store::InteractionQuery query() const {
        store::InteractionQuery query;
        query.endpoint = endpoint_;
        query.up_to = up_to_;
        return query;
    }

    /// Rows of a window over event time, `skip` windows back.
    store::InteractionQuery in_window(const Window& over) const {
        store::InteractionQuery result = query();
        result.until = time_;
        if (over.is_rows()) {
            result.last = over.row_count();
        } else {
            result.after = time_ - over.duration();
        }
        return result;
    }

    store::InteractionQuery labelled_in_window(const MetricQuery& metric) const {
        store::InteractionQuery result = query();
        result.labelled = true;
        if (metric.over.is_rows()) {
            result.last = metric.over.row_count();
        } else if (metric.by == LabelTime::event) {
            result.after = time_ - metric.over.duration();
            result.until = time_;
        } else {
            result.labelled_after = time_ - metric.over.duration();
            result.labelled_until = time_;
        }
        return result;
    }

    void observe_metric(const store::Session& session, const MetricQuery& query, Observation& seen) {
        // What others recorded under a metric's name goes first where the name was theirs once.
        const bool always_ours = is_metric_of_format_1(query.metric);
        if (!always_ours && observe_recorded(session, query, seen)) return;
        if (!live_ || !(seen.format == 1 ? always_ours : stats::names_metric(query.metric))) return;
        ObservedMetric observed{query, {}};
        store::InteractionTable table = session.interactions(labelled_in_window(query));
        if (query.mature) {
            const auto cohorts = label_cohorts(session, endpoint_, time_ - query.over.duration(), time_, time_,
                                               {*query.mature, query.horizon}, up_to_);
            Matured of = matured(cohorts, table);
            table = std::move(of.rows);
            observed.matured_until = of.until;
            observed.waiting = of.waiting;
        }
        const Judged judged = judge_logged(live_->manifest().signature, table);
        if (stats::needs_probability(query.metric) && judged.probability.empty()) {
            if (!query.mature || table.rows.rows() > 0) return;
            observed.value = {query.metric, nan, {nan, nan, 0.95}, 0};
            observed.reason = "no rows";
        } else {
            const stats::QualityValue value = score(query.metric, judged);
            observed.value = value;
            if (seen.format > 1) observed.reason = value.reason;
        }
        seen.metrics.push_back(std::move(observed));
    }

    /// A metric that does not go with the model is not defined, and says so: one rule must not stop the others.
    static stats::QualityValue score(const std::string& metric, const Judged& judged) {
        try {
            return stats::score(metric, {judged.truth, judged.prediction, judged.probability, judged.classes});
        } catch (const InvalidArgument& error) {
            stats::QualityValue value;
            value.metric = metric;
            value.value = nan;
            value.interval = {nan, nan, 0.95};
            value.reason = error.what();
            return value;
        }
    }

    /// A metric that others measured: the mean of its values in the window.
    bool observe_recorded(const store::Session& session, const MetricQuery& query, Observation& seen) {
        std::optional<Time> after;
        std::optional<std::int64_t> last;
        if (query.over.is_rows()) {
            last = query.over.row_count();
        } else {
            after = time_ - query.over.duration();
        }
        const auto values = session.metrics(query.metric, after, time_, last, up_to_);
        if (values.empty()) return false;
        double sum = 0.0;
        for (const store::MetricRow& row : values) sum += row.value;
        stats::MetricValue value;
        value.metric = query.metric;
        value.rows = static_cast<std::int64_t>(values.size());
        value.value = sum / static_cast<double>(value.rows);
        value.interval = {nan, nan, 0.95};
        seen.metrics.push_back({query, std::move(value)});
        return true;
    }

    struct Yield {
        double share = nan;
        std::int64_t rows = 0;
    };
    Yield yield_of(const store::InteractionTable& table, bool by_label, std::int64_t begin, std::int64_t count) const {
        Yield yield;
        if (count <= 0 || !live_) return yield;
        std::int64_t good = 0;
        const Column& labels =
            by_label ? table.rows.column("label") : logged_output(table, live_->manifest().signature.prediction);
        for (std::int64_t row = begin; row < begin + count; ++row) {
            if (!labels.is_valid(row)) continue;
            ++yield.rows;
            good += std::ranges::find(good_, labels.value_text(row)) != good_.end() ? 1 : 0;
        }
        if (yield.rows > 0) yield.share = static_cast<double>(good) / static_cast<double>(yield.rows);
        return yield;
    }

    ObservedYield observe_yield(const store::Session& session, const YieldQuery& query) {
        store::InteractionQuery both = in_window(query.over);
        if (query.over.is_rows()) {
            both.last = 2 * query.over.row_count();
        } else {
            both.after = time_ - 2 * query.over.duration();
        }
        both.labelled = query.by_label;
        const store::InteractionTable table = session.interactions(both);
        const std::int64_t rows = table.rows.rows();
        std::int64_t split = 0;
        if (query.over.is_rows()) {
            split = std::max<std::int64_t>(0, rows - query.over.row_count());
        } else if (rows > 0) {
            const auto times = table.rows.column("time").values<std::int64_t>();
            split = std::ranges::upper_bound(times, to_micros(time_ - query.over.duration())) - times.begin();
        }
        const Yield now = yield_of(table, query.by_label, split, rows - split);
        Yield before = yield_of(table, query.by_label, 0, split);
        if (query.over.is_rows() && split < query.over.row_count()) before = {};
        return {query, now.share, now.rows, before.share, before.rows};
    }

    void observe_drift(const store::Session& session, const DriftQuery& query, Observation& seen) {
        if (!live_ || !live_->has_reference()) return;
        if (!query.alpha) return look_for_drift(session, query, seen);
        const store::InteractionTable table = session.interactions(in_window(query.over));
        if (table.rows.rows() == 0) return;
        if (query.over.is_rows() && table.rows.rows() < query.over.row_count()) return;
        DriftOptions options;
        options.alpha = *query.alpha;
        options.share = query.share;
        options.columns = query.columns;
        const auto current = stats::Profile::of(table.rows.select(table.features));
        seen.drifts.push_back({query, drift(live_->reference(), current, options).summary});
    }

    void look_for_drift(const store::Session& session, const DriftQuery& query, Observation& seen) {
        const auto look = last_complete_window(session, endpoint_, query.over, time_, up_to_, seen.interactions);
        if (look.features.rows() == 0) return;
        DriftOptions options;
        options.share = query.share;
        options.columns = query.columns;
        seen.drifts.push_back({query, drift(live_->reference(), look, query.false_alarms, options).summary});
    }

    const Workspace& workspace_;
    std::string endpoint_;
    Time time_;
    std::optional<std::int64_t> up_to_;
    std::vector<std::string> good_;
    std::optional<Package> live_;
};

}  // namespace

Observation observe(const Workspace& workspace, std::string_view endpoint, const Requirements& requirements, Time time,
                    std::optional<std::int64_t> transaction) {
    return Observing(workspace, endpoint, time, transaction).observe(requirements);
}

}  // namespace holdfast

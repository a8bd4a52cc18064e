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
            live_version_ = live->version;
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

    /// Rows of a window over event time, `back` windows of its extent before the newest.
    store::InteractionQuery in_window(const Window& over, std::int64_t back = 0) const {
        store::InteractionQuery result = query();
        result.until = time_;
        if (over.is_rows()) {
            result.last = over.row_count();
            result.skip = back * over.row_count();
        } else {
            result.until = time_ - back * over.duration();
            result.after = *result.until - over.duration();
        }
        return result;
    }

    /// Labelled rows of a window, `back` windows of its extent before the newest.
    store::InteractionQuery labelled_in_window(const MetricQuery& metric, std::int64_t back) const {
        store::InteractionQuery result = query();
        result.labelled = true;
        if (metric.over.is_rows()) {
            result.last = metric.over.row_count();
            result.skip = back * metric.over.row_count();
        } else {
            const Time until = time_ - back * metric.over.duration();
            (metric.by == LabelTime::event ? result.after : result.labelled_after) = until - metric.over.duration();
            (metric.by == LabelTime::event ? result.until : result.labelled_until) = until;
        }
        if (back > 0) result.version = live_version_;
        return result;
    }

    void observe_metric(const store::Session& session, const MetricQuery& query, Observation& seen) {
        // What others recorded under a metric's name goes first where the name was theirs once.
        const bool always_ours = is_metric_of_format_1(query.metric);
        auto observed = always_ours ? std::nullopt : mean_of_recorded(session, query, 0);
        const bool theirs = observed.has_value();
        if (!theirs && !(seen.format == 1 ? always_ours : stats::names_metric(query.metric))) return;
        if (!theirs) observed = judged(session, query, 0, seen.format);
        if (!observed) return;
        for (std::int64_t back = 1; back <= query.past; ++back) {
            const auto before =
                theirs ? mean_of_recorded(session, query, back) : judged(session, query, back, seen.format);
            const bool enough = before && before->value.rows >= query.min_labels && std::isfinite(before->value.value);
            observed->past.push_back(enough ? before->value.value : nan);
        }
        seen.metrics.push_back(std::move(*observed));
    }

    /// A metric of what the live model answered, `back` windows before the newest; none where the model has no such
    /// metric, or a past window of rows is not full.
    std::optional<ObservedMetric> judged(const store::Session& session, const MetricQuery& query, std::int64_t back,
                                         std::int64_t format) const {
        if (!live_) return {};
        ObservedMetric observed{query, {}};
        const store::InteractionQuery window = labelled_in_window(query, back);
        store::InteractionTable table = session.interactions(window);
        if (back > 0 && query.over.is_rows() && table.rows.rows() < query.over.row_count()) return {};
        if (query.mature) {
            const auto cohorts = label_cohorts(session, endpoint_, *window.after, *window.until, time_,
                                               {*query.mature, query.horizon}, up_to_);
            Matured of = matured(cohorts, table);
            table = std::move(of.rows);
            observed.matured_until = of.until;
            observed.waiting = of.waiting;
        }
        const Judged judged = judge_logged(live_->manifest().signature, table);
        if (stats::needs_probability(query.metric) && judged.probability.empty()) {
            if (!query.mature || table.rows.rows() > 0) return {};
            observed.value = {query.metric, nan, {nan, nan, 0.95}, 0};
            observed.reason = "no rows";
        } else {
            const stats::QualityValue value = score(query.metric, judged);
            observed.value = value;
            if (format > 1) observed.reason = value.reason;
        }
        return observed;
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

    /// A metric that others measured: the mean of its values in the window; none as above.
    std::optional<ObservedMetric> mean_of_recorded(const store::Session& session, const MetricQuery& query,
                                                   std::int64_t back) const {
        std::vector<store::MetricRow> values;
        if (query.over.is_rows()) {
            const std::int64_t newer = back * query.over.row_count();
            values = session.metrics(query.metric, {}, time_, newer + query.over.row_count(), up_to_);
            values.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, std::ssize(values) - newer)));
            if (back > 0 && std::ssize(values) < query.over.row_count()) return {};
        } else {
            const Time until = time_ - back * query.over.duration();
            values = session.metrics(query.metric, until - query.over.duration(), until, {}, up_to_);
        }
        if (values.empty()) return {};
        double sum = 0.0;
        for (const store::MetricRow& row : values) sum += row.value;
        stats::MetricValue value;
        value.metric = query.metric;
        value.rows = static_cast<std::int64_t>(values.size());
        value.value = sum / static_cast<double>(value.rows);
        value.interval = {nan, nan, 0.95};
        return ObservedMetric{query, std::move(value)};
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
        ObservedYield seen{query, now.share, now.rows, before.share, before.rows};
        for (std::int64_t back = 1; back <= query.past; ++back) seen.past.push_back(past_yield(session, query, back));
        return seen;
    }

    double past_yield(const store::Session& session, const YieldQuery& query, std::int64_t back) const {
        store::InteractionQuery window = in_window(query.over, back);
        window.labelled = query.by_label;
        window.version = live_version_;
        const store::InteractionTable table = session.interactions(window);
        const Yield yield = yield_of(table, query.by_label, 0, table.rows.rows());
        return query.over.is_rows() && yield.rows < query.over.row_count() ? nan : yield.share;
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
    std::int64_t live_version_ = 0;
};

}  // namespace

Observation observe(const Workspace& workspace, std::string_view endpoint, const Requirements& requirements, Time time,
                    std::optional<std::int64_t> transaction) {
    return Observing(workspace, endpoint, time, transaction).observe(requirements);
}

}  // namespace holdfast

// How right recent answers were. From sums of labels where they tell, from rows where they do not.
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logged.hpp>

#include "workspace/endpoint_state.hpp"
#include "workspace/interaction_log.hpp"
#include "workspace/label_sums.hpp"
#include "workspace/log_group.hpp"

namespace holdfast {
namespace {

// Areas of so many rows are computed from the rows; of more, from score sketches.
constexpr std::int64_t most_rows_of_exact_areas = 10'000;
// Rows times draws of entities, so that a window of a million rows takes seconds.
constexpr std::int64_t most_drawn_rows = 20'000'000;

std::vector<std::string> default_metrics(const Signature& signature) {
    if (signature.task == Task::regression) return {"mae", "rmse", "r2"};
    if (signature.task != Task::classification) return {};
    if (signature.probability.empty()) return {"accuracy"};
    return {"accuracy", "auc", "brier", "log_loss"};
}

void add_note(stats::QualityValue& value, std::string_view note) {
    value.note += (value.note.empty() ? "" : "; ") + std::string(note);
}

bool is_area(const stats::MetricSpec& metric) { return metric.name == "auc" || metric.name == "pr_auc"; }

/// Numbers for the values of a column, the same for the same; a row without one is by itself.
std::vector<std::int64_t> numbered(const Column& column) {
    std::map<std::string, std::int64_t> known;
    std::vector<std::int64_t> numbers;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        const auto fresh = -1 - row;
        numbers.push_back(column.is_valid(row) ? known.try_emplace(column.value_text(row), row).first->second : fresh);
    }
    return numbers;
}

/// One window of labels, looked at in whatever way a metric needs.
class LabelledWindow {
  public:
    LabelledWindow(store::Store& store, std::string endpoint, const Signature& signature, const Window& over,
                   const PerformanceOptions& options)
        : store_(store),
          endpoint_(std::move(endpoint)),
          signature_(signature),
          over_(over),
          options_(options),
          now_(store.clock()->now()) {
        if (options.by_event && over.is_rows()) {
            throw InvalidArgument("performance by event time: " + over.to_string() +
                                  " given, a duration wanted: what is the newest by then is not known yet");
        }
        store.read(
            [&](const store::Session& session) { logging_ = LoggingOptions::from_json(session.logging(endpoint_)); });
        maturity_ = {options.mature, options.horizon ? options.horizon : logging_.label_horizon};
        maturity_.check();
        if (!over.is_rows() && !options.by_event) add_sums();
    }

    [[nodiscard]] std::vector<LabelCohort> cohorts() const {
        std::vector<LabelCohort> found;
        store_.read([&](const store::Session& session) {
            found = label_cohorts(session, endpoint_, now_ - over_.duration(), now_, now_, maturity_);
        });
        return found;
    }

    [[nodiscard]] stats::QualityValue score(const std::string& text) {
        const stats::MetricSpec metric = stats::parse_metric(text);
        const auto summed = sums_ ? sums_->score(text) : std::nullopt;
        const bool few = sums_ && sums_->rows() <= most_rows_of_exact_areas;
        const bool draws = options_.cluster && !logging_.entity.empty();
        if (summed && !draws && !(is_area(metric) && few)) return told(*summed);
        if (summed && rows().rows.rows() < labelled_) {
            stats::QualityValue value = *summed;
            if (draws) add_note(value, "rows are taken to be independent: retention took some of them");
            return told(std::move(value));
        }
        return told(of_rows(text, metric));
    }

    /// Always by the same column.
    [[nodiscard]] std::vector<stats::QualitySlice> slices(const std::string& text, std::string_view column,
                                                          std::int64_t most) {
        const auto& table = rows().rows;
        if (table.rows() == 0) return {};
        if (!table.has(column)) {
            throw InvalidArgument("slices by \"" + std::string(column) + "\": not a column of the logged interactions");
        }
        const stats::MetricSpec metric = stats::parse_metric(text);
        if (!slices_) slices_ = stats::slices_of(table.column(column), column, most);
        auto found = stats::quality_by(*slices_, text, scored(), {}, draw_options(), entities(metric));
        for (stats::QualitySlice& slice : found) slice.quality = told(std::move(slice.quality));
        return found;
    }

  private:
    void add_sums() {
        detail::sum_all_labels(store_, detail::rows_summed_when_read);
        detail::LabelWindow window;
        store_.read([&](const store::Session& session) {
            window = detail::label_window(session, endpoint_, now_ - over_.duration(), now_, {}, &signature_);
        });
        // They may hold what the live version would have judged otherwise, or not at all.
        if (!window.alike || window.summary.unjudged > 0 || window.summary.labelled == 0) return;
        labelled_ = window.summary.labelled;
        sums_ = std::move(window.summary.scores);
    }

    const store::InteractionTable& rows() {
        if (rows_) return *rows_;
        store::InteractionQuery query;
        query.endpoint = endpoint_;
        query.labelled = true;
        if (over_.is_rows()) {
            query.last = over_.row_count();
        } else {
            (options_.by_event ? query.after : query.labelled_after) = now_ - over_.duration();
            (options_.by_event ? query.until : query.labelled_until) = now_;
        }
        store_.read([&](const store::Session& session) { rows_ = session.interactions(query); });
        if (options_.by_event) {
            Matured of = matured(cohorts(), *rows_);
            rows_ = std::move(of.rows);
            matured_until_ = of.until;
            waiting_ = of.waiting;
        }
        judged_ = judge_logged(signature_, *rows_);
        return *rows_;
    }

    [[nodiscard]] stats::ScoredRows scored() {
        static_cast<void>(rows());
        return {judged_.truth, judged_.prediction, judged_.probability, judged_.classes};
    }

    /// Of each row; none where rows are independent.
    [[nodiscard]] std::span<const std::int64_t> entities(const stats::MetricSpec& metric) {
        const bool draws = options_.cluster && !logging_.entity.empty() && metric.name != "ece";
        if (!draws || !rows().rows.has(logging_.entity)) return {};
        if (entities_.empty()) entities_ = numbered(rows().rows.column(logging_.entity));
        return entities_;
    }

    [[nodiscard]] stats::QualityOptions draw_options() {
        stats::QualityOptions options;
        options.seed = options_.seed;
        const std::int64_t rows = std::max<std::int64_t>(1, this->rows().rows.rows());
        options.resamples = std::clamp<std::int64_t>(most_drawn_rows / rows, 100, options.resamples);
        return options;
    }

    [[nodiscard]] stats::QualityValue of_rows(const std::string& text, const stats::MetricSpec& metric) {
        if (rows().rows.rows() == 0) {
            constexpr double nan = std::numeric_limits<double>::quiet_NaN();
            stats::QualityValue none;
            none.metric = text;
            none.value = nan;
            none.interval = {nan, nan, 0.95};
            none.reason =
                waiting_ > 0 ? "no bucket has matured; " + std::to_string(waiting_) + " interactions wait" : "no rows";
            return none;
        }
        stats::QualityValue value = stats::quality(text, scored(), {}, draw_options(), entities(metric));
        if (options_.cluster && !logging_.entity.empty() && !rows().rows.has(logging_.entity))
            add_note(value, "rows are taken to be independent: column \"" + logging_.entity + "\" is not kept");
        return value;
    }

    /// With what is known of its maturity.
    [[nodiscard]] stats::QualityValue told(stats::QualityValue value) {
        value.matured_until = matured_until_;
        value.waiting = waiting_;
        if (!options_.by_event && maturity_.horizon)
            value.matured_until = detail::bucket_of(now_ - *maturity_.horizon + Duration(1), logging_.bucket);
        return value;
    }

    store::Store& store_;
    const std::string endpoint_;
    const Signature& signature_;
    const Window over_;
    const PerformanceOptions& options_;
    const Time now_;
    LoggingOptions logging_;
    Maturity maturity_;
    std::optional<stats::ScoreSums> sums_;
    std::int64_t labelled_ = 0;  // in sums_
    std::optional<store::InteractionTable> rows_;
    Judged judged_;
    std::vector<std::int64_t> entities_;
    std::optional<stats::Slices> slices_;
    std::optional<Time> matured_until_;
    std::int64_t waiting_ = 0;
};

}  // namespace

std::vector<stats::QualityValue> EndpointMonitor::performance(const Window& over,
                                                              const PerformanceOptions& options) const {
    const auto package = state_->live_package();
    const Signature& signature = package->manifest().signature;
    state_->log->flush();
    LabelledWindow window(*state_->store, state_->endpoint, signature, over, options);
    std::vector<stats::QualityValue> values;
    for (const std::string& metric : options.metrics.empty() ? default_metrics(signature) : options.metrics)
        values.push_back(window.score(metric));
    return values;
}

std::vector<stats::SlicedQuality> EndpointMonitor::performance_by(std::string_view column, const Window& over,
                                                                  const PerformanceOptions& options,
                                                                  std::int64_t most) const {
    const auto package = state_->live_package();
    const Signature& signature = package->manifest().signature;
    state_->log->flush();
    LabelledWindow window(*state_->store, state_->endpoint, signature, over, options);
    std::vector<stats::SlicedQuality> values;
    for (const std::string& metric : options.metrics.empty() ? default_metrics(signature) : options.metrics)
        values.push_back({window.score(metric), window.slices(metric, column, most)});
    return values;
}

std::vector<LabelCohort> EndpointMonitor::cohorts(const Window& over, const PerformanceOptions& options) const {
    if (over.is_rows())
        throw InvalidArgument("cohorts: " + over.to_string() + " given, a duration of event time wanted");
    PerformanceOptions by_event = options;
    by_event.by_event = true;
    state_->log->flush();
    const Signature none;
    return LabelledWindow(*state_->store, state_->endpoint, none, over, by_event).cohorts();
}

}  // namespace holdfast

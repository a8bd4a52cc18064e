#include <holdfast/stats/quality.hpp>

#include <algorithm>
#include <cmath>

#include <holdfast/base/error.hpp>

#include "stats/confusion.hpp"
#include "stats/distributions.hpp"
#include "stats/entities.hpp"
#include "stats/quality_parts.hpp"
#include "stats/r2.hpp"
#include "stats/ranking.hpp"
#include "stats/rows.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats {
namespace {

using detail::CleanRows;

void check_weights(std::string_view metric, std::size_t rows, std::span<const double> weights) {
    const std::string name(metric);
    if (!weights.empty() && weights.size() != rows) {
        throw InvalidArgument(name + ": " + std::to_string(weights.size()) + " weights for " + std::to_string(rows) +
                              " rows; one each wanted");
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] >= 0.0 && std::isfinite(weights[i])) continue;
        throw InvalidArgument(name + ": weight " + std::to_string(weights[i]) + " of row " + std::to_string(i) +
                              "; a finite one, 0 or more, wanted");
    }
}

/// The rows that count. Weights are taken relative to the largest, whose power of two changes no digit, so that
/// neither they nor their squares overflow.
CleanRows counted(bool scored, const ScoredRows& given, std::span<const double> weights) {
    std::vector<bool> keep = detail::usable(scored, given);
    if (weights.empty()) return detail::clean(scored, given, keep);
    std::vector<double> relative(weights.begin(), weights.end());
    const double largest = *std::max_element(relative.begin(), relative.end());
    for (std::size_t i = 0; i < relative.size(); ++i) {
        relative[i] = largest > 0.0 ? std::ldexp(relative[i], -std::ilogb(largest)) : 0.0;
        keep[i] = keep[i] && relative[i] * relative[i] > 0.0;
    }
    return detail::clean(scored, given, keep, relative);
}

/// Rows that are whole and have weight.
std::vector<bool> weighing(bool scored, const ScoredRows& given, std::span<const double> weights) {
    std::vector<bool> keep = detail::usable(scored, given);
    for (std::size_t i = 0; i < weights.size(); ++i) keep[i] = keep[i] && weights[i] > 0.0;
    return keep;
}

std::string why_no_rows(bool scored, const ScoredRows& given) {
    if (given.truth.empty()) return "no rows";
    const std::vector<bool> keep = detail::usable(scored, given);
    const bool any = std::find(keep.begin(), keep.end(), true) != keep.end();
    return any ? "no effective weight" : "every row has a missing value";
}

bool any_infinite(const std::vector<double>& values) {
    return std::any_of(values.begin(), values.end(), [](double value) { return std::isinf(value); });
}

/// Weighted mean of the rows' losses, with Student's interval on the effective rows.
void score_mean(QualityValue& result, const CleanRows& rows, const std::vector<double>& losses, double level) {
    const detail::Weight all = detail::weight_of_all(rows);
    detail::CompensatedSum sum;
    for (std::size_t i = 0; i < losses.size(); ++i) sum.add(rows.weight_of(i) * losses[i]);
    const double mean = sum.value() / all.sum();
    std::vector<double> influence(losses);
    for (double& each : influence) each -= mean;
    detail::score_mean(result, mean, detail::linearised_error(rows, influence), level);
}

void score_numbers(QualityValue& result, const CleanRows& rows, const QualityOptions& options) {
    if (any_infinite(rows.truth) || any_infinite(rows.prediction)) {
        result.reason = "a true value or a prediction is infinite";
    } else if (result.metric == "r2") {
        result.reason = detail::why_no_r2(rows);
        result.method = "delta method, Student";
        detail::score_r2(result, rows, options.level);
    } else if (result.metric == "mape" && std::find(rows.truth.begin(), rows.truth.end(), 0.0) != rows.truth.end()) {
        result.reason = "a true value is 0";
    } else {
        score_mean(result, rows, detail::losses(result.metric, rows, options.quantile), options.level);
    }
}

void score_accuracy(QualityValue& result, const CleanRows& rows, double level) {
    detail::Weight right;
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        if (rows.truth[i] == rows.prediction[i]) right.add(rows.weight_of(i));
    }
    detail::score_share(result, right, detail::weight_of_all(rows), level);
}

void score_probabilities(QualityValue& result, const CleanRows& rows, const QualityOptions& options) {
    if (result.metric == "auc") return detail::score_auc(result, rows, options.level);
    if (result.metric == "pr_auc") return detail::score_pr_auc(result, rows, options.level);
    if (result.metric == "top_k_accuracy") return detail::score_top_k(result, rows, options.top, options.level);
    if (any_infinite(rows.probability)) {
        result.reason = "a probability is infinite";
        return;
    }
    if (result.metric == "ece") return detail::score_ece(result, rows, options.bins, options.level);
    score_mean(result, rows, detail::losses(result.metric, rows), options.level);
}

QualityValue of_independent_rows(const MetricSpec& metric, const ScoredRows& given, std::span<const double> weights) {
    const bool scored = metric.input == QualityInput::probabilities;
    const CleanRows rows = counted(scored, given, weights);
    QualityValue result =
        detail::undefined(metric.name, metric.options.level, rows.size(), detail::weight_of_all(rows).rows());
    if (rows.size() == 0) {
        result.reason = why_no_rows(scored, given);
    } else if (metric.input == QualityInput::numbers) {
        score_numbers(result, rows, metric.options);
    } else if (metric.name == "accuracy") {
        score_accuracy(result, rows, metric.options.level);
    } else if (metric.input == QualityInput::classes) {
        detail::score_cells(result, detail::cells_of(rows), metric.options);
    } else {
        score_probabilities(result, rows, metric.options);
    }
    if (!result.insufficient() && !std::isfinite(result.value)) result.reason = "the losses are too large to be summed";
    if (result.insufficient()) detail::forget(result);
    return result;
}

}  // namespace

QualityValue quality(std::string_view text, const ScoredRows& given, std::span<const double> weights,
                     const QualityOptions& options, std::span<const std::int64_t> entities) {
    const MetricSpec metric = parse_metric(text, options);
    detail::check_rows(metric, given);
    check_weights(metric.name, given.truth.size(), weights);
    QualityValue result = of_independent_rows(metric, given, weights);
    detail::check_entities(result, given.truth.size(), entities);
    if (!entities.empty() && !result.insufficient()) {
        const std::vector<bool> keep = weighing(metric.input == QualityInput::probabilities, given, weights);
        detail::resample_entities(result, entities, keep, weights, metric.options, [&](std::span<const double> drawn) {
            return of_independent_rows(metric, given, drawn).value;
        });
        if (result.insufficient()) detail::forget(result);
    }
    result.metric = std::string(text);
    return result;
}

QualityValue score(std::string_view metric, const ScoredRows& rows, double level) {
    QualityOptions options;
    options.level = level;
    return quality(metric, rows, {}, options);
}

Confusion confusion(const ScoredRows& given, std::span<const double> weights) {
    detail::check_predictions("confusion", given);
    if (given.classes < 0 || given.classes > 10'000) {
        throw InvalidArgument("confusion: " + std::to_string(given.classes) + " classes; at most 10000 wanted");
    }
    detail::check_labels("confusion", given);
    check_weights("confusion", given.truth.size(), weights);
    return detail::confusion_of(
        detail::cells_of(detail::clean(false, given, weighing(false, given, weights), weights)));
}

Json to_json(const QualityValue& value) {
    Json json = to_json(static_cast<const MetricValue&>(value));
    json["effective_rows"] = value.effective_rows;
    json["entities"] = value.entities;
    json["method"] = value.method;
    json["reason"] = value.reason;
    if (!value.note.empty()) json["note"] = value.note;
    if (value.matured_until) json["matured_until"] = format_time(*value.matured_until);
    if (value.waiting > 0) json["waiting"] = value.waiting;
    return json;
}

Json to_json(const Confusion& confusion) {
    Json weight = Json::array(), unforeseen = Json::array();
    for (double each : confusion.weight) weight.push_back(each);
    for (double each : confusion.unforeseen) unforeseen.push_back(each);
    return Json::object({{"classes", confusion.classes},
                         {"rows", confusion.rows},
                         {"unforeseen", std::move(unforeseen)},
                         {"weight", std::move(weight)}});
}

}  // namespace holdfast::stats

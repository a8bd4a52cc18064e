#include <holdfast/stats/quality.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <holdfast/base/error.hpp>

#include "stats/confusion.hpp"
#include "stats/distributions.hpp"
#include "stats/entities.hpp"
#include "stats/r2.hpp"
#include "stats/ranking.hpp"
#include "stats/rows.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats {
namespace {

using detail::CleanRows;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Metric {
    std::string_view name;
    QualityInput input;
};
constexpr std::array<Metric, 16> metrics{{{"mae", QualityInput::numbers},
                                          {"rmse", QualityInput::numbers},
                                          {"r2", QualityInput::numbers},
                                          {"mape", QualityInput::numbers},
                                          {"quantile_loss", QualityInput::numbers},
                                          {"accuracy", QualityInput::classes},
                                          {"precision", QualityInput::classes},
                                          {"recall", QualityInput::classes},
                                          {"f1", QualityInput::classes},
                                          {"mcc", QualityInput::classes},
                                          {"top_k_accuracy", QualityInput::probabilities},
                                          {"auc", QualityInput::probabilities},
                                          {"pr_auc", QualityInput::probabilities},
                                          {"brier", QualityInput::probabilities},
                                          {"log_loss", QualityInput::probabilities},
                                          {"ece", QualityInput::probabilities}}};

void check_options(std::string_view metric, const QualityOptions& options) {
    const std::string name(metric);
    if (!(options.level > 0.0 && options.level < 1.0))
        throw InvalidArgument(name + ": level is " + std::to_string(options.level) + ", between 0 and 1 wanted");
    if (!(options.quantile > 0.0 && options.quantile < 1.0))
        throw InvalidArgument(name + ": quantile is " + std::to_string(options.quantile) + ", between 0 and 1 wanted");
    if (options.top < 1)
        throw InvalidArgument(name + ": top is " + std::to_string(options.top) + ", at least 1 wanted");
    if (options.bins < 1 || options.bins > 1'000'000)
        throw InvalidArgument(name + ": bins is " + std::to_string(options.bins) + ", 1 to 1000000 wanted");
    if (options.resamples < 100 || options.resamples > 1'000'000)
        throw InvalidArgument(name + ": resamples is " + std::to_string(options.resamples) + ", 100 to 1000000 wanted");
    if (options.average != "auto" && options.average != "binary" && options.average != "macro")
        throw InvalidArgument(name + ": average is \"" + options.average +
                              "\"; \"auto\", \"binary\" or \"macro\" wanted");
}

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
    result.value = mean;
    result.method = "Student";
    result.interval = {0.0, std::numeric_limits<double>::infinity(), level};
    if (all.rows() > 1.0) {
        std::vector<double> influence(losses);
        for (double& each : influence) each -= mean;
        const double quantile = detail::t_quantile(std::max(1.0, all.rows() - 1.0), 0.5 + 0.5 * level);
        const double width = quantile * detail::linearised_error(rows, influence);
        result.interval = {std::max(0.0, mean - width), mean + width, level};
    }
    if (result.metric != "rmse") return;
    result.method = "Student of the mean square";
    result.value = std::sqrt(result.value);
    result.interval = {std::sqrt(result.interval.lower), std::sqrt(result.interval.upper), level};
}

std::vector<double> quantile_losses(const CleanRows& rows, double quantile) {
    std::vector<double> losses(rows.truth.size());
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const double gap = rows.truth[i] - rows.prediction[i];
        losses[i] = gap >= 0.0 ? quantile * gap : (quantile - 1.0) * gap;
    }
    return losses;
}

void score_numbers(QualityValue& result, const CleanRows& rows, const QualityOptions& options) {
    if (any_infinite(rows.truth) || any_infinite(rows.prediction)) {
        result.reason = "a true value or a prediction is infinite";
    } else if (result.metric == "r2") {
        result.reason = detail::why_no_r2(rows);
        result.method = "delta method, Student";
        detail::score_r2(result, rows, options.level);
    } else if (result.metric == "quantile_loss") {
        score_mean(result, rows, quantile_losses(rows, options.quantile), options.level);
    } else if (result.metric == "mape" && std::find(rows.truth.begin(), rows.truth.end(), 0.0) != rows.truth.end()) {
        result.reason = "a true value is 0";
    } else {
        score_mean(result, rows, detail::losses(result.metric, rows), options.level);
    }
}

void score_classes(QualityValue& result, const CleanRows& rows, const QualityOptions& options) {
    if (result.metric == "accuracy") return detail::score_accuracy(result, rows, options.level);
    if (rows.classes < 2) {
        result.reason = "fewer than two classes";
        return;
    }
    if (result.metric == "mcc") return detail::score_mcc(result, rows, options.level);
    const bool macro = options.average == "macro" || (options.average == "auto" && rows.classes != 2);
    detail::score_class_share(result, rows, macro, options.level);
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

void check(std::string_view metric, QualityInput input, const ScoredRows& rows, const QualityOptions& options) {
    check_options(metric, options);
    if (input == QualityInput::probabilities) return detail::check_probabilities(metric, rows);
    detail::check_predictions(metric, rows);
    if (input == QualityInput::numbers || (metric == "accuracy" && rows.classes == 0)) return;
    detail::check_labels(metric, rows);
    if (options.average == "binary" && metric != "accuracy" && metric != "mcc" && rows.classes != 2) {
        throw InvalidArgument(std::string(metric) + ": average \"binary\" of " + std::to_string(rows.classes) +
                              " classes; 2 wanted, or \"macro\"");
    }
}

/// What an insufficient metric does not have.
void forget(QualityValue& result) {
    result.value = nan;
    result.interval = {nan, nan, result.interval.level};
    result.method.clear();
}

QualityValue of_independent_rows(std::string_view metric, QualityInput input, const ScoredRows& given,
                                 std::span<const double> weights, const QualityOptions& options) {
    const bool scored = input == QualityInput::probabilities;
    const CleanRows rows = counted(scored, given, weights);
    QualityValue result;
    result.metric = std::string(metric);
    result.value = nan;
    result.interval = {nan, nan, options.level};
    result.rows = rows.size();
    result.effective_rows = detail::weight_of_all(rows).rows();
    if (rows.size() == 0) {
        result.reason = why_no_rows(scored, given);
    } else if (input == QualityInput::numbers) {
        score_numbers(result, rows, options);
    } else if (input == QualityInput::classes) {
        score_classes(result, rows, options);
    } else {
        score_probabilities(result, rows, options);
    }
    if (!result.insufficient() && !std::isfinite(result.value)) result.reason = "the losses are too large to be summed";
    if (result.insufficient()) forget(result);
    return result;
}

}  // namespace

std::vector<std::string> quality_names() {
    std::vector<std::string> names;
    for (const Metric& metric : metrics) names.emplace_back(metric.name);
    return names;
}

QualityInput quality_input(std::string_view name) {
    const auto* found =
        std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.name == name; });
    if (found != metrics.end()) return found->input;
    std::string known;
    for (const Metric& metric : metrics) known += (known.empty() ? "" : ", ") + std::string(metric.name);
    throw InvalidArgument("metric \"" + std::string(name) + "\" is unknown; wanted: " + known);
}

QualityValue quality(std::string_view metric, const ScoredRows& given, std::span<const double> weights,
                     const QualityOptions& options, std::span<const std::int64_t> entities) {
    const QualityInput input = quality_input(metric);
    check(metric, input, given, options);
    check_weights(metric, given.truth.size(), weights);
    QualityValue result = of_independent_rows(metric, input, given, weights, options);
    detail::check_entities(result, given.truth.size(), entities);
    if (entities.empty() || result.insufficient()) return result;
    const std::vector<bool> keep = weighing(input == QualityInput::probabilities, given, weights);
    detail::resample_entities(result, entities, keep, weights, options, [&](std::span<const double> drawn) {
        return of_independent_rows(metric, input, given, drawn, options).value;
    });
    if (result.insufficient()) forget(result);
    return result;
}

Confusion confusion(const ScoredRows& given, std::span<const double> weights) {
    detail::check_predictions("confusion", given);
    if (given.classes < 0 || given.classes > 10'000) {
        throw InvalidArgument("confusion: " + std::to_string(given.classes) + " classes; at most 10000 wanted");
    }
    detail::check_labels("confusion", given);
    check_weights("confusion", given.truth.size(), weights);
    return detail::confusion_of(detail::clean(false, given, weighing(false, given, weights), weights));
}

Json to_json(const QualityValue& value) {
    Json json = to_json(static_cast<const MetricValue&>(value));
    json["effective_rows"] = value.effective_rows;
    json["entities"] = value.entities;
    json["method"] = value.method;
    json["reason"] = value.reason;
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

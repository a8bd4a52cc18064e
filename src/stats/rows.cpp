#include "stats/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/math.hpp>

#include "stats/compensated.hpp"

namespace holdfast::stats::detail {

void check_rows(const MetricSpec& metric, const ScoredRows& rows) {
    if (metric.input == QualityInput::probabilities) return check_probabilities(metric.name, rows);
    check_predictions(metric.name, rows);
    if (metric.input == QualityInput::numbers || (metric.name == "accuracy" && rows.classes == 0)) return;
    check_labels(metric.name, rows);
    const std::string& average = metric.options.average;
    if (average == "binary" && metric.name != "accuracy" && metric.name != "mcc" && rows.classes != 2) {
        throw InvalidArgument(metric.name + ": average \"binary\" of " + std::to_string(rows.classes) +
                              " classes; 2 wanted, or \"macro\"");
    }
}

void check_predictions(std::string_view metric, const ScoredRows& rows) {
    if (rows.prediction.size() == rows.truth.size()) return;
    throw InvalidArgument(std::string(metric) + ": " + std::to_string(rows.prediction.size()) + " predictions for " +
                          std::to_string(rows.truth.size()) + " true values; one each wanted");
}

void check_probabilities(std::string_view metric, const ScoredRows& rows) {
    const std::string name(metric);
    if (rows.classes < 2) {
        throw InvalidArgument(name + ": probabilities of " + std::to_string(rows.classes) +
                              " classes, at least 2 wanted");
    }
    const std::size_t n = rows.truth.size(), wanted = n * static_cast<std::size_t>(rows.classes);
    if (rows.probability.size() != wanted) {
        throw InvalidArgument(name + ": " + std::to_string(rows.probability.size()) + " probabilities, " +
                              std::to_string(n) + " rows x " + std::to_string(rows.classes) + " classes wanted");
    }
    check_labels(metric, rows);
}

void check_labels(std::string_view metric, const ScoredRows& rows) {
    for (double label : rows.truth) {
        if (std::isnan(label)) continue;
        if (label < 0.0 || label >= static_cast<double>(rows.classes) || label != std::floor(label)) {
            throw InvalidArgument(std::string(metric) + ": true label " + std::to_string(label) +
                                  ", a class position below " + std::to_string(rows.classes) + " wanted");
        }
    }
}

std::vector<bool> usable(bool scored, const ScoredRows& rows) {
    std::vector<bool> keep(rows.truth.size());
    const auto classes = static_cast<std::size_t>(rows.classes);
    for (std::size_t i = 0; i < keep.size(); ++i) {
        bool good = !std::isnan(rows.truth[i]);
        if (scored) {
            for (std::size_t c = 0; c < classes; ++c) good = good && !std::isnan(rows.probability[i * classes + c]);
        } else {
            good = good && !std::isnan(rows.prediction[i]);
        }
        keep[i] = good;
    }
    return keep;
}

CleanRows clean(bool scored, const ScoredRows& rows, const std::vector<bool>& keep, std::span<const double> weights) {
    CleanRows kept;
    kept.classes = rows.classes;
    const auto classes = static_cast<std::size_t>(rows.classes);
    for (std::size_t i = 0; i < keep.size(); ++i) {
        if (!keep[i]) continue;
        kept.truth.push_back(rows.truth[i]);
        if (!weights.empty()) kept.weight.push_back(weights[i]);
        if (!scored) {
            kept.prediction.push_back(rows.prediction[i]);
            continue;
        }
        const auto row = rows.probability.subspan(i * classes, classes);
        kept.probability.insert(kept.probability.end(), row.begin(), row.end());
    }
    return kept;
}

std::vector<double> losses(std::string_view metric, const CleanRows& rows, double quantile) {
    std::vector<double> all(rows.truth.size());
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i);
        if (metric == "mae") all[i] = std::abs(rows.truth[i] - rows.prediction[i]);
        if (metric == "mape") all[i] = std::abs(rows.truth[i] - rows.prediction[i]) / std::abs(rows.truth[i]);
        if (metric == "quantile_loss") {
            const double gap = rows.truth[i] - rows.prediction[i];
            all[i] = gap >= 0.0 ? quantile * gap : (quantile - 1.0) * gap;
        }
        if (metric == "rmse") all[i] = (rows.truth[i] - rows.prediction[i]) * (rows.truth[i] - rows.prediction[i]);
        if (metric == "accuracy") all[i] = rows.truth[i] == rows.prediction[i] ? 0.0 : 1.0;
        if (metric == "log_loss") {
            const double p = rows.probability_at(row, static_cast<std::int64_t>(rows.truth[i]));
            all[i] = -math::log(std::clamp(p, epsilon, 1.0 - epsilon));
        }
        if (metric == "brier") {
            for (std::int64_t c = rows.classes == 2 ? 1 : 0; c < rows.classes; ++c) {
                const double gap = rows.probability_at(row, c) - (rows.truth[i] == static_cast<double>(c) ? 1.0 : 0.0);
                all[i] += gap * gap;
            }
        }
    }
    return all;
}

Mean mean_of(const std::vector<double>& values) {
    if (values.empty()) return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    CompensatedSum sum, squares;
    for (double value : values) sum.add(value);
    const auto n = static_cast<double>(values.size());
    const double mean = sum.value() / n;
    for (double value : values) squares.add((value - mean) * (value - mean));
    return {mean, values.size() < 2 ? 0.0 : squares.value() / (n - 1.0)};
}

}  // namespace holdfast::stats::detail

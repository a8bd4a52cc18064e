/// CleanRows: labelled rows, checked and without those that hold a NaN.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <holdfast/stats/scores.hpp>

namespace holdfast::stats::detail {

struct CleanRows {
    std::vector<double> truth, prediction, probability;  ///< prediction, probability: empty where the metric needs none
    std::vector<double> weight;                          ///< empty: all alike
    std::int64_t classes = 0;
    [[nodiscard]] double weight_of(std::size_t row) const { return weight.empty() ? 1.0 : weight[row]; }
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(truth.size()); }
    [[nodiscard]] std::span<const double> probabilities(std::size_t row) const {
        const auto wide = static_cast<std::size_t>(classes);
        return std::span(probability).subspan(row * wide, wide);
    }
    [[nodiscard]] double probability_at(std::int64_t row, std::int64_t label) const {
        return probability[static_cast<std::size_t>(row * classes + label)];
    }
};

/// InvalidArgument: sizes that differ, probabilities or classes that are missing, a class outside, an average of two
/// classes where there are more.
void check_rows(const MetricSpec& metric, const ScoredRows& rows);
void check_predictions(std::string_view metric, const ScoredRows& rows);
void check_probabilities(std::string_view metric, const ScoredRows& rows);
void check_labels(std::string_view metric, const ScoredRows& rows);
/// Which rows hold no NaN in what is looked at: truth, and probabilities (`scored`) or predictions.
[[nodiscard]] std::vector<bool> usable(bool scored, const ScoredRows& rows);
[[nodiscard]] CleanRows clean(bool scored, const ScoredRows& rows, const std::vector<bool>& keep,
                              std::span<const double> weights = {});

/// Loss of each row (mae, mape, quantile_loss, rmse: squared, accuracy: 1 where wrong, brier, log_loss).
[[nodiscard]] std::vector<double> losses(std::string_view metric, const CleanRows& rows, double quantile = 0.5);
/// Of the values; unbiased variance (0 below two values).
struct Mean {
    double mean = 0.0, variance = 0.0;
};
[[nodiscard]] Mean mean_of(const std::vector<double>& values);

}  // namespace holdfast::stats::detail

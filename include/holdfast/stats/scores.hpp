/// Scores: labelled rows, the metrics that there are, and how two models' metrics compare.
///
/// A metric is named by a text, with what its definition leaves open in brackets: "mae", "f1(average=macro)",
/// "top_k_accuracy(top=3)", "quantile_loss(quantile=0.9)", "ece(bins=20)". The same text is understood everywhere: in
/// windows, policies, packages and comparisons.
///
/// Labels are numbers (regression; or class positions 0..k-1 with class names elsewhere). Rows with a NaN are left out.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/tensor_view.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

/// Labelled rows. `truth` and `prediction` are values, or class positions; `probability` is row-major (rows, classes).
struct ScoredRows {
    std::span<const double> truth;
    std::span<const double> prediction;
    std::span<const double> probability;
    std::int64_t classes = 0;
};

/// What a metric's definition leaves open.
struct QualityOptions {
    double level = 0.95;
    std::string average = "auto";  ///< precision, recall, f1: "binary" (of class 1), "macro", "auto" (binary if two)
    std::int64_t top = 5;          ///< top_k_accuracy: classes that a row may name
    std::int64_t bins = 10;        ///< ece: bins of equal width over [0, 1]
    double quantile = 0.5;         ///< quantile_loss: which quantile the predictions are of
    std::uint64_t seed = 0;        ///< entities: names the draws; the same seed, the same bits
    std::int64_t resamples = 500;  ///< entities: how many draws
};

/// What a metric is computed from.
enum class QualityInput : std::uint8_t { numbers, classes, probabilities };

/// A metric as its text says it.
struct MetricSpec {
    std::string name;  ///< without brackets
    QualityInput input = QualityInput::numbers;
    bool greater_is_better = false;
    QualityOptions options;
};
/// What the text leaves out is as in `defaults`. InvalidArgument: an unknown metric (with those there are), a parameter
/// that it does not have, a value outside of its range.
[[nodiscard]] HOLDFAST_EXPORT MetricSpec parse_metric(std::string_view text, const QualityOptions& defaults = {});
/// Whether the text names one of Holdfast's metrics, whatever is in its brackets.
[[nodiscard]] HOLDFAST_EXPORT bool names_metric(std::string_view text) noexcept;

/// Regression: mae, rmse, r2, mape, quantile_loss. Classes: accuracy, precision, recall, f1, mcc. Probabilities:
/// top_k_accuracy, auc, pr_auc, brier, log_loss, ece.
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::string> metric_names();
/// These throw as parse_metric.
[[nodiscard]] HOLDFAST_EXPORT QualityInput quality_input(std::string_view metric);
[[nodiscard]] HOLDFAST_EXPORT bool needs_probability(std::string_view metric);
/// True where more is better (accuracy, auc, r2).
[[nodiscard]] HOLDFAST_EXPORT bool greater_is_better(std::string_view metric);

/// How much better the challenger is than the champion on the same rows, in the direction where more is better:
/// difference with an interval from paired rows.
struct Comparison {
    std::string metric;
    double champion = 0.0, challenger = 0.0;
    double improvement = 0.0;  ///< positive: the challenger is better
    double lower = 0.0;        ///< one-sided lower bound of the improvement at `confidence`
    double confidence = 0.95;
    std::int64_t rows = 0;
};
/// Any metric. `seed` names the resampling where a metric has no per-row loss (r2, f1): the same seed, the same bits.
/// The bound is minus infinity where there are too few rows, or the metric is not defined, to give one.
[[nodiscard]] HOLDFAST_EXPORT Comparison compare(std::string_view metric, const ScoredRows& champion,
                                                 const ScoredRows& challenger, double confidence, std::uint64_t seed);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const Comparison& comparison);
[[nodiscard]] HOLDFAST_EXPORT Comparison comparison_from_json(const Json& json);

}  // namespace holdfast::stats

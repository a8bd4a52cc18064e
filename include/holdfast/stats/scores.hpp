/// Scores: how good predictions were, with an interval.
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

/// mae, rmse, r2 (regression); accuracy, auc (binary, or macro one-against-rest), brier (binary: of class 1; else the
/// multi-class sum), log_loss (probabilities clipped at the dtype's epsilon, as scikit-learn).
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::string> metric_names();
[[nodiscard]] HOLDFAST_EXPORT bool needs_probability(std::string_view metric);
/// True where more is better (accuracy, auc, r2).
[[nodiscard]] HOLDFAST_EXPORT bool greater_is_better(std::string_view metric);

/// InvalidArgument: an unknown metric (with those there are), sizes that differ, probabilities missing.
/// The value is NaN where it is not defined (no rows, one class for auc). Interval at `level`.
[[nodiscard]] HOLDFAST_EXPORT MetricValue score(std::string_view metric, const ScoredRows& rows, double level = 0.95);

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
/// `seed` names the resampling where a metric has no per-row loss (auc, r2): the same seed, the same bits.
[[nodiscard]] HOLDFAST_EXPORT Comparison compare(std::string_view metric, const ScoredRows& champion,
                                                 const ScoredRows& challenger, double confidence, std::uint64_t seed);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const Comparison& comparison);
[[nodiscard]] HOLDFAST_EXPORT Comparison comparison_from_json(const Json& json);

}  // namespace holdfast::stats

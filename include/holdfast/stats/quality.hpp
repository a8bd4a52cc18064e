/// Quality: metrics of labelled, weighted rows, each with an interval by a named method, or the reason why there is
/// none.
///
/// Labels are numbers (regression) or class positions 0..k-1. Rows with a NaN in what the metric looks at, or without
/// weight, are left out. Weights count as shares of attention, not as repeated rows: intervals rest on Kish's effective
/// number of rows, (sum of weights)^2 / sum of squared weights. `docs/quality.md` has every formula.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/scores.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

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

/// A metric with what a reader must know about it. Where `reason` is not empty the metric is insufficient: it has no
/// value and no interval (both NaN), and `reason` says in words why.
struct QualityValue : MetricValue {
    std::string method;           ///< how the interval was made: "Wilson"
    std::string reason;           ///< "no row of class 1"; empty where the metric is defined
    double effective_rows = 0.0;  ///< Kish's; `rows` where all weigh the same
    std::int64_t entities = 0;    ///< that were drawn for the interval; 0 where rows are taken to be independent
    [[nodiscard]] bool insufficient() const noexcept { return !reason.empty(); }
};

/// Regression: mae, rmse, r2, mape, quantile_loss. Classes: accuracy, precision, recall, f1, mcc. Probabilities:
/// top_k_accuracy, auc, pr_auc, brier, log_loss, ece.
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::string> quality_names();

/// What a metric is computed from.
enum class QualityInput : std::uint8_t { numbers, classes, probabilities };
[[nodiscard]] HOLDFAST_EXPORT QualityInput quality_input(std::string_view metric);  ///< InvalidArgument: unknown

/// `weights`: one a row, or none for all alike. `entities`: one a row, the same number for rows that belong together,
/// or none for independent rows; the interval then comes from drawing whole entities (`resamples` times the work).
/// For metrics of classes `rows.classes` is their number; a prediction that is none of them is wrong.
/// Never NaN without a reason.
///
/// InvalidArgument: an unknown metric (with those there are), sizes that differ, a weight that is negative or not
/// finite, an option outside of its range, probabilities or classes missing. Unsupported: entities for ece.
[[nodiscard]] HOLDFAST_EXPORT QualityValue quality(std::string_view metric, const ScoredRows& rows,
                                                   std::span<const double> weights = {},
                                                   const QualityOptions& options = {},
                                                   std::span<const std::int64_t> entities = {});

/// Weight of the rows by true and predicted class.
struct Confusion {
    std::int64_t classes = 0;
    std::int64_t rows = 0;
    std::vector<double> weight;      ///< row-major (true class, predicted class)
    std::vector<double> unforeseen;  ///< by true class: predicted as none of the classes
    [[nodiscard]] double at(std::int64_t truth, std::int64_t prediction) const {
        return weight[static_cast<std::size_t>(truth * classes + prediction)];
    }
};
[[nodiscard]] HOLDFAST_EXPORT Confusion confusion(const ScoredRows& rows, std::span<const double> weights = {});

[[nodiscard]] HOLDFAST_EXPORT Json to_json(const QualityValue& value);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const Confusion& confusion);

}  // namespace holdfast::stats

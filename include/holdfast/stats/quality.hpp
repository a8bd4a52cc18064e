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
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/scores.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

/// A metric with what a reader must know about it. Where `reason` is not empty the metric is insufficient: it has no
/// value and no interval (both NaN), and `reason` says in words why.
struct QualityValue : MetricValue {
    std::string method;           ///< how the interval was made: "Wilson"
    std::string reason;           ///< "no row of class 1"; empty where the metric is defined
    double effective_rows = 0.0;  ///< Kish's; `rows` where all weigh the same
    std::int64_t entities = 0;    ///< that were drawn for the interval; 0 where rows are taken to be independent
    std::string note{};           ///< what the reader must know: "from score sketches: within 0.0012 of the rows' own"
    /// Of a window: cohorts of event time up to this one had their labels, or had waited for them long enough.
    std::optional<Time> matured_until{};
    std::int64_t waiting = 0;  ///< of a window: interactions in cohorts too young to be judged
    [[nodiscard]] bool insufficient() const noexcept { return !reason.empty(); }
};

/// `weights`: one a row, or none for all alike. `entities`: one a row, the same number for rows that belong together,
/// or none for independent rows; the interval then comes from drawing whole entities (`resamples` times the work).
/// `metric` is a text as parse_metric reads it, with `options` for what it leaves out.
/// For metrics of classes `rows.classes` is their number; a prediction that is none of them is wrong.
/// Never NaN without a reason.
///
/// InvalidArgument: an unknown metric (with those there are), sizes that differ, a weight that is negative or not
/// finite, an option outside of its range, probabilities or classes missing. Unsupported: entities for ece.
[[nodiscard]] HOLDFAST_EXPORT QualityValue quality(std::string_view metric, const ScoredRows& rows,
                                                   std::span<const double> weights = {},
                                                   const QualityOptions& options = {},
                                                   std::span<const std::int64_t> entities = {});
/// The same of rows that all weigh the same.
[[nodiscard]] HOLDFAST_EXPORT QualityValue score(std::string_view metric, const ScoredRows& rows, double level = 0.95);

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

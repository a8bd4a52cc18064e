/// ClassSums: what the metrics of classes and of probabilities are computed from, as counts and sums that merge to the
/// bit and that rows can be taken out of again.
///
/// Bounded: rows by true and predicted class and by the rank of the true class (up to 100 classes), calibration in ten
/// bins, and a ScoreHistogram a class (one of two; up to 10 classes). At two classes less than 25 KB, at ten 250 KB.
///
/// Thread safety: a value.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/quality.hpp>
#include <holdfast/stats/score_histogram.hpp>
#include <holdfast/stats/scores.hpp>

namespace holdfast::stats {

class HOLDFAST_EXPORT ClassSums {
  public:
    static constexpr std::int64_t most_classes = 100;        ///< whose predictions and ranks are counted
    static constexpr std::int64_t most_ranked_classes = 10;  ///< whose scores are
    static constexpr std::int64_t calibration_bins = 10;     ///< the bins of ece that are answered

    /// Rows of two classes or more, true ones as positions or NaN; probabilities finite or NaN, or none. `sign`: 1, or
    /// -1 to take rows out that were added.
    void count(const ScoredRows& rows, std::int64_t sign);
    /// Of other classes: from then on no metric is known.
    ClassSums& operator+=(const ClassSums& other);

    /// precision, recall, f1, mcc; top_k_accuracy, auc, pr_auc, ece of ten bins. Nothing where these sums do not tell.
    [[nodiscard]] std::optional<QualityValue> quality(const MetricSpec& metric) const;
    [[nodiscard]] std::optional<Confusion> confusion() const;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static ClassSums from_json(const Json& json);  ///< CorruptArtifact

  private:
    /// Exact sums, as in ScoreSums.
    struct CalibrationSums {
        std::vector<double> gap{}, squares{};
    };
    static constexpr std::int64_t mixed = -1;

    void count_scores(std::int64_t truth, std::span<const double> probability, std::int64_t sign);
    [[nodiscard]] QualityValue of_areas(const MetricSpec& metric) const;

    std::int64_t classes_ = 0;                                               // 0: no rows yet
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> cells_{};  // by true and predicted class; -1: none
    std::int64_t scored_ = 0;                                                // rows with all probabilities
    std::map<std::int64_t, std::int64_t> ranks_{};  // of them, by how many classes come before the true one
    std::int64_t beyond_ = 0;                       // of them, those whose class is named with no probability
    std::array<CalibrationSums, static_cast<std::size_t>(calibration_bins)> calibration_{};
    std::vector<ScoreHistogram> scores_{};  // of the second of two classes, or of each
};

}  // namespace holdfast::stats

/// ScoreSums: what scores are computed from, as sums that merge and that rows can be taken out of again.
///
/// Counts and sums are exact (a sum is kept as the parts that a double does not hold), so that it makes no difference,
/// to the bit, in which order rows came, were corrected and went, and how sums were merged. A score is that of
/// `stats::score` over the same rows within 1e-12 of its size, as long as the values' mean is at most some hundred
/// times their spread; beyond that this is the better. auc and pr_auc come from score sketches (class_sums.hpp): their
/// note says how far from the rows' own they may be, and their interval allows for it.
///
/// Bounded: 17 sums of at most 40 parts (in practice two or three), and a ClassSums.
///
/// Thread safety: a value.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/class_sums.hpp>
#include <holdfast/stats/quality.hpp>
#include <holdfast/stats/scores.hpp>

namespace holdfast::stats {

class HOLDFAST_EXPORT ScoreSums {
  public:
    void add(const ScoredRows& rows);
    /// Takes out rows that were added.
    void remove(const ScoredRows& rows);
    ScoreSums& operator+=(const ScoreSums& other);

    [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }  ///< with truth and prediction
    [[nodiscard]] double bias() const;  ///< mean of prediction - truth of numbers; NaN without rows
    /// Any metric; nothing where these sums do not tell: a mix of numbers and classes, numbers beyond 1e28, or none
    /// above 1e-22; bins of ece other than ten; more than 100 classes, for auc and pr_auc 10; all but mae, rmse, r2,
    /// accuracy, brier and log_loss of sums in their first form (to_json). InvalidArgument as parse_metric.
    [[nodiscard]] std::optional<QualityValue> score(std::string_view metric, double level = 0.95) const;
    /// By position of the classes; nothing where these sums do not tell.
    [[nodiscard]] std::optional<Confusion> confusion() const;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static ScoreSums from_json(const Json& json);

  private:
    enum Moment : std::size_t {
        error,
        absolute,
        error2,
        error4,
        truth,
        truth2,
        truth3,
        truth4,
        error2_truth,
        error2_truth2,
        brier,
        brier2,
        log_loss,
        log_loss2,
        over2,  // of predictions that are too large, squares of their errors
        relative,
        relative2,
        moments
    };
    static constexpr std::size_t moments_of_version_1 = over2;

    void count(const ScoredRows& rows, double sign);
    void count_number(double truth_value, double prediction, double sign);
    void count_classes(const ScoredRows& rows, double sign);
    [[nodiscard]] bool knows(const MetricSpec& metric) const;
    [[nodiscard]] std::optional<QualityValue> of_metric(const MetricSpec& metric) const;
    void score_losses(QualityValue& result, const std::vector<double>& sum, const std::vector<double>& squares,
                      double level) const;
    void score_quantile_loss(QualityValue& result, const QualityOptions& options) const;
    void score_mape(QualityValue& result, double level) const;
    void score_r2(QualityValue& result, double level) const;

    std::int64_t seen_ = 0;  // all rows given
    std::int64_t rows_ = 0;
    std::int64_t right_ = 0;
    std::int64_t numbers_ = 0;   // of rows_, in the moments of numbers
    std::int64_t classed_ = 0;   // of seen_, given with probabilities
    std::int64_t scored_ = 0;    // of classed_, in the moments of losses
    std::int64_t unsummed_ = 0;  // of seen_, that no sum can hold
    std::int64_t whole_ = 0;     // of seen_, that are in what version 1 did not have
    std::int64_t zeros_ = 0;     // of numbers_, those whose true value is 0
    std::int64_t beyond_ = 0;    // of numbers_, those whose error is too large a multiple of the true value
    std::array<std::vector<double>, moments> sums_{};
    ClassSums of_classes_{};
};

}  // namespace holdfast::stats

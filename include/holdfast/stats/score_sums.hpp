/// ScoreSums: what scores are computed from, as sums that merge and that rows can be taken out of again.
///
/// Counts and sums are exact (a sum is kept as the parts that a double does not hold), so that it makes no difference
/// in which order rows came, were corrected and went. A score is that of `stats::score` over the same rows within 1e-12
/// of its size, as long as the values' mean is at most some hundred times their spread; beyond that this is the better.
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
    /// mae, rmse, r2 (of numbers), accuracy, brier, log_loss; nothing where these sums do not tell: auc, a mix of
    /// numbers and classes, numbers beyond 1e28, or none above 1e-22.
    [[nodiscard]] std::optional<MetricValue> score(std::string_view metric, double level = 0.95) const;

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
        moments
    };
    void count(const ScoredRows& rows, double sign);
    void count_number(double truth_value, double prediction, double sign);
    void count_losses(const ScoredRows& rows, double sign);
    [[nodiscard]] MetricValue of_losses(std::string_view metric, std::int64_t n, Moment first, Moment second,
                                        double level) const;
    [[nodiscard]] MetricValue of_r2(double level) const;

    std::int64_t seen_ = 0;  // all rows given
    std::int64_t rows_ = 0;
    std::int64_t right_ = 0;
    std::int64_t numbers_ = 0;   // of rows_, in the moments of numbers
    std::int64_t classed_ = 0;   // of seen_, given with probabilities
    std::int64_t scored_ = 0;    // of classed_, in the moments of losses
    std::int64_t unsummed_ = 0;  // of seen_, that no sum can hold
    std::array<std::vector<double>, moments> sums_{};
};

}  // namespace holdfast::stats

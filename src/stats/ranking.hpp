/// Metrics of probabilities beyond losses: average precision, hits among the first k, calibration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <holdfast/stats/quality.hpp>

#include "stats/rows.hpp"

namespace holdfast::stats::detail {

/// These fill in value, interval and method, or the reason. `rows` has at least one row.
void score_auc(QualityValue& result, const CleanRows& rows, double level);
void score_pr_auc(QualityValue& result, const CleanRows& rows, double level);
void score_top_k(QualityValue& result, const CleanRows& rows, std::int64_t k, double level);
void score_ece(QualityValue& result, const CleanRows& rows, std::int64_t bins, double level);

/// Boyd, Eng and Page, ECML PKDD 2013: average precision as a share of the class's rows, on the logit's scale.
[[nodiscard]] Interval boyd_eng_page(double area, double positives, double level);

/// How sure a row is of the class that it names, and whether that is the true one. The first of equals is named.
struct Guess {
    double confidence = 0.0;
    bool right = false;
    [[nodiscard]] bool is_probability() const { return confidence >= 0.0 && confidence <= 1.0; }
    [[nodiscard]] double gap() const { return (right ? 1.0 : 0.0) - confidence; }
};
[[nodiscard]] Guess guess_of(std::span<const double> probability, std::int64_t truth);
/// How many classes come before the true one; of equals, the later class does.
[[nodiscard]] std::int64_t rank_of(std::span<const double> probability, std::int64_t truth);

/// Of the rows in one bin of confidence: sums of their weighted gaps, and of the gaps' squares.
struct CalibrationBin {
    double gap = 0.0, squares = 0.0;
};
/// Bins are of equal width, closed above.
[[nodiscard]] std::size_t calibration_bin(double confidence, std::int64_t bins);
/// `all`: the sum of all weights.
void score_ece(QualityValue& result, std::span<const CalibrationBin> bins, double all, double level);

}  // namespace holdfast::stats::detail

/// Metrics of probabilities beyond losses: average precision, hits among the first k, calibration.
#pragma once

#include <cstdint>

#include <holdfast/stats/quality.hpp>

#include "stats/rows.hpp"

namespace holdfast::stats::detail {

/// These fill in value, interval and method, or the reason. `rows` has at least one row.
void score_auc(QualityValue& result, const CleanRows& rows, double level);
void score_pr_auc(QualityValue& result, const CleanRows& rows, double level);
void score_top_k(QualityValue& result, const CleanRows& rows, std::int64_t k, double level);
void score_ece(QualityValue& result, const CleanRows& rows, std::int64_t bins, double level);

}  // namespace holdfast::stats::detail

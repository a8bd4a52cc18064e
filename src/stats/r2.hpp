/// R2: the share of the true values' squares, about their mean, that predictions explain.
#pragma once

#include <string>

#include <holdfast/stats/types.hpp>

#include "stats/rows.hpp"

namespace holdfast::stats::detail {

/// Why R2 is not defined; empty where it is.
[[nodiscard]] std::string why_no_r2(const CleanRows& rows);
/// Fills in value and interval where R2 is defined.
void score_r2(MetricValue& result, const CleanRows& rows, double level);

}  // namespace holdfast::stats::detail

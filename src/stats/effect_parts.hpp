/// What sees the effect of one test, by kinds of test: each fills an Effect with what was seen and its law.
#pragma once

#include <string_view>

#include <holdfast/stats/effects.hpp>

#include "stats/column_counts.hpp"
#include "stats/curve_gaps.hpp"

namespace holdfast::stats::detail {

inline constexpr double detectable_power = 0.8;

[[nodiscard]] Effect see_ks(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current);
[[nodiscard]] Effect see_wasserstein(const CurveGaps& gaps, const ColumnSample& reference,
                                     const ColumnSample& current);
/// total_variation and missing.
[[nodiscard]] Effect see_total_variation(const ColumnCounts& counts);
/// psi, js and chi2.
[[nodiscard]] Effect see_divergence(std::string_view test, const ColumnCounts& counts);

}  // namespace holdfast::stats::detail

/// What sees the effect of one test: each fills an Effect with what was seen and its law.
#pragma once

#include <string_view>

#include <holdfast/stats/effects.hpp>

#include "stats/column_counts.hpp"
#include "stats/curve_gaps.hpp"
#include "stats/curve_squares.hpp"

namespace holdfast::stats::detail {

inline constexpr double detectable_power = 0.8;

// Of distribution functions.
[[nodiscard]] Effect see_ks(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current);
[[nodiscard]] Effect see_kuiper(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current);
[[nodiscard]] Effect see_wasserstein(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current,
                                     EffectUnit unit);
[[nodiscard]] Effect see_energy(const CurveSquares& squares, const ColumnSample& reference,
                                const ColumnSample& current);
[[nodiscard]] Effect see_cramer_von_mises(const CurveSquares& squares, const ColumnSample& reference,
                                          const ColumnSample& current);
[[nodiscard]] Effect see_anderson_darling(const CurveSquares& squares, const ColumnSample& reference,
                                          const ColumnSample& current);
[[nodiscard]] Effect see_mann_whitney(const CurveSquares& squares, const ColumnSample& reference,
                                      const ColumnSample& current);
// Of moments.
[[nodiscard]] Effect see_mean(const ColumnSample& reference, const ColumnSample& current);
[[nodiscard]] Effect see_levene(const ColumnSample& reference, const ColumnSample& current);
// Of counts.
[[nodiscard]] Effect see_total_variation(const ColumnCounts& counts);
[[nodiscard]] Effect see_l_infinity(const ColumnCounts& counts);
[[nodiscard]] Effect see_fisher(const ColumnCounts& counts);
/// psi, js, hellinger, kl, chi2 and g_test.
[[nodiscard]] Effect see_divergence(std::string_view test, const ColumnCounts& counts);

}  // namespace holdfast::stats::detail

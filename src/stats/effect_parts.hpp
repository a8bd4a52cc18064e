/// What sees the effect of one test: each fills an Effect with what was seen and its law.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string_view>

#include <holdfast/stats/effects.hpp>

#include "stats/column_counts.hpp"
#include "stats/compensated.hpp"
#include "stats/curve_gaps.hpp"
#include "stats/curve_squares.hpp"

namespace holdfast::stats::detail {

inline constexpr double detectable_power = 0.8;

/// The integral of f(F) dg over the values, F the share of rows below; `f` of a share, `g` of a value.
template <class Function, class Measure = std::identity>
[[nodiscard]] double integral_of_share(const ColumnSample& column, Function f, Measure g = {}) {
    CompensatedSum sum;
    const auto rows = static_cast<double>(column.finite());
    double below = 0.0;
    for (std::size_t i = 0; i + 1 < column.values.size(); ++i) {
        below += static_cast<double>(column.weights[i]);
        sum.add(f(below / rows) * std::abs(g(column.values[i + 1]) - g(column.values[i])));
    }
    return sum.value();
}

/// The square of how much of a sketch's error a share may have: fewer than 1 / k of the values hardly pass a
/// compaction.
[[nodiscard]] inline double passed_square(const ColumnSample& column, double share) {
    return std::min(1.0, column.sketch_k * std::max(0.0, share * (1.0 - share)));
}

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

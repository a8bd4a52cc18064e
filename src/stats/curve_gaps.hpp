/// CurveGaps: what the two distribution functions F and G leave between them, from one walk over both samples.
#pragma once

#include <cstdint>
#include <span>

#include <holdfast/stats/column_sample.hpp>

namespace holdfast::stats::detail {

/// Ascending values, each standing for `weights` rows (none given: for one).
struct SortedRows {
    std::span<const double> values;
    std::span<const std::int64_t> weights;
};
[[nodiscard]] inline SortedRows rows_of(const ColumnSample& sample) { return {sample.values, sample.weights}; }

struct CurveGaps {
    double n = 0.0, m = 0.0;
    double above = 0.0;      ///< sup (F - G)
    double below = 0.0;      ///< sup (G - F)
    double area = 0.0;       ///< the integral of abs(F - G)
    double deviation = 0.0;  ///< the integral of sqrt(F (1 - F) / n + G (1 - G) / m)
};
/// Both finite and not empty.
[[nodiscard]] CurveGaps gaps_between(SortedRows reference, SortedRows current);

}  // namespace holdfast::stats::detail

/// CurveSquares: sums of squares between two distribution functions, from one walk over both samples.
#pragma once

#include "stats/curve_gaps.hpp"

namespace holdfast::stats::detail {

/// F and G are the two functions, H that of both pooled. The noise of each is unbiased: n / (n - 1) F (1 - F).
struct CurveSquares {
    struct Space {
        double gap = 0.0;                       ///< the integral of (F - G)^2
        double reference = 0.0, current = 0.0;  ///< of F (1 - F), and of G (1 - G)
    };
    Space over_values;         ///< dx
    Space over_rows;           ///< dH
    Space over_odds;           ///< dH / (H (1 - H))
    double across = 0.0;       ///< E abs(X - Y)
    double largest_tie = 0.0;  ///< share of the pooled rows that one value has
    /// P(current larger) - P(reference larger), and the variance of one row's share in it, of each side.
    double delta = 0.0, delta_reference = 0.0, delta_current = 0.0;
};
[[nodiscard]] CurveSquares squares_between(SortedRows reference, SortedRows current);

}  // namespace holdfast::stats::detail

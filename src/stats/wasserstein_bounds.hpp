/// WassersteinBounds: how far the area between two empirical distribution functions may lie from the true area.
#pragma once

#include "stats/curve_gaps.hpp"

namespace holdfast::stats::detail {

struct Spread {
    double count = 0.0, mean = 0.0, variance = 0.0;
};

/// Lower: W >= W_nm - Z with Z = area of |(F_n - F) - (G_m - G)|, whose mean is at most the integral of
/// sqrt(F (1 - F) / n + G (1 - G) / m) (Jensen; F and G estimated), and whose variance is at most s^2 / n + t^2 / m
/// (Efron-Stein; a value moved by d moves Z by at most d / n); or W >= |mean difference| (duality), whichever is
/// larger, each at alpha / 2. Upper: W_nm >= the integral of sign(F - G) (F_n - G_m), the mean of a 1-Lipschitz
/// function, of variance at most s^2 / n + t^2 / m. Student quantiles at the smaller size.
///
/// In the values' own unit; `rows` current rows; `sketch`: what the area may be off by besides; `unit_error`: the
/// standard error of the logarithm of a unit that the reference gives, which adds at most its product with the area to
/// the reference's own (Cauchy and Schwarz).
class WassersteinBounds {
  public:
    WassersteinBounds(const CurveGaps& gaps, Spread reference, Spread current, double unit_error = 0.0);

    [[nodiscard]] double lower(double alpha, double rows, double sketch = 0.0) const;
    [[nodiscard]] double upper(double alpha, double rows, double sketch = 0.0) const;
    [[nodiscard]] double p_drift(double tolerance, double rows, double sketch = 0.0) const;
    [[nodiscard]] double p_ok(double tolerance, double rows, double sketch = 0.0) const;
    /// area - lower(...) by the first of the two bounds.
    [[nodiscard]] double lower_width(double alpha, double rows) const;
    [[nodiscard]] double standard_error(double rows) const;
    /// The area without what chance alone adds to its square: E Z^2 at F = G, which for uniform values is 7 / 60 over
    /// (pi / 8)^2 times the square of the integral above, and between 2 / pi and 1 times it for any.
    [[nodiscard]] double corrected() const;

  private:
    [[nodiscard]] double mean_deviation(double rows) const;
    [[nodiscard]] double degrees(double rows) const;

    CurveGaps gaps_;
    Spread reference_, current_;
    double apart_;            // of the means
    double reference_error_;  // of its mean, and of the unit
};

}  // namespace holdfast::stats::detail

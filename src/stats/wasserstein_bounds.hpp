/// WassersteinBounds: how far the area between two empirical distribution functions may lie from the true area.
#pragma once

#include <vector>

#include <holdfast/stats/kll.hpp>

namespace holdfast::stats::detail {

struct Spread {
    double count = 0.0, mean = 0.0, variance = 0.0;
};

/// Lower: W >= W_nm - Z with Z = area of |(F_n - F) - (G_m - G)|, whose mean is at most the integral of
/// sqrt(F (1 - F) / n + G (1 - G) / m) (Jensen; F and G estimated), and whose variance is at most s^2 / n + t^2 / m
/// (Efron-Stein; a value moved by d moves Z by at most d / n); or W >= |mean difference| (duality), whichever is
/// larger, each at alpha / 2. Upper: W_nm >= the integral of sign(F - G) (F_n - G_m), the mean of a 1-Lipschitz
/// function, of variance at most s^2 / n + t^2 / m. Student quantiles at the smaller size.
class WassersteinBounds {
  public:
    WassersteinBounds(std::vector<Kll::Weighted> reference, std::vector<Kll::Weighted> current, Spread reference_spread,
                      Spread current_spread);

    /// In the values' own unit; `m` current rows.
    [[nodiscard]] double lower(double area, double m, double alpha) const;
    [[nodiscard]] double upper(double area, double m, double alpha) const;
    /// area - lower(...) by the first of the two bounds.
    [[nodiscard]] double lower_width(double m, double alpha) const;
    [[nodiscard]] double standard_error(double m) const;

  private:
    [[nodiscard]] double mean_deviation(double m) const;
    [[nodiscard]] double quantile(double m, double alpha) const;

    std::vector<Kll::Weighted> a_, b_;
    Spread reference_, current_;
};

}  // namespace holdfast::stats::detail

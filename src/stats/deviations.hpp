/// How far an estimate from two independent samples may lie from the truth: bounds for every sample size.
///
/// Sizes are doubles so that a size wanted can be searched for.
#pragma once

#include <algorithm>
#include <cmath>

namespace holdfast::stats::detail {

/// w with P(sup|F_n - F| + sup|G_m - G| > w) <= alpha: the convolution of two tails 2 exp(-2 n t^2) (Massart 1990).
[[nodiscard]] double sup_deviation(double n, double m, double alpha);
/// That probability's bound for a w that is given.
[[nodiscard]] double sup_tail(double n, double m, double w);

/// w with P(a mean over one sample minus one over the other, of values in [0, 1], is off by > w to one side) <= alpha
/// (Hoeffding 1963).
[[nodiscard]] double point_deviation(double n, double m, double alpha);
[[nodiscard]] double point_tail(double n, double m, double w);

/// Factor that widens a bound given at 99 % to 1 - alpha, as a sub-Gaussian tail widens; 1 for alpha >= 1 %.
[[nodiscard]] double widened_to(double alpha);

/// The smallest alpha at which `p_at(what a sketch may be off by)` is that alpha, `error` being its bound at 99 %.
template <class PAt>
double p_within(double error, PAt p_at) {
    double low = p_at(error);
    if (error == 0.0 || low >= 0.01) return low;
    double high = 0.01;
    low = std::max(low, 1e-300);
    for (int step = 0; step < 64 && high > low * (1.0 + 1e-7); ++step) {
        const double middle = std::sqrt(low) * std::sqrt(high);
        (p_at(error * widened_to(middle)) > middle ? low : high) = middle;
    }
    return high;
}

/// What chance adds to the largest of the differences of k shares: Hoeffding's bound for each, from either side.
struct LargestShareWidth {
    double n = 0.0, categories = 2.0;
    [[nodiscard]] double at(double alpha, double rows) const;
    [[nodiscard]] double tail(double width, double rows) const;

  private:
    // Two shares differ by the same.
    [[nodiscard]] double events() const { return categories <= 2.0 ? 2.0 : 2.0 * categories; }
};

/// D without what chance alone adds to its square, pi^2 / 12 (1 / n + 1 / m) at equality (Kolmogorov's law); 0 or more.
[[nodiscard]] double corrected_distance(double n, double m, double distance);

}  // namespace holdfast::stats::detail

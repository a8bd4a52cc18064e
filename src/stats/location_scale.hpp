/// Moments of samples for the tests of location and scale.
#pragma once

#include <span>

namespace holdfast::stats::detail {

struct Moments {
    double n = 0.0, mean = 0.0;
    double squares = 0.0;               ///< sum of squares of deviations from the mean
    double cubes = 0.0, fourths = 0.0;  ///< means of their third and fourth powers
    [[nodiscard]] double variance() const { return n > 1.0 ? squares / (n - 1.0) : 0.0; }
};
[[nodiscard]] Moments moments_of(std::span<const double> values);
/// Of abs(value - median) over ascending values.
[[nodiscard]] Moments median_deviations(std::span<const double> sorted);
/// What their mean lacks because the median is the sample's own: 1 / (4 n f(median)), 1 / f by the spacing of the root
/// of n values to either side (Bloch and Gastwirth 1968).
[[nodiscard]] double median_shortfall(std::span<const double> sorted);

/// Levene's W (its square root is a Student's t with N - 2 degrees of freedom) of two samples' deviations.
[[nodiscard]] double levene_root(const Moments& reference, const Moments& current);

}  // namespace holdfast::stats::detail

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

/// Levene's W (its square root is a Student's t with N - 2 degrees of freedom) of two samples' deviations.
[[nodiscard]] double levene_root(const Moments& reference, const Moments& current);

}  // namespace holdfast::stats::detail

// Loops over doubles, compiled for each instruction set and chosen at run time. The same bits on all: sums run in eight
// lanes, whatever a vector holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace holdfast::stats::detail {

/// Of values without NaN; of none, infinity and minus infinity.
struct Range {
    double min, max;
};
[[nodiscard]] Range range_of(std::span<const double> values);
[[nodiscard]] bool has_nan(std::span<const double> values);
[[nodiscard]] bool all_finite(std::span<const double> values);
/// Of value - center, of (value - center)^2, and of (value - center)^4.
[[nodiscard]] double sum_about(double center, std::span<const double> values);
[[nodiscard]] double squares_about(double center, std::span<const double> values);
[[nodiscard]] double fourths_about(double center, std::span<const double> values);
/// Adds to above[i] how many values are greater than edges[i].
void count_above(std::span<const double> values, std::span<const double> edges, std::int64_t* above);

/// Between two distribution functions F and G, over steps from x[0] to x[1], from there to x[2], ...
struct StepSums {
    double above = 0.0, below = 0.0;  ///< the largest F - G and G - F; 0 or more
    double area = 0.0;                ///< the integral of abs(F - G)
    double deviation = 0.0;           ///< of sqrt(F (1 - F) / n + G (1 - G) / m)
};
/// i[k] of n rows and j[k] of m lie at or below x[k]; a step of no width counts for nothing. `steps`: of eights.
[[nodiscard]] StepSums sum_steps(const double* x, const double* i, const double* j, std::size_t steps, double n,
                                 double m);

/// Sorts each of four columns, row after row in memory. No NaN.
inline constexpr std::size_t sorted_columns = 4;
void sort_columns(double* values, std::size_t rows);
[[nodiscard]] bool ascending(std::span<const double> values);
[[nodiscard]] bool descending(std::span<const double> values);

}  // namespace holdfast::stats::detail

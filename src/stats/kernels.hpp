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
/// Of value - center, and of (value - center)^2.
[[nodiscard]] double sum_about(double center, std::span<const double> values);
[[nodiscard]] double squares_about(double center, std::span<const double> values);
/// Adds to above[i] how many values are greater than edges[i].
void count_above(std::span<const double> values, std::span<const double> edges, std::int64_t* above);

/// Sorts each of four columns, row after row in memory. No NaN.
inline constexpr std::size_t sorted_columns = 4;
void sort_columns(double* values, std::size_t rows);
[[nodiscard]] bool ascending(std::span<const double> values);
[[nodiscard]] bool descending(std::span<const double> values);

}  // namespace holdfast::stats::detail

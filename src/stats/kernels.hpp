// Loops over doubles, compiled for each instruction set and chosen at run time. The same bits on all: sums run in eight
// lanes, whatever a vector holds.
#pragma once

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

inline constexpr std::int64_t thinned_from = 64, thinned_to = 16;
/// Orders 64 values in eight groups of eight and takes two of each, four places apart; where they begin, two groups
/// after another are told by two bits of `chance` (b and 3 - b). No NaN.
void thin(const double* values, std::uint64_t chance, double* kept);

}  // namespace holdfast::stats::detail

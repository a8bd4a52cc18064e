/// above: which numbers of a row are above their thresholds, a bit each; has_nan: whether one of them is NaN.
///
/// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast::engine::tree_walks {

/// Bit i is set unless x[i] <= thresholds[i], so where one of them is NaN too. Of 1 to 64 numbers.
[[nodiscard]] std::uint64_t above(const float* x, const float* thresholds, std::size_t count);
[[nodiscard]] std::uint64_t above(const double* x, const double* thresholds, std::size_t count);
[[nodiscard]] bool has_nan(const float* x, std::size_t count);
[[nodiscard]] bool has_nan(const double* x, std::size_t count);

}  // namespace holdfast::engine::tree_walks

/// Bounds of a share that was counted: one-sided, exact at every size (Clopper and Pearson, Biometrika 26, 1934).
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>

#include <holdfast/export.hpp>

namespace holdfast::stats {

/// The largest share that `count` of `rows` rules out from below at `level`; 0 where the count is.
[[nodiscard]] HOLDFAST_EXPORT double share_lower(std::int64_t count, std::int64_t rows, double level);
/// And the smallest from above; 1 where all rows count, or there are none.
[[nodiscard]] HOLDFAST_EXPORT double share_upper(std::int64_t count, std::int64_t rows, double level);
/// How much of a law lies outside the smallest and the largest of `rows` values of it, an upper bound at `level`:
/// Beta(2, n - 1), for continuous values (David and Nagaraja 2003, ch. 7.2); 1 for one value or none.
[[nodiscard]] HOLDFAST_EXPORT double share_outside(std::int64_t rows, double level);

}  // namespace holdfast::stats

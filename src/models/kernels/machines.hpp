/// What kernel machines take most of their time for, eight support vectors side by side. Every result has the bits of
/// the scalar function: reference::dot and reference::squared_distance of kernels.hpp.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <vector>

namespace holdfast::kernels {

/// (vectors, width) as groups of eight, feature after feature: (groups, width, 8), zeros at the end.
[[nodiscard]] std::vector<double> side_by_side(const std::vector<double>& vectors, std::int64_t width);

/// Of each of `rows` rows x with each vector of `groups` groups: (rows, 8 groups).
void dots(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups, std::int64_t width,
          double* out);
void squared_distances(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups,
                       std::int64_t width, double* out);

}  // namespace holdfast::kernels

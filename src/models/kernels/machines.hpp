/// What kernel machines take most of their time for, eight support vectors side by side. Every result has the bits of
/// the scalar function: reference::dot and reference::squared_distance of kernels.hpp.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <vector>

namespace holdfast::kernels {

/// One feature of eight vectors: a line of the cache, which no load crosses.
struct alignas(64) Eight {
    double of[8] = {};
};

/// (vectors, width) as groups of eight, feature after feature: (groups, width), zeros at the end.
[[nodiscard]] std::vector<Eight> side_by_side(const std::vector<double>& vectors, std::int64_t width);
/// The same of `count` vectors, into `out`.
void side_by_side(const double* vectors, std::int64_t count, std::int64_t width, Eight* out);

/// Of each of `rows` rows x with each vector of `groups` groups: (rows, 8 groups).
void dots(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups, std::int64_t width,
          double* out);
void squared_distances(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups,
                       std::int64_t width, double* out);
/// sums[j] += weights[i] * values[i * 8 groups + j], i from 0 to count - 1, of each of the 8 groups places j; one group
/// or two.
void add_weighted(const double* weights, const double* values, std::int64_t count, std::int64_t groups, double* sums);

}  // namespace holdfast::kernels

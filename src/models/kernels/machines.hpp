/// What kernel machines take most of their time for, eight support vectors side by side. Every result has the bits of
/// the scalar function: reference::dot and reference::squared_distance of kernels.hpp.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <vector>

namespace holdfast::kernels {

constexpr std::int64_t tile = 16;  // rows whose sums run side by side

/// One feature of eight vectors: a line of the cache, which no load crosses.
struct alignas(64) Eight {
    double of[8] = {};
};

/// (vectors, width) as groups of eight, feature after feature: (groups, width), zeros at the end.
[[nodiscard]] std::vector<Eight> side_by_side(const std::vector<double>& vectors, std::int64_t width);
/// The same of `count` vectors, at most `tile`, into a whole tile.
void side_by_side(const double* vectors, std::int64_t count, std::int64_t width, Eight* out);

/// Of each of `rows` rows x with each vector of `groups` groups: (rows, 8 groups).
void dots(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups, std::int64_t width,
          double* out);
void squared_distances(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups,
                       std::int64_t width, double* out);
/// sums[row] += weights[i] * values[i * tile + row], i from 0 to count - 1, of each row of a tile.
void add_to_tile(const double* weights, const double* values, std::int64_t count, double* sums);

}  // namespace holdfast::kernels

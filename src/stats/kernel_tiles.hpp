/// Vector kernels behind kernel_sums.cpp: tiles of a Gaussian kernel's matrix, and sums over them.
#pragma once

#include <cstdint>

namespace holdfast::stats::detail {

constexpr std::int64_t tile_side = 128;     ///< rows and columns of a tile
constexpr std::int64_t panel_columns = 24;  ///< a tile is multiplied with so many columns, or a part of them, at a time

/// tile[i][j] = exp(-rate |a_i - b_j|^2), of the same bits as math::exp. a, b: `width` rows of tile_side, a column
/// each.
void kernel_tile(const double* a, const double* b, std::int64_t width, double rate, double* tile);

/// out[i][s] += sum of tile[i][j] over the j whose flags[j * stride + s] is set, for `rows` of both and s below stride,
/// a multiple of panel_columns.
void add_products(const double* tile, std::int64_t rows, const std::uint8_t* flags, std::int64_t stride, double* out);

/// row_sums[i] += sum over j of tile[i][j]; column_sums[j] += sum over i; returns the sum of squares.
[[nodiscard]] double add_sums(const double* tile, double* row_sums, double* column_sums);

}  // namespace holdfast::stats::detail

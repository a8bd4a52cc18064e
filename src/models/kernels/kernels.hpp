/// The inner loops of the native engines, compiled for each instruction set and chosen at run time.
///
/// Sums run in eight lanes whatever the vectors' width: lane j takes elements j, j + 8, ...; a tail is padded with
/// zeros; the lanes are added as ((0+4)+(2+6))+((1+5)+(3+7)). No fused multiply-add. So every target gives the same
/// bits.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>

namespace holdfast::kernels {

[[nodiscard]] double dot(const double* a, const double* b, std::int64_t size);
/// (x - offset) / scale or (x - offset) * scale of `rows` rows of `width`; a null offset or scale leaves that step out.
void scale_rows(const double* x, std::int64_t rows, std::int64_t width, const double* offset, const double* scale,
                bool divide, double* out);
/// Doubles to the nearest float32.
void narrow(const double* x, std::int64_t size, float* out);

/// The same in plain C++: what every target is compared with.
namespace reference {
[[nodiscard]] double dot(const double* a, const double* b, std::int64_t size);
[[nodiscard]] double squared_distance(const double* a, const double* b, std::int64_t size);
void scale_rows(const double* x, std::int64_t rows, std::int64_t width, const double* offset, const double* scale,
                bool divide, double* out);
void narrow(const double* x, std::int64_t size, float* out);
}  // namespace reference

}  // namespace holdfast::kernels

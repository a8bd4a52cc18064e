/// Functions of many numbers, with the bits of holdfast::math's scalar ones on every instruction set.
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>

namespace holdfast::kernels {

/// exp(factor * x); `out` may be x.
void exps(double factor, const double* x, std::int64_t size, double* out);
/// 1 / (1 + exp(-x)); `out` may be x.
void logistics(const double* x, std::int64_t size, double* out);
/// `out` may be x.
void tanhs(const double* x, std::int64_t size, double* out);

}  // namespace holdfast::kernels

#include "models/kernels/kernels.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Vector = hn::Vec<Doubles>;
constexpr std::size_t lanes = hn::MaxLanes(Doubles());
constexpr std::size_t vectors = 8 / lanes;  // that make up the eight lanes
static_assert(lanes * vectors == 8);

HWY_INLINE void add_eight(const double* HWY_RESTRICT a, const double* HWY_RESTRICT b, Vector (&sums)[vectors]) {
    const Doubles d;
    for (std::size_t v = 0; v < vectors; ++v)
        sums[v] = hn::Add(sums[v], hn::Mul(hn::LoadU(d, a + v * lanes), hn::LoadU(d, b + v * lanes)));
}

double Dot(const double* a, const double* b, std::int64_t size) {
    const Doubles d;
    Vector sums[vectors];
    for (Vector& sum : sums) sum = hn::Zero(d);
    std::int64_t i = 0;
    for (; i + 8 <= size; i += 8) add_eight(a + i, b + i, sums);
    if (i < size) {
        double tail_a[8] = {}, tail_b[8] = {};
        for (std::int64_t j = 0; i + j < size; ++j) {
            tail_a[j] = a[i + j];
            tail_b[j] = b[i + j];
        }
        add_eight(tail_a, tail_b, sums);
    }
    double lane[8];
    for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(sums[v], d, lane + v * lanes);
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

void ScaleRows(const double* x, std::int64_t rows, std::int64_t width, const double* offset, const double* scale,
               bool divide, double* out) {
    const Doubles d;
    const auto step = static_cast<std::int64_t>(lanes);
    for (std::int64_t row = 0; row < rows; ++row, x += width, out += width) {
        std::int64_t i = 0;
        for (; i + step <= width; i += step) {
            Vector value = hn::LoadU(d, x + i);
            if (offset != nullptr) value = hn::Sub(value, hn::LoadU(d, offset + i));
            if (scale != nullptr) {
                const Vector s = hn::LoadU(d, scale + i);
                value = divide ? hn::Div(value, s) : hn::Mul(value, s);
            }
            hn::StoreU(value, d, out + i);
        }
        for (; i < width; ++i) {
            double value = x[i];
            if (offset != nullptr) value -= offset[i];
            if (scale != nullptr) value = divide ? value / scale[i] : value * scale[i];
            out[i] = value;
        }
    }
}

void Narrow(const double* x, std::int64_t size, float* out) {
    const Doubles d;
    const hn::Rebind<float, Doubles> floats;
    const auto step = static_cast<std::int64_t>(lanes);
    std::int64_t i = 0;
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128  // their DemoteTo makes infinities the greatest float
    for (; i + step <= size; i += step) hn::StoreU(hn::DemoteTo(floats, hn::LoadU(d, x + i)), floats, out + i);
#else
    static_cast<void>(d), static_cast<void>(floats), static_cast<void>(step);
#endif
    for (; i < size; ++i) out[i] = static_cast<float>(x[i]);
}

}  // namespace holdfast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::kernels {

HWY_EXPORT(Dot);
HWY_EXPORT(ScaleRows);
HWY_EXPORT(Narrow);

double dot(const double* a, const double* b, std::int64_t size) { return HWY_DYNAMIC_DISPATCH(Dot)(a, b, size); }

void scale_rows(const double* x, std::int64_t rows, std::int64_t width, const double* offset, const double* scale,
                bool divide, double* out) {
    HWY_DYNAMIC_DISPATCH(ScaleRows)(x, rows, width, offset, scale, divide, out);
}

void narrow(const double* x, std::int64_t size, float* out) { HWY_DYNAMIC_DISPATCH(Narrow)(x, size, out); }

}  // namespace holdfast::kernels
#endif

#include "stats/kernel_tiles.hpp"

#include <array>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stats/kernel_tiles.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::stats::detail::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Vector = hn::Vec<Doubles>;
constexpr std::size_t lanes = hn::MaxLanes(Doubles());
constexpr std::size_t vectors = 8 / lanes;  // that make up eight lanes
constexpr auto side = static_cast<std::size_t>(tile_side);
static_assert(lanes * vectors == 8);

// math::exp on [-700, 0], step by step.
HWY_INLINE Vector ExpOfNegative(Vector x) {
    const Doubles d;
    const Vector k = hn::Trunc(hn::Sub(hn::Mul(hn::Set(d, 1.44269504088896338700e+00), x), hn::Set(d, 0.5)));
    const Vector high = hn::Sub(x, hn::Mul(k, hn::Set(d, 6.93147180369123816490e-01)));
    const Vector low = hn::Mul(k, hn::Set(d, 1.90821492927058770002e-10));
    const Vector r = hn::Sub(high, low), t = hn::Mul(r, r);
    constexpr double c[5] = {1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05,
                             -1.65339022054652515390e-06, 4.13813679705723846039e-08};
    Vector sum = hn::Set(d, c[4]);
    for (int i = 3; i >= 0; --i) sum = hn::Add(hn::Set(d, c[i]), hn::Mul(t, sum));
    const Vector q = hn::Sub(r, hn::Mul(t, sum));
    const Vector fraction = hn::Div(hn::Mul(r, q), hn::Sub(hn::Set(d, 2.0), q));
    const Vector y = hn::Sub(hn::Set(d, 1.0), hn::Sub(hn::Sub(low, fraction), high));
    // The last bits of 2^52 + 1023 + k are the exponent of 2^k.
    const hn::RebindToUnsigned<Doubles> bits;
    const auto exponent = hn::BitCast(bits, hn::Add(k, hn::Set(d, 4503599627370496.0 + 1023.0)));
    return hn::Mul(y, hn::BitCast(d, hn::ShiftLeft<52>(exponent)));
}

void KernelTile(const double* HWY_RESTRICT a, const double* HWY_RESTRICT b, std::int64_t width, double rate,
                double* HWY_RESTRICT tile) {
    const Doubles d;
    constexpr std::size_t at_once = 4;  // vectors
    const auto columns = static_cast<std::size_t>(width);
    const Vector factor = hn::Set(d, -rate), least = hn::Set(d, -700.0);
    for (std::size_t i = 0; i < side; ++i) {
        for (std::size_t j = 0; j < side; j += at_once * lanes) {
            Vector sums[at_once];
            for (Vector& sum : sums) sum = hn::Zero(d);
            for (std::size_t c = 0; c < columns; ++c) {
                const Vector x = hn::Set(d, a[c * side + i]);
                for (std::size_t v = 0; v < at_once; ++v) {
                    const Vector gap = hn::Sub(x, hn::LoadU(d, b + c * side + j + v * lanes));
                    sums[v] = hn::Add(sums[v], hn::Mul(gap, gap));
                }
            }
            for (std::size_t v = 0; v < at_once; ++v) {
                const Vector power = hn::Max(hn::Mul(factor, sums[v]), least);
                hn::StoreU(ExpOfNegative(power), d, tile + i * side + j + v * lanes);
            }
        }
    }
}

// Four rows of the tile by three vectors of columns. The flags are 0 or 1: fused or not, the products are exact.
HWY_INLINE void FourRows(const double* HWY_RESTRICT tile, const double* HWY_RESTRICT panel, std::size_t rows,
                         double* HWY_RESTRICT out, std::size_t stride) {
    const Doubles d;
    Vector sums[4][3];
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t v = 0; v < 3; ++v) sums[i][v] = hn::LoadU(d, out + i * stride + v * lanes);
    }
    for (std::size_t j = 0; j < rows; ++j) {
        const double* flags = panel + j * 3 * lanes;
        const Vector first = hn::LoadU(d, flags), second = hn::LoadU(d, flags + lanes),
                     third = hn::LoadU(d, flags + 2 * lanes);
        for (std::size_t i = 0; i < 4; ++i) {
            const Vector value = hn::Set(d, tile[i * side + j]);
            sums[i][0] = hn::MulAdd(value, first, sums[i][0]);
            sums[i][1] = hn::MulAdd(value, second, sums[i][1]);
            sums[i][2] = hn::MulAdd(value, third, sums[i][2]);
        }
    }
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t v = 0; v < 3; ++v) hn::StoreU(sums[i][v], d, out + i * stride + v * lanes);
    }
}

void AddProducts(const double* HWY_RESTRICT tile, std::int64_t rows, const std::uint8_t* HWY_RESTRICT flags,
                 std::int64_t stride, double* HWY_RESTRICT out) {
    const auto width = static_cast<std::size_t>(stride), count = static_cast<std::size_t>(rows);
    static_assert(panel_columns % (3 * lanes) == 0);
    double panel[side * 3 * lanes];
    for (std::size_t first = 0; first < width; first += 3 * lanes) {
        for (std::size_t j = 0; j < count; ++j) {
            for (std::size_t s = 0; s < 3 * lanes; ++s) panel[j * 3 * lanes + s] = flags[j * width + first + s];
        }
        for (std::size_t i = 0; i < side; i += 4) {
            FourRows(tile + i * side, panel, count, out + i * width + first, width);
        }
    }
}

double Reduced(const Vector (&sums)[vectors]) {
    const Doubles d;
    double lane[8];
    for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(sums[v], d, lane + v * lanes);
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

double AddSums(const double* HWY_RESTRICT tile, double* HWY_RESTRICT row_sums, double* HWY_RESTRICT column_sums) {
    const Doubles d;
    double all_squares = 0.0;
    for (std::size_t i = 0; i < side; ++i) {
        Vector sums[vectors], squares[vectors];
        for (std::size_t v = 0; v < vectors; ++v) sums[v] = squares[v] = hn::Zero(d);
        for (std::size_t j = 0; j < side; j += 8) {
            for (std::size_t v = 0; v < vectors; ++v) {
                const Vector value = hn::LoadU(d, tile + i * side + j + v * lanes);
                double* column = column_sums + j + v * lanes;
                sums[v] = hn::Add(sums[v], value);
                squares[v] = hn::Add(squares[v], hn::Mul(value, value));
                hn::StoreU(hn::Add(hn::LoadU(d, column), value), d, column);
            }
        }
        row_sums[i] += Reduced(sums);
        all_squares += Reduced(squares);
    }
    return all_squares;
}

}  // namespace holdfast::stats::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::stats::detail {

HWY_EXPORT(KernelTile);
HWY_EXPORT(AddProducts);
HWY_EXPORT(AddSums);

void kernel_tile(const double* a, const double* b, std::int64_t width, double rate, double* tile) {
    HWY_DYNAMIC_DISPATCH(KernelTile)(a, b, width, rate, tile);
}

void add_products(const double* tile, std::int64_t rows, const std::uint8_t* flags, std::int64_t stride, double* out) {
    HWY_DYNAMIC_DISPATCH(AddProducts)(tile, rows, flags, stride, out);
}

double add_sums(const double* tile, double* row_sums, double* column_sums) {
    return HWY_DYNAMIC_DISPATCH(AddSums)(tile, row_sums, column_sums);
}

}  // namespace holdfast::stats::detail
#endif

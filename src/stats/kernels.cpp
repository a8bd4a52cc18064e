#include "stats/kernels.hpp"

#include <cstddef>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stats/kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::stats::detail::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Vector = hn::Vec<Doubles>;
constexpr std::size_t lanes = hn::MaxLanes(Doubles());
constexpr std::size_t vectors = 8 / lanes;  // that make up the eight lanes
static_assert(lanes * vectors == 8);

/// Folds eight lanes at a time; the last ones are filled up with `neutral`.
template <class Fold>
HWY_INLINE void fold_eights(const double* values, std::size_t size, double neutral, Vector (&state)[vectors],
                            Fold fold) {
    const Doubles d;
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        for (std::size_t v = 0; v < vectors; ++v) state[v] = fold(state[v], hn::LoadU(d, values + i + v * lanes));
    }
    if (i == size) return;
    double tail[8];
    for (std::size_t j = 0; j < 8; ++j) tail[j] = i + j < size ? values[i + j] : neutral;
    for (std::size_t v = 0; v < vectors; ++v) state[v] = fold(state[v], hn::LoadU(d, tail + v * lanes));
}

HWY_INLINE void fill(Vector (&state)[vectors], double value) {
    for (Vector& vector : state) vector = hn::Set(Doubles(), value);
}

HWY_INLINE void store(const Vector (&state)[vectors], double* lane) {
    for (std::size_t v = 0; v < vectors; ++v) hn::StoreU(state[v], Doubles(), lane + v * lanes);
}

HWY_INLINE double total(const Vector (&sums)[vectors]) {
    double lane[8];
    store(sums, lane);
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

HWY_INLINE double largest(const Vector (&highs)[vectors]) {
    double lane[8];
    store(highs, lane);
    for (int i = 1; i < 8; ++i) lane[0] = lane[i] > lane[0] ? lane[i] : lane[0];
    return lane[0];
}

Range RangeOf(const double* values, std::size_t size) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    Vector low[vectors], high[vectors];
    fill(low, infinite);
    fill(high, -infinite);
    fold_eights(values, size, infinite, low, [](Vector a, Vector b) { return hn::Min(a, b); });
    fold_eights(values, size, -infinite, high, [](Vector a, Vector b) { return hn::Max(a, b); });
    double lows[8];
    store(low, lows);
    for (int i = 1; i < 8; ++i) lows[0] = lows[i] < lows[0] ? lows[i] : lows[0];
    return {lows[0], largest(high)};
}

/// Whether f(value) is 0 for all of them, and not NaN.
template <class Zero>
HWY_INLINE bool all_zero(const double* values, std::size_t size, Zero zero) {
    Vector sums[vectors];
    fill(sums, 0.0);
    fold_eights(values, size, 0.0, sums, [zero](Vector sum, Vector value) { return hn::Add(sum, zero(value)); });
    return total(sums) == 0.0;
}

bool AllFinite(const double* values, std::size_t size) {
    return all_zero(values, size, [](Vector value) { return hn::Mul(value, hn::Zero(Doubles())); });
}

bool HasNan(const double* values, std::size_t size) {
    return !all_zero(values, size, [](Vector value) {
        return hn::IfThenElse(hn::Eq(value, value), hn::Zero(Doubles()), hn::Set(Doubles(), 1.0));
    });
}

double SumAbout(double center, const double* values, std::size_t size) {
    Vector sums[vectors];
    fill(sums, 0.0);
    const Vector middle = hn::Set(Doubles(), center);
    fold_eights(values, size, center, sums,
                [middle](Vector sum, Vector value) { return hn::Add(sum, hn::Sub(value, middle)); });
    return total(sums);
}

double SquaresAbout(double center, const double* values, std::size_t size) {
    Vector sums[vectors];
    fill(sums, 0.0);
    const Vector middle = hn::Set(Doubles(), center);
    fold_eights(values, size, center, sums, [middle](Vector sum, Vector value) {
        const Vector difference = hn::Sub(value, middle);
        return hn::Add(sum, hn::Mul(difference, difference));
    });
    return total(sums);
}

double FourthsAbout(double center, const double* values, std::size_t size) {
    Vector sums[vectors];
    fill(sums, 0.0);
    const Vector middle = hn::Set(Doubles(), center);
    fold_eights(values, size, center, sums, [middle](Vector sum, Vector value) {
        const Vector difference = hn::Sub(value, middle), square = hn::Mul(difference, difference);
        return hn::Add(sum, hn::Mul(square, square));
    });
    return total(sums);
}

void CountAbove(const double* values, std::size_t size, const double* edges, std::size_t count, std::int64_t* above) {
    for (std::size_t edge = 0; edge < count; ++edge) {
        const Vector limit = hn::Set(Doubles(), edges[edge]), one = hn::Set(Doubles(), 1.0);
        Vector counts[vectors];
        fill(counts, 0.0);
        fold_eights(values, size, edges[edge], counts, [limit, one](Vector sum, Vector value) {
            return hn::Add(sum, hn::IfThenElseZero(hn::Gt(value, limit), one));
        });
        above[edge] += static_cast<std::int64_t>(total(counts));
    }
}

StepSums SumSteps(const double* x, const double* i, const double* j, std::size_t steps, double n, double m) {
    const Doubles d;
    const Vector rows_of_a = hn::Set(d, n), rows_of_b = hn::Set(d, m), per_pair = hn::Set(d, 1.0 / (n * m));
    const Vector per_a = hn::Set(d, 1.0 / (n * n * n)), per_b = hn::Set(d, 1.0 / (m * m * m));
    Vector above[vectors], below[vectors], area[vectors], deviation[vectors];
    fill(above, 0.0);
    fill(below, 0.0);
    fill(area, 0.0);
    fill(deviation, 0.0);
    for (std::size_t step = 0; step < steps; step += 8) {
        for (std::size_t v = 0; v < vectors; ++v) {
            const std::size_t at = step + v * lanes;
            const Vector here = hn::LoadU(d, x + at), width = hn::Sub(hn::LoadU(d, x + at + 1), here);
            const Vector a = hn::LoadU(d, i + at), b = hn::LoadU(d, j + at);
            // (F - G) n m: a whole number, exact below 2^53.
            const Vector gap = hn::Sub(hn::Mul(a, rows_of_b), hn::Mul(b, rows_of_a));
            const Vector seen = hn::IfThenElseZero(hn::Gt(width, hn::Zero(d)), gap);
            above[v] = hn::Max(above[v], seen);
            below[v] = hn::Max(below[v], hn::Neg(seen));
            area[v] = hn::Add(area[v], hn::Mul(hn::Abs(gap), hn::Mul(width, per_pair)));
            const Vector of_a = hn::Mul(hn::Mul(a, hn::Sub(rows_of_a, a)), per_a);
            const Vector of_b = hn::Mul(hn::Mul(b, hn::Sub(rows_of_b, b)), per_b);
            deviation[v] = hn::Add(deviation[v], hn::Mul(hn::Sqrt(hn::Add(of_a, of_b)), width));
        }
    }
    return {largest(above) / (n * m), largest(below) / (n * m), total(area), total(deviation)};
}

/// The smaller of each value and the one `apart` behind it comes first.
HWY_INLINE void exchange(double* values, std::size_t size, std::size_t apart) {
    const hn::CappedTag<double, sorted_columns> d;
    for (std::size_t i = 0; i < size; i += hn::MaxLanes(d)) {
        const auto a = hn::LoadU(d, values + i), b = hn::LoadU(d, values + apart + i);
        hn::StoreU(hn::Min(a, b), d, values + i);
        hn::StoreU(hn::Max(a, b), d, values + apart + i);
    }
}

// Batcher's merge exchange for any number of rows: Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M.
void SortColumns(double* values, std::size_t rows) {
    constexpr std::size_t row = sorted_columns;
    const std::size_t size = row * rows;
    std::size_t top = row;
    while (2 * top < size) top *= 2;
    for (std::size_t p = top; p >= row; p /= 2) {
        for (std::size_t q = top, begin = 0, apart = p;; apart = q - p, q /= 2, begin = p) {
            std::size_t i = begin;
            for (; i + p + apart <= size; i += 2 * p) exchange(values + i, p, apart);
            if (i + apart < size) exchange(values + i, size - apart - i, apart);
            if (q == p) break;
        }
    }
}

/// Whether `follows` is true of each value and the one before it.
template <class Follows>
HWY_INLINE bool all_follow(const double* values, std::size_t size, Follows follows) {
    const Doubles d;
    std::size_t i = 1;
    for (; i + lanes <= size; i += lanes) {
        if (!hn::AllTrue(d, follows(hn::LoadU(d, values + i - 1), hn::LoadU(d, values + i)))) return false;
    }
    const hn::CappedTag<double, 1> one;
    for (; i < size; ++i) {
        if (!hn::AllTrue(one, follows(hn::LoadU(one, values + i - 1), hn::LoadU(one, values + i)))) return false;
    }
    return true;
}

bool Ascending(const double* values, std::size_t size) {
    return all_follow(values, size, [](auto before, auto value) { return hn::Le(before, value); });
}

bool Descending(const double* values, std::size_t size) {
    return all_follow(values, size, [](auto before, auto value) { return hn::Ge(before, value); });
}

}  // namespace holdfast::stats::detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::stats::detail {

HWY_EXPORT(RangeOf);
HWY_EXPORT(AllFinite);
HWY_EXPORT(HasNan);
HWY_EXPORT(SumAbout);
HWY_EXPORT(SquaresAbout);
HWY_EXPORT(FourthsAbout);
HWY_EXPORT(CountAbove);
HWY_EXPORT(SumSteps);
HWY_EXPORT(SortColumns);
HWY_EXPORT(Ascending);
HWY_EXPORT(Descending);

Range range_of(std::span<const double> values) { return HWY_DYNAMIC_DISPATCH(RangeOf)(values.data(), values.size()); }

bool all_finite(std::span<const double> values) {
    return HWY_DYNAMIC_DISPATCH(AllFinite)(values.data(), values.size());
}

bool has_nan(std::span<const double> values) { return HWY_DYNAMIC_DISPATCH(HasNan)(values.data(), values.size()); }

double sum_about(double center, std::span<const double> values) {
    return HWY_DYNAMIC_DISPATCH(SumAbout)(center, values.data(), values.size());
}

double squares_about(double center, std::span<const double> values) {
    return HWY_DYNAMIC_DISPATCH(SquaresAbout)(center, values.data(), values.size());
}

double fourths_about(double center, std::span<const double> values) {
    return HWY_DYNAMIC_DISPATCH(FourthsAbout)(center, values.data(), values.size());
}

void count_above(std::span<const double> values, std::span<const double> edges, std::int64_t* above) {
    HWY_DYNAMIC_DISPATCH(CountAbove)(values.data(), values.size(), edges.data(), edges.size(), above);
}

StepSums sum_steps(const double* x, const double* i, const double* j, std::size_t steps, double n, double m) {
    return HWY_DYNAMIC_DISPATCH(SumSteps)(x, i, j, steps, n, m);
}

void sort_columns(double* values, std::size_t rows) { HWY_DYNAMIC_DISPATCH(SortColumns)(values, rows); }

bool ascending(std::span<const double> values) { return HWY_DYNAMIC_DISPATCH(Ascending)(values.data(), values.size()); }

bool descending(std::span<const double> values) {
    return HWY_DYNAMIC_DISPATCH(Descending)(values.data(), values.size());
}

}  // namespace holdfast::stats::detail
#endif

#include "stats/kernels.hpp"

#include <cstddef>
#include <limits>
#include <utility>

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

// Batcher's odd-even merge sort of eight: 19 comparisons.
constexpr std::pair<int, int> network[] = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {0, 2}, {1, 3}, {4, 6},
                                           {5, 7}, {1, 2}, {5, 6}, {0, 4}, {1, 5}, {2, 6}, {3, 7},
                                           {2, 4}, {3, 5}, {1, 2}, {3, 4}, {5, 6}};

HWY_INLINE void order_eight(const double* values, std::size_t step, double* ordered) {
    const Doubles d;
    Vector v[8];
    for (std::size_t i = 0; i < 8; ++i) v[i] = hn::LoadU(d, values + i * step);
    for (const auto& [i, j] : network) {
        const Vector low = hn::Min(v[i], v[j]);
        v[j] = hn::Max(v[i], v[j]);
        v[i] = low;
    }
    for (std::size_t i = 0; i < 8; ++i) hn::StoreU(v[i], d, ordered + i * step);
}

void Thin(const double* values, std::uint64_t chance, double* kept) {
    constexpr std::size_t groups = 8;
    double ordered[8 * groups];
    for (std::size_t group = 0; group < groups; group += lanes) order_eight(values + group, groups, ordered + group);
    for (std::size_t group = 0; group < groups; group += 2, chance >>= 2) {
        const std::size_t begin = (chance & 3) * groups + group, other = (3 - (chance & 3)) * groups + group + 1;
        *kept++ = ordered[begin];
        *kept++ = ordered[begin + 4 * groups];
        *kept++ = ordered[other];
        *kept++ = ordered[other + 4 * groups];
    }
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
HWY_EXPORT(CountAbove);
HWY_EXPORT(SumSteps);
HWY_EXPORT(Thin);

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

void count_above(std::span<const double> values, std::span<const double> edges, std::int64_t* above) {
    HWY_DYNAMIC_DISPATCH(CountAbove)(values.data(), values.size(), edges.data(), edges.size(), above);
}

StepSums sum_steps(const double* x, const double* i, const double* j, std::size_t steps, double n, double m) {
    return HWY_DYNAMIC_DISPATCH(SumSteps)(x, i, j, steps, n, m);
}

void thin(const double* values, std::uint64_t chance, double* kept) {
    HWY_DYNAMIC_DISPATCH(Thin)(values, chance, kept);
}

}  // namespace holdfast::stats::detail
#endif

#include "models/kernels/machines.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/machines.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Vector = hn::Vec<Doubles>;
constexpr std::int64_t lanes = hn::MaxLanes(Doubles());

struct Product {
    static HWY_INLINE Vector of(Vector a, Vector b) { return hn::Mul(a, b); }
    /// Zero and the first term: -0 becomes 0.
    static HWY_INLINE Vector first(Vector a, Vector b) { return hn::Add(hn::Zero(Doubles()), of(a, b)); }
};
struct SquaredDifference {
    static HWY_INLINE Vector of(Vector a, Vector b) {
        const Vector difference = hn::Sub(a, b);
        return hn::Mul(difference, difference);
    }
    /// Zero and the first term: a square is never -0.
    static HWY_INLINE Vector first(Vector a, Vector b) { return of(a, b); }
};

/// f(0), f(1), ... f(7), written out: sums stay in registers.
template <std::size_t... J, class F>
HWY_INLINE void each_of_eight(std::index_sequence<J...>, F f) {
    (f(J), ...);
}
template <class F>
HWY_INLINE void each_of_eight(F f) {
    each_of_eight(std::make_index_sequence<8>(), f);
}

/// The sums of one row with `lanes` vectors. Feature i goes to partial sum i mod 8, as in kernels.hpp; `Left` features
/// are beyond the last whole eight.
template <class Term, std::size_t Left>
HWY_INLINE Vector reduce(const double* x, const double* vectors, std::int64_t width) {
    const Doubles d;
    const auto first = [&](std::size_t j)
                           HWY_ATTR { return Term::first(hn::Set(d, x[j]), hn::LoadU(d, vectors + 8 * j)); };
    const auto next = [&](std::size_t j) HWY_ATTR { return Term::of(hn::Set(d, x[j]), hn::LoadU(d, vectors + 8 * j)); };
    Vector sums[8];
    if (width < 8) {
        each_of_eight([&](std::size_t j) HWY_ATTR { sums[j] = j < Left ? first(j) : hn::Zero(d); });
    } else {
        each_of_eight([&](std::size_t j) HWY_ATTR { sums[j] = first(j); });
        for (width -= 8, x += 8, vectors += 64; width >= 8; width -= 8, x += 8, vectors += 64)
            each_of_eight([&](std::size_t j) HWY_ATTR { sums[j] = hn::Add(sums[j], next(j)); });
        each_of_eight([&](std::size_t j) HWY_ATTR {
            if (j < Left) sums[j] = hn::Add(sums[j], next(j));
        });
    }
    return hn::Add(hn::Add(hn::Add(sums[0], sums[4]), hn::Add(sums[2], sums[6])),
                   hn::Add(hn::Add(sums[1], sums[5]), hn::Add(sums[3], sums[7])));
}

template <class Term, std::size_t Left>
HWY_INLINE void reduce_groups(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups,
                              std::int64_t width, double* out) {
    for (std::int64_t group = 0; group < groups; ++group, vectors += 8 * width, out += 8) {
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t lane = 0; lane < 8; lane += lanes)
                hn::StoreU(reduce<Term, Left>(x + row * width, vectors + lane, width), Doubles(),
                           out + row * 8 * groups + lane);
        }
    }
}

template <class Term>
HWY_INLINE void reduce_all(const double* x, std::int64_t rows, const Eight* eights, std::int64_t groups,
                           std::int64_t width, double* out) {
    const auto* vectors = reinterpret_cast<const double*>(eights);
    switch (width % 8) {
        case 0: return reduce_groups<Term, 0>(x, rows, vectors, groups, width, out);
        case 1: return reduce_groups<Term, 1>(x, rows, vectors, groups, width, out);
        case 2: return reduce_groups<Term, 2>(x, rows, vectors, groups, width, out);
        case 3: return reduce_groups<Term, 3>(x, rows, vectors, groups, width, out);
        case 4: return reduce_groups<Term, 4>(x, rows, vectors, groups, width, out);
        case 5: return reduce_groups<Term, 5>(x, rows, vectors, groups, width, out);
        case 6: return reduce_groups<Term, 6>(x, rows, vectors, groups, width, out);
        default: return reduce_groups<Term, 7>(x, rows, vectors, groups, width, out);
    }
}

void Dots(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups, std::int64_t width,
          double* out) {
    reduce_all<Product>(x, rows, vectors, groups, width, out);
}

void SquaredDistances(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups, std::int64_t width,
                      double* out) {
    reduce_all<SquaredDifference>(x, rows, vectors, groups, width, out);
}

template <std::int64_t Groups>
HWY_INLINE void add_weighted(const double* weights, const double* values, std::int64_t count, double* sums) {
    const Doubles d;
    constexpr std::int64_t vectors = 8 * Groups / lanes;
    Vector here[vectors];
    for (std::int64_t v = 0; v < vectors; ++v) here[v] = hn::LoadU(d, sums + v * lanes);
    for (std::int64_t i = 0; i < count; ++i, values += 8 * Groups) {
        const Vector weight = hn::Set(d, weights[i]);
        for (std::int64_t v = 0; v < vectors; ++v)
            here[v] = hn::Add(here[v], hn::Mul(weight, hn::LoadU(d, values + v * lanes)));
    }
    for (std::int64_t v = 0; v < vectors; ++v) hn::StoreU(here[v], d, sums + v * lanes);
}

void AddWeighted(const double* weights, const double* values, std::int64_t count, std::int64_t groups, double* sums) {
    groups == 1 ? add_weighted<1>(weights, values, count, sums) : add_weighted<2>(weights, values, count, sums);
}

}  // namespace holdfast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::kernels {

HWY_EXPORT(Dots);
HWY_EXPORT(SquaredDistances);
HWY_EXPORT(AddWeighted);

void side_by_side(const double* vectors, std::int64_t count, std::int64_t width, Eight* out) {
    if (count % 8 != 0) std::fill_n(out + count / 8 * width, width, Eight{});
    for (std::int64_t vector = 0; vector < count; ++vector) {
        for (std::int64_t i = 0; i < width; ++i)
            out[vector / 8 * width + i].of[vector % 8] = vectors[vector * width + i];
    }
}

std::vector<Eight> side_by_side(const std::vector<double>& vectors, std::int64_t width) {
    const std::int64_t count = width == 0 ? 0 : static_cast<std::int64_t>(vectors.size()) / width;
    std::vector<Eight> out(static_cast<std::size_t>((count + 7) / 8 * width));
    side_by_side(vectors.data(), count, width, out.data());
    return out;
}

void dots(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups, std::int64_t width,
          double* out) {
    HWY_DYNAMIC_DISPATCH(Dots)(x, rows, vectors, groups, width, out);
}

void squared_distances(const double* x, std::int64_t rows, const Eight* vectors, std::int64_t groups,
                       std::int64_t width, double* out) {
    HWY_DYNAMIC_DISPATCH(SquaredDistances)(x, rows, vectors, groups, width, out);
}

void add_weighted(const double* weights, const double* values, std::int64_t count, std::int64_t groups, double* sums) {
    HWY_DYNAMIC_DISPATCH(AddWeighted)(weights, values, count, groups, sums);
}

}  // namespace holdfast::kernels
#endif

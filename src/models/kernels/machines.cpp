#include "models/kernels/machines.hpp"

#include <cstddef>
#include <limits>
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
};
struct SquaredDifference {
    static HWY_INLINE Vector of(Vector a, Vector b) {
        const Vector difference = hn::Sub(a, b);
        return hn::Mul(difference, difference);
    }
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

/// The sums of one row with `lanes` vectors. Feature i goes to partial sum i mod 8, as in kernels.hpp.
template <class Term>
HWY_INLINE Vector reduce(const double* x, const double* vectors, std::int64_t width) {
    const Doubles d;
    Vector sums[8];
    each_of_eight([&](std::size_t j) HWY_ATTR { sums[j] = hn::Zero(d); });
    for (; width >= 8; width -= 8, x += 8, vectors += 64) {
        each_of_eight([&](std::size_t j) HWY_ATTR {
            sums[j] = hn::Add(sums[j], Term::of(hn::Set(d, x[j]), hn::LoadU(d, vectors + 8 * j)));
        });
    }
    const auto left = static_cast<std::size_t>(width);
    each_of_eight([&](std::size_t j) HWY_ATTR {
        if (j < left) sums[j] = hn::Add(sums[j], Term::of(hn::Set(d, x[j]), hn::LoadU(d, vectors + 8 * j)));
    });
    return hn::Add(hn::Add(hn::Add(sums[0], sums[4]), hn::Add(sums[2], sums[6])),
                   hn::Add(hn::Add(sums[1], sums[5]), hn::Add(sums[3], sums[7])));
}

template <class Term>
HWY_INLINE void reduce_all(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups,
                           std::int64_t width, double* out) {
    for (std::int64_t group = 0; group < groups; ++group, vectors += 8 * width, out += 8) {
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t lane = 0; lane < 8; lane += lanes)
                hn::StoreU(reduce<Term>(x + row * width, vectors + lane, width), Doubles(),
                           out + row * 8 * groups + lane);
        }
    }
}

void Dots(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups, std::int64_t width,
          double* out) {
    reduce_all<Product>(x, rows, vectors, groups, width, out);
}

void SquaredDistances(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups,
                      std::int64_t width, double* out) {
    reduce_all<SquaredDifference>(x, rows, vectors, groups, width, out);
}

/// 2^k for whole k from -1022 to 1023.
HWY_INLINE Vector power_of_two(Vector k) {
    const Doubles d;
    const hn::RebindToUnsigned<Doubles> bits;
    // Its last bits are k's.
    const auto shifted = hn::BitCast(bits, hn::Add(k, hn::Set(d, 0x1.8p52)));
    return hn::BitCast(d, hn::ShiftLeft<52>(hn::Add(shifted, hn::Set(bits, 1023))));
}

/// How many times ln 2 is taken off x.
HWY_INLINE Vector times_ln2(Vector x) {
    const Doubles d;
    const Vector half = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Set(d, -0.5), hn::Set(d, 0.5));
    return hn::Trunc(hn::Add(hn::Mul(hn::Set(d, 1.44269504088896338700e+00), x), half));
}

/// exp(x - k ln 2)
HWY_INLINE Vector near_one(Vector x, Vector k) {
    const Doubles d;
    const Vector high = hn::Sub(x, hn::Mul(k, hn::Set(d, 6.93147180369123816490e-01)));
    const Vector low = hn::Mul(k, hn::Set(d, 1.90821492927058770002e-10));
    const Vector r = hn::Sub(high, low), t = hn::Mul(r, r);
    Vector sum = hn::Set(d, 4.13813679705723846039e-08);
    sum = hn::Add(hn::Set(d, -1.65339022054652515390e-06), hn::Mul(t, sum));
    sum = hn::Add(hn::Set(d, 6.61375632143793436117e-05), hn::Mul(t, sum));
    sum = hn::Add(hn::Set(d, -2.77777777770155933842e-03), hn::Mul(t, sum));
    sum = hn::Add(hn::Set(d, 1.66666666666666019037e-01), hn::Mul(t, sum));
    const Vector q = hn::Sub(r, hn::Mul(t, sum));
    const Vector quotient = hn::Div(hn::Mul(r, q), hn::Sub(hn::Set(d, 2.0), q));
    return hn::Sub(hn::Set(d, 1.0), hn::Sub(hn::Sub(low, quotient), high));
}

/// Where the result overflows, is subnormal or NaN.
HWY_INLINE Vector exp_of_any(Vector x) {
    const Doubles d;
    const auto set = [d](double value) HWY_ATTR { return hn::Set(d, value); };
    const Vector most = set(709.782712893383973096), least = set(-745.13321910194110842);
    const Vector inside = hn::Min(hn::Max(x, least), most), k = times_ln2(inside), y = near_one(inside, k);
    const auto is_large = hn::Gt(k, set(1023.0)), is_small = hn::Lt(k, set(-1021.0));
    const Vector shift = hn::IfThenElse(is_large, set(-1.0), hn::IfThenElseZero(is_small, set(1000.0)));
    const Vector doubled = hn::IfThenElse(is_large, hn::Mul(y, set(2.0)), y);
    const Vector scaled =
        hn::Mul(hn::Mul(doubled, power_of_two(hn::Add(k, shift))), hn::IfThenElse(is_small, set(0x1p-1000), set(1.0)));
    const Vector above = hn::IfThenElse(hn::Gt(x, most), set(std::numeric_limits<double>::infinity()), scaled);
    return hn::IfThenElse(hn::Eq(x, x), hn::IfThenZeroElse(hn::Lt(x, least), above), x);
}

/// math::exp, operation by operation.
HWY_INLINE Vector exp(Vector x) {
    const Doubles d;
    if (!hn::AllTrue(d, hn::Lt(hn::Abs(x), hn::Set(d, 700.0)))) return exp_of_any(x);
    const Vector k = times_ln2(x);
    return hn::Mul(near_one(x, k), power_of_two(k));
}

void Exps(double factor, double* values, std::int64_t size) {
    const Doubles d;
    for (std::int64_t i = 0; i < size; i += lanes)
        hn::StoreU(exp(hn::Mul(hn::Set(d, factor), hn::LoadU(d, values + i))), d, values + i);
}

}  // namespace holdfast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::kernels {

HWY_EXPORT(Dots);
HWY_EXPORT(SquaredDistances);
HWY_EXPORT(Exps);

std::vector<double> side_by_side(const std::vector<double>& vectors, std::int64_t width) {
    const std::int64_t count = width == 0 ? 0 : static_cast<std::int64_t>(vectors.size()) / width;
    std::vector<double> out(static_cast<std::size_t>((count + 7) / 8 * 8 * width));
    for (std::int64_t vector = 0; vector < count; ++vector) {
        for (std::int64_t i = 0; i < width; ++i)
            out[static_cast<std::size_t>((vector / 8 * width + i) * 8 + vector % 8)] =
                vectors[static_cast<std::size_t>(vector * width + i)];
    }
    return out;
}

void dots(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups, std::int64_t width,
          double* out) {
    HWY_DYNAMIC_DISPATCH(Dots)(x, rows, vectors, groups, width, out);
}

void squared_distances(const double* x, std::int64_t rows, const double* vectors, std::int64_t groups,
                       std::int64_t width, double* out) {
    HWY_DYNAMIC_DISPATCH(SquaredDistances)(x, rows, vectors, groups, width, out);
}

void exps(double factor, double* values, std::int64_t size) { HWY_DYNAMIC_DISPATCH(Exps)(factor, values, size); }

}  // namespace holdfast::kernels
#endif

#include "models/kernels/functions.hpp"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/kernels/functions.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::CappedTag<double, 8>;
using Vector = hn::Vec<Doubles>;
constexpr std::int64_t lanes = hn::MaxLanes(Doubles());

/// 2^k for whole k from -1022 to 1023.
HWY_INLINE Vector power_of_two(Vector k) {
    const Doubles d;
    const hn::RebindToUnsigned<Doubles> bits;
    // Its last bits are k's.
    const auto shifted = hn::BitCast(bits, hn::Add(k, hn::Set(d, 0x1.8p52)));
    return hn::BitCast(d, hn::ShiftLeft<52>(hn::Add(shifted, hn::Set(bits, 1023))));
}

/// x 2^k, where nothing overflows or is subnormal.
HWY_INLINE Vector times_power(Vector x, Vector k) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
    return Vector{_mm512_scalef_pd(x.raw, k.raw)};  // one instruction instead of four
#else
    return hn::Mul(x, power_of_two(k));
#endif
}

/// How many times ln 2 is taken off x.
HWY_INLINE Vector times_ln2(Vector x) {
    const Doubles d;
    const Vector half = hn::CopySignToAbs(hn::Set(d, 0.5), x);
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
    return times_power(near_one(x, k), k);
}

/// What expm1 makes of its argument before it looks at k.
struct Reduced {
    Vector k, r, correction, h, e;
};

HWY_INLINE Reduced reduce_for_expm1(Vector x) {
    const Doubles d;
    const auto set = [d](double value) HWY_ATTR { return hn::Set(d, value); };
    const Vector k = times_ln2(x);
    const Vector high = hn::Sub(x, hn::Mul(k, set(6.93147180369123816490e-01)));
    const Vector low = hn::Mul(k, set(1.90821492927058770002e-10));
    const Vector r = hn::Sub(high, low), correction = hn::Sub(hn::Sub(high, r), low);
    const Vector half = hn::Mul(set(0.5), r), h = hn::Mul(r, half);
    Vector r1 = set(-2.01099218183624371326e-07);
    r1 = hn::Add(set(4.00821782732936239552e-06), hn::Mul(h, r1));
    r1 = hn::Add(set(-7.93650757867487942473e-05), hn::Mul(h, r1));
    r1 = hn::Add(set(1.58730158725481460165e-03), hn::Mul(h, r1));
    r1 = hn::Add(set(-3.33333333333331316428e-02), hn::Mul(h, r1));
    r1 = hn::Add(set(1.0), hn::Mul(h, r1));
    const Vector t = hn::Sub(set(3.0), hn::Mul(r1, half));
    const Vector e = hn::Mul(h, hn::Div(hn::Sub(r1, t), hn::Sub(set(6.0), hn::Mul(r, t))));
    return {k, r, correction, h, e};
}

/// math::expm1, operation by operation, for x in (-2, 0) and [2, 44): its cases k = 1 and beyond do not arise.
HWY_INLINE Vector expm1_for_tanh(Vector x) {
    const Doubles d;
    const auto set = [d](double value) HWY_ATTR { return hn::Set(d, value); };
    const auto [k, r, correction, h, first] = reduce_for_expm1(x);
    const Vector at_0 = hn::Sub(r, hn::Sub(hn::Mul(r, first), h));
    const Vector e = hn::Sub(hn::Sub(hn::Mul(r, hn::Sub(first, correction)), correction), h);
    const Vector at_minus_1 = hn::Sub(hn::Mul(set(0.5), hn::Sub(r, e)), set(0.5));
    const Vector power = power_of_two(k), inverse = power_of_two(hn::Neg(k)), rest = hn::Sub(e, r);
    const Vector far = hn::Sub(hn::Mul(hn::Sub(set(1.0), rest), power), set(1.0));
    const Vector near = hn::Mul(hn::Sub(hn::Sub(set(1.0), inverse), rest), power);
    const Vector between = hn::Mul(hn::Add(hn::Sub(r, hn::Add(e, inverse)), set(1.0)), power);
    const Vector above = hn::IfThenElse(hn::Lt(k, set(20.0)), near, between);
    const auto is_far = hn::Or(hn::Le(k, set(-2.0)), hn::Gt(k, set(56.0)));
    const Vector other = hn::IfThenElse(hn::Eq(k, set(-1.0)), at_minus_1, hn::IfThenElse(is_far, far, above));
    return hn::IfThenElse(hn::Eq(k, hn::Zero(d)), at_0, other);
}

/// math::tanh, operation by operation.
HWY_INLINE Vector tanh(Vector x) {
    const Doubles d;
    const auto set = [d](double value) HWY_ATTR { return hn::Set(d, value); };
    const Vector size = hn::Abs(x);
    const auto is_small = hn::Lt(size, set(1.0)), is_large = hn::Ge(size, set(22.0));
    const auto is_tiny = hn::Lt(size, set(3.7252902984619141e-09));
    // Lanes that need no expm1 get an argument that it takes.
    const Vector inside = hn::IfThenElse(is_large, set(1.0), size);
    const Vector twice = hn::Mul(set(2.0), inside);
    const Vector t = expm1_for_tanh(hn::IfThenElse(is_small, hn::Mul(set(-2.0), inside), twice));
    const Vector below = hn::Div(hn::Neg(t), hn::Add(t, set(2.0)));
    const Vector above = hn::Sub(set(1.0), hn::Div(set(2.0), hn::Add(t, set(2.0))));
    Vector z = hn::IfThenElse(is_small, below, above);
    z = hn::IfThenElse(is_large, set(1.0), hn::IfThenElse(is_tiny, size, z));
    return hn::IfThenElse(hn::Eq(x, x), hn::CopySign(z, x), x);
}

/// `f` of every vector; the last one filled up with zeros.
template <class F>
HWY_INLINE void each(const double* x, std::int64_t size, double* out, F f) {
    const Doubles d;
    std::int64_t i = 0;
    for (; i + lanes <= size; i += lanes) hn::StoreU(f(hn::LoadU(d, x + i)), d, out + i);
    if (i == size) return;
    double rest[8] = {};
    std::copy(x + i, x + size, rest);
    hn::StoreU(f(hn::LoadU(d, rest)), d, rest);
    std::copy_n(rest, size - i, out + i);
}

void Exps(double factor, const double* x, std::int64_t size, double* out) {
    each(x, size, out, [factor](Vector value) HWY_ATTR { return exp(hn::Mul(hn::Set(Doubles(), factor), value)); });
}

void Logistics(const double* x, std::int64_t size, double* out) {
    each(x, size, out, [](Vector value) HWY_ATTR {
        const Vector one = hn::Set(Doubles(), 1.0);
        return hn::Div(one, hn::Add(one, exp(hn::Neg(value))));
    });
}

void Tanhs(const double* x, std::int64_t size, double* out) {
    each(x, size, out, [](Vector value) HWY_ATTR { return tanh(value); });
}

}  // namespace holdfast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::kernels {

HWY_EXPORT(Exps);
HWY_EXPORT(Logistics);
HWY_EXPORT(Tanhs);

void exps(double factor, const double* x, std::int64_t size, double* out) {
    HWY_DYNAMIC_DISPATCH(Exps)(factor, x, size, out);
}
void logistics(const double* x, std::int64_t size, double* out) { HWY_DYNAMIC_DISPATCH(Logistics)(x, size, out); }
void tanhs(const double* x, std::int64_t size, double* out) { HWY_DYNAMIC_DISPATCH(Tanhs)(x, size, out); }

}  // namespace holdfast::kernels
#endif

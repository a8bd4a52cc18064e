#include "models/engine/tree_walks/above.hpp"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/engine/tree_walks/above.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::engine::tree_walks::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
HWY_ATTR std::uint64_t Above(const T* x, const T* thresholds, std::size_t count) {
    const hn::CappedTag<T, 16> d;
    const std::size_t step = hn::Lanes(d);
    std::uint64_t below = 0;
    const auto look = [&](std::size_t i) HWY_ATTR {
        std::uint8_t bits[8] = {};
        hn::StoreMaskBits(d, hn::Le(hn::LoadU(d, x + i), hn::LoadU(d, thresholds + i)), bits);
        below |= (bits[0] | std::uint64_t{bits[1]} << 8) << i;
    };
    std::size_t i = 0;
    for (; i + step <= count; i += step) look(i);
    if (i < count && count >= step) {
        look(count - step);  // some a second time
    } else {
        for (; i < count; ++i) below |= std::uint64_t{x[i] <= thresholds[i]} << i;
    }
    return ~below & (~std::uint64_t{0} >> (64 - count));
}

template <class T>
HWY_ATTR bool HasNan(const T* x, std::size_t count) {
    const hn::CappedTag<T, 16> d;
    const std::size_t step = hn::Lanes(d);
    std::size_t i = 0;
    auto nan = hn::IsNaN(hn::Zero(d));
    for (; i + step <= count; i += step) nan = hn::Or(nan, hn::IsNaN(hn::LoadU(d, x + i)));
    bool some = !hn::AllFalse(d, nan);
    for (; i < count; ++i) some |= std::isnan(x[i]);
    return some;
}

std::uint64_t AboveFloats(const float* x, const float* thresholds, std::size_t count) {
    return Above(x, thresholds, count);
}
std::uint64_t AboveDoubles(const double* x, const double* thresholds, std::size_t count) {
    return Above(x, thresholds, count);
}

bool FloatsHaveNan(const float* x, std::size_t count) { return HasNan(x, count); }
bool DoublesHaveNan(const double* x, std::size_t count) { return HasNan(x, count); }

}  // namespace holdfast::engine::tree_walks::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::engine::tree_walks {

HWY_EXPORT(AboveFloats);
HWY_EXPORT(AboveDoubles);
HWY_EXPORT(FloatsHaveNan);
HWY_EXPORT(DoublesHaveNan);

std::uint64_t above(const float* x, const float* thresholds, std::size_t count) {
    return HWY_DYNAMIC_DISPATCH(AboveFloats)(x, thresholds, count);
}
std::uint64_t above(const double* x, const double* thresholds, std::size_t count) {
    return HWY_DYNAMIC_DISPATCH(AboveDoubles)(x, thresholds, count);
}
bool has_nan(const float* x, std::size_t count) { return HWY_DYNAMIC_DISPATCH(FloatsHaveNan)(x, count); }
bool has_nan(const double* x, std::size_t count) { return HWY_DYNAMIC_DISPATCH(DoublesHaveNan)(x, count); }

}  // namespace holdfast::engine::tree_walks
#endif

#include "models/engine/tree_walks/strikes.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/engine/tree_walks/strikes.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::engine::tree_walks::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using Bits = hn::Rebind<std::uint32_t, Floats>;
using Whole = hn::Rebind<std::int32_t, Floats>;
using Set = hn::Vec<Bits>;
constexpr std::size_t width = hn::MaxLanes(Floats());
constexpr std::size_t vectors = 16 / width;  // that make up the 16 rows
static_assert(width * vectors == 16);

constexpr std::int32_t nan_key = 0x7f800001;

/// All bits where x is above the threshold.
template <bool Nan>
HWY_INLINE Set above(hn::Vec<Whole> x, hn::Vec<Whole> threshold, std::uint32_t nan_below) {
    const Whole whole;
    const Bits bits;
    const Set above = hn::BitCast(bits, hn::VecFromMask(whole, hn::Gt(x, threshold)));
    if constexpr (!Nan) return above;
    const Set nan = hn::BitCast(bits, hn::VecFromMask(whole, hn::Eq(x, hn::Set(whole, nan_key))));
    return hn::AndNot(hn::And(nan, hn::Set(bits, nan_below)), above);
}

/// The number of the lowest bit, which is a power of two and so exact as a float; below 0 where there is none.
HWY_INLINE hn::Vec<Whole> lowest(Set set) {
    const Whole whole;
    const auto bits = hn::BitCast(whole, set);
    const auto power = hn::BitCast(Bits(), hn::ConvertTo(Floats(), hn::And(bits, hn::Neg(bits))));
    const auto exponent = hn::And(hn::BitCast(whole, hn::ShiftRight<23>(power)), hn::Set(whole, 255));
    return hn::Sub(exponent, hn::Set(whole, 127));
}

template <bool Nan, bool Wide>
HWY_INLINE void find(const Strike* strike, const Strike* end, const std::uint32_t* nan_below,
                     const std::int32_t* HWY_RESTRICT x, std::uint32_t* HWY_RESTRICT leaves) {
    const Bits bits;
    const Whole whole;
    Set low[vectors], high[vectors];
    for (std::size_t v = 0; v < vectors; ++v) low[v] = high[v] = hn::Set(bits, ~0U);
    for (; strike != end; ++strike) {
        const auto threshold = hn::Set(whole, strike->threshold);
        const std::int32_t* values = x + std::size_t{strike->feature} * 16;
        for (std::size_t v = 0; v < vectors; ++v) {
            const Set struck = above<Nan>(hn::LoadU(whole, values + v * width), threshold, Nan ? *nan_below : 0);
            low[v] = hn::AndNot(hn::And(struck, hn::Set(bits, strike->below[0])), low[v]);
            if constexpr (Wide) high[v] = hn::AndNot(hn::And(struck, hn::Set(bits, strike->below[1])), high[v]);
        }
        if constexpr (Nan) ++nan_below;
    }
    for (std::size_t v = 0; v < vectors; ++v) {
        auto leaf = lowest(low[v]);
        if constexpr (Wide) {
            const auto later = hn::Add(lowest(high[v]), hn::Set(whole, 32));
            leaf = hn::IfThenElse(hn::Lt(leaf, hn::Zero(whole)), later, leaf);
        }
        hn::StoreU(hn::BitCast(bits, leaf), bits, leaves + v * width);
    }
}

template <bool Nan>
HWY_INLINE void find_all(const StrikeTrees& trees, const std::int32_t* x, std::uint32_t* leaves) {
    for (std::int64_t tree = 0; tree < trees.trees; ++tree, leaves += 16) {
        const Strike* first = trees.strikes + trees.begin[tree];
        const Strike* end = trees.strikes + trees.begin[tree + 1];
        const std::uint32_t* nan_below = Nan ? trees.nan_below + trees.begin[tree] : nullptr;
        if (trees.wide[tree] != 0) {
            find<Nan, true>(first, end, nan_below, x, leaves);
        } else {
            find<Nan, false>(first, end, nan_below, x, leaves);
        }
    }
}

void FindLeaves(const StrikeTrees& trees, const std::uint32_t* keys, bool nan, std::uint32_t* leaves) {
    const auto* x = reinterpret_cast<const std::int32_t*>(keys);
    if (nan && trees.nan_below != nullptr) {
        find_all<true>(trees, x, leaves);
    } else {
        find_all<false>(trees, x, leaves);
    }
}

}  // namespace holdfast::engine::tree_walks::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::engine::tree_walks {

HWY_EXPORT(FindLeaves);

void find_leaves(const StrikeTrees& trees, const std::uint32_t* x, bool nan, std::uint32_t* leaves) {
    HWY_DYNAMIC_DISPATCH(FindLeaves)(trees, x, nan, leaves);
}

}  // namespace holdfast::engine::tree_walks
#endif

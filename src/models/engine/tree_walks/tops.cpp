#include "models/engine/tree_walks/tops.hpp"

#include <cstddef>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/engine/tree_walks/tops.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::engine::tree_walks::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Keys = hn::CappedTag<std::int32_t, 16>;
using Words = hn::CappedTag<std::int64_t, 16>;

/// The node of each row, by above(test, row): all bits where that and those behind it are above the threshold.
template <class D, class Above>
HWY_ATTR void PickNodes(D d, const std::uint32_t* nodes, Above above_at, std::uint32_t* to) {
    using Vector = hn::Vec<D>;
    constexpr std::size_t step = hn::MaxLanes(D());
    for (std::size_t row = 0; row < 16; row += step) {
        const auto above = [&](std::size_t test) HWY_ATTR { return above_at(test, row); };
        const auto pick = [](Vector by, Vector yes, Vector no) HWY_ATTR { return hn::IfVecThenElse(by, yes, no); };
        const Vector a = above(0);
        const Vector b = pick(a, above(2), above(1));
        const Vector c = pick(b, pick(a, above(6), above(4)), pick(a, above(5), above(3)));
        const Vector lower = pick(b, pick(a, above(13), above(9)), pick(a, above(11), above(7)));
        const Vector upper = pick(b, pick(a, above(14), above(10)), pick(a, above(12), above(8)));
        const auto worth = [d](Vector bits, int value) HWY_ATTR { return hn::And(bits, hn::Set(d, value)); };
        const Vector number =
            hn::Or(hn::Or(worth(a, 8), worth(b, 4)), hn::Or(worth(c, 2), worth(pick(c, upper, lower), 1)));
        hn::TFromD<D> numbers[step];
        hn::StoreU(number, d, numbers);
        for (std::size_t i = 0; i < step; ++i) to[row + i] = nodes[numbers[i]];
    }
}

void EnterKeys(const Top& top, const std::uint32_t* x, std::uint32_t* nodes) {
    const Keys d;
    const auto first_bit = hn::Set(d, std::numeric_limits<std::int32_t>::min());
    const auto above = [&](std::size_t test, std::size_t row) HWY_ATTR {
        const auto* keys = reinterpret_cast<const std::int32_t*>(x + top.features[test] + row);
        return hn::VecFromMask(d, hn::Lt(hn::Set(d, top.thresholds[test]), hn::Xor(hn::LoadU(d, keys), first_bit)));
    };
    PickNodes(d, top.nodes, above, nodes);
}

void EnterWords(const MaskedTop& top, const std::uint64_t* x, std::uint32_t* nodes) {
    const Words d;
    const auto above = [&](std::size_t test, std::size_t row) HWY_ATTR {
        const auto* words = reinterpret_cast<const std::int64_t*>(x + top.features[test] + row);
        const auto mask = hn::Set(d, static_cast<std::int64_t>(top.masks[test]));
        return hn::VecFromMask(d, hn::Lt(hn::Set(d, top.thresholds[test]), hn::And(hn::LoadU(d, words), mask)));
    };
    PickNodes(d, top.nodes, above, nodes);
}

}  // namespace holdfast::engine::tree_walks::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::engine::tree_walks {

HWY_EXPORT(EnterKeys);
HWY_EXPORT(EnterWords);

void enter(const Top& top, const std::uint32_t* x, std::uint32_t* nodes) {
    HWY_DYNAMIC_DISPATCH(EnterKeys)(top, x, nodes);
}
void enter(const MaskedTop& top, const std::uint64_t* x, std::uint32_t* nodes) {
    HWY_DYNAMIC_DISPATCH(EnterWords)(top, x, nodes);
}

}  // namespace holdfast::engine::tree_walks
#endif

#include "models/engine/tree_walks/row_strikes.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "models/engine/tree_walks/rank.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/engine/tree_walks/row_strikes.cpp"
#include <hwy/foreach_target.h>  // compiles this file once a target
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace holdfast::engine::tree_walks::HWY_NAMESPACE {

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3

// Highway 1.0 has no look-up of 16-bit numbers in two registers and no masked load: Intel's names.
using Register = __m512i;

/// Lane i: the bits of all lanes of sets[i] together.
HWY_INLINE Register or_lanes(const Register (&sets)[16]) {
    Register of_4[4], of_8[2];
    for (std::size_t i = 0; i < 4; ++i) {
        const Register* of = sets + 4 * i;
        const Register a = _mm512_or_si512(_mm512_unpacklo_epi32(of[0], of[1]), _mm512_unpackhi_epi32(of[0], of[1]));
        const Register b = _mm512_or_si512(_mm512_unpacklo_epi32(of[2], of[3]), _mm512_unpackhi_epi32(of[2], of[3]));
        of_4[i] = _mm512_or_si512(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    }
    const auto or_pairs = [](Register a, Register b) HWY_ATTR {
        return _mm512_or_si512(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
    };
    of_8[0] = or_pairs(of_4[0], of_4[1]);
    of_8[1] = or_pairs(of_4[2], of_4[3]);
    return or_pairs(of_8[0], of_8[1]);
}

/// The leaves that the tests of a tree strike out, in any lanes. `Pairs` of registers have the ranks of 64 features
/// each.
template <std::size_t Pairs>
HWY_INLINE Register struck(const RowTree& tree, const Register (&ranks)[2 * Pairs]) {
    const Register features = _mm512_load_si512(tree.features);
    Register values = _mm512_permutex2var_epi16(ranks[0], features, ranks[1]);
    for (std::size_t i = 1; i < Pairs; ++i) {
        const __mmask32 here = _mm512_cmpge_epu16_mask(features, _mm512_set1_epi16(static_cast<short>(64 * i)));
        values =
            _mm512_mask_blend_epi16(here, values, _mm512_permutex2var_epi16(ranks[2 * i], features, ranks[2 * i + 1]));
    }
    const __mmask32 above = _mm512_cmpgt_epu16_mask(values, _mm512_load_si512(tree.thresholds));
    return _mm512_or_si512(
        _mm512_maskz_load_epi32(static_cast<__mmask16>(above), tree.below),
        _mm512_maskz_load_epi32(static_cast<__mmask16>(_kshiftri_mask32(above, 16)), tree.below + 16));
}

template <std::size_t Pairs>
void find(const RowTree* trees, std::size_t count, const std::uint16_t* x, std::uint32_t* leaves) {
    Register ranks[2 * Pairs];
    for (std::size_t i = 0; i < 2 * Pairs; ++i) ranks[i] = _mm512_load_si512(x + 32 * i);
    for (std::size_t tree = 0; tree < count; tree += 16) {
        Register sets[16];
        for (std::size_t i = 0; i < 16; ++i) sets[i] = struck<Pairs>(trees[std::min(tree + i, count - 1)], ranks);
        const Register set = or_lanes(sets);
        // The first leaf that is left, a power of two and so exact as a float: its number is the exponent.
        const Register first = _mm512_andnot_si512(set, _mm512_add_epi32(set, _mm512_set1_epi32(1)));
        const Register exponent = _mm512_srli_epi32(_mm512_castps_si512(_mm512_cvtepu32_ps(first)), 23);
        const Register leaf = _mm512_sub_epi32(exponent, _mm512_set1_epi32(127));
        const auto some = static_cast<__mmask16>(0xffffU >> (16 - std::min<std::size_t>(16, count - tree)));
        _mm512_mask_storeu_epi32(leaves + tree, some, leaf);
    }
}

/// False where the instruction set has no such thing.
bool FindRow(const RowTree* trees, std::size_t count, const std::uint16_t* x, std::size_t pairs,
             std::uint32_t* leaves) {
    if (count == 0) return true;
    switch (pairs) {
        case 1: find<1>(trees, count, x, leaves); break;
        case 2: find<2>(trees, count, x, leaves); break;
        case 3: find<3>(trees, count, x, leaves); break;
        default: find<4>(trees, count, x, leaves);
    }
    return true;
}

#else

bool FindRow(const RowTree*, std::size_t, const std::uint16_t*, std::size_t, std::uint32_t*) { return false; }

#endif

}  // namespace holdfast::engine::tree_walks::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace holdfast::engine::tree_walks {

HWY_EXPORT(FindRow);

namespace {

constexpr std::size_t most_tests = 31;
constexpr std::size_t most_features = 256;
constexpr std::uint16_t above_ranks = 0xffff;  // a threshold that no rank is above

Key threshold_of(const Strike& strike) { return static_cast<Key>(strike.threshold) ^ 0x80000000U; }

std::uint16_t rank16(std::span<const Key> bounds, Key x) { return static_cast<std::uint16_t>(rank_of(bounds, x)); }

}  // namespace

RowTree::RowTree() { std::fill(std::begin(thresholds), std::end(thresholds), above_ranks); }

std::unique_ptr<RowStrikes> RowStrikes::make(std::span<const Strike> strikes, std::span<const std::uint32_t> begin,
                                             std::int64_t features) {
    const bool runs = HWY_DYNAMIC_DISPATCH(FindRow)(nullptr, 0, nullptr, 1, nullptr);
    if (!runs || features > static_cast<std::int64_t>(most_features)) return nullptr;
    std::unique_ptr<RowStrikes> made(new RowStrikes);
    made->add_bounds(strikes, features);
    for (std::size_t feature = 0; feature + 1 < made->begin_.size(); ++feature) {
        if (made->bounds(feature).size() >= above_ranks) return nullptr;
    }
    for (std::size_t tree = 0; tree + 1 < begin.size(); ++tree) {
        const auto tests = strikes.subspan(begin[tree], begin[tree + 1] - begin[tree]);
        if (tests.size() > most_tests) return nullptr;
        made->add_tree(tests);
    }
    return made;
}

void RowStrikes::add_bounds(std::span<const Strike> strikes, std::int64_t features) {
    std::vector<std::vector<Key>> of_feature(static_cast<std::size_t>(features));
    for (const Strike& strike : strikes) of_feature[strike.feature].push_back(threshold_of(strike));
    for (auto& bounds : of_feature) {
        std::sort(bounds.begin(), bounds.end());
        begin_.push_back(static_cast<std::uint32_t>(bounds_.size()));
        bounds_.insert(bounds_.end(), bounds.begin(), std::unique(bounds.begin(), bounds.end()));
    }
    begin_.push_back(static_cast<std::uint32_t>(bounds_.size()));
}

void RowStrikes::add_tree(std::span<const Strike> strikes) {
    RowTree tree;
    for (std::size_t i = 0; i < strikes.size(); ++i) {
        tree.features[i] = static_cast<std::uint16_t>(strikes[i].feature);
        tree.thresholds[i] = rank16(bounds(strikes[i].feature), threshold_of(strikes[i]));
        tree.below[i] = strikes[i].below[0];
    }
    trees_.push_back(tree);
}

void RowStrikes::find(const Key* x, std::uint32_t* leaves) const {
    alignas(64) std::uint16_t ranks[most_features];
    const std::size_t features = begin_.size() - 1, pairs = std::max<std::size_t>(1, (features + 63) / 64);
    std::fill_n(ranks, 64 * pairs, std::uint16_t{0});
    for (std::size_t feature = 0; feature < features; ++feature)
        ranks[feature] = rank16(bounds(feature), x[feature * lanes]);
    HWY_DYNAMIC_DISPATCH(FindRow)(trees_.data(), trees_.size(), ranks, pairs, leaves);
}

}  // namespace holdfast::engine::tree_walks
#endif

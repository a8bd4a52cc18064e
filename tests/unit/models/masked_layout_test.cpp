// Runs of indicators become one test of a mask, and halves of it: depths and masks by hand.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "models/engine/tree_walks/masked_layout.hpp"
#include "models/engine/tree_walks/tree_walks.hpp"

namespace holdfast::engine::tree_walks {
namespace {

/// One tree that asks feature after feature "x <= 0.5?"; the first that is above ends the walk.
forms::Trees chain(const std::vector<std::int32_t>& features) {
    forms::Trees form;
    form.features = 200;
    form.outputs = 1;
    form.input = DType::float32;
    form.roots = {0};
    form.leaf_begin = {0};
    const auto add = [&form](std::int32_t left, std::int32_t right, std::int32_t feature) {
        form.left.push_back(left);
        form.right.push_back(right);
        form.feature.push_back(feature);
        form.threshold.push_back(0.5);
        form.default_left.push_back(0);
        if (left < 0) {
            form.leaf_output.push_back(0);
            form.leaf_value.push_back(static_cast<double>(form.left.size()));
        }
        form.leaf_begin.push_back(static_cast<std::int64_t>(form.leaf_output.size()));
    };
    std::int32_t node = 0;
    for (const std::int32_t feature : features) {
        add(node + 2, node + 1, feature);
        add(-1, -1, -1);
        node += 2;
    }
    add(-1, -1, -1);
    return form;
}

struct Seen {
    std::vector<Word> masks;
    std::vector<std::uint32_t> words;
    std::vector<std::uint32_t> leaves, depths;  // in the order of the visit
    bool pays = false;
};

Seen visit(const forms::Trees& form) {
    const auto tests = std::make_shared<const Tests>(form, ValueType{DType::float32, form.features});
    const Layout layout(form, *tests);
    const Masks masks(tests, layout);
    const MaskedLayout masked(masks, form, *tests, layout);
    Seen seen;
    seen.pays = masked.pays();
    masked.visit(
        0,
        [&](const Way&, const MaskedTest& test) {
            seen.masks.push_back(test.mask);
            seen.words.push_back(test.feature);
        },
        [&](const Way& way, std::uint32_t leaf) {
            seen.leaves.push_back(leaf);
            seen.depths.push_back(way.depth);
        });
    return seen;
}

TEST(MaskedLayout, TestsARunAtOnceAndThenItsHalves) {
    const Seen seen = visit(chain({3, 4, 5, 6}));
    // Any of the four? Of those above one: any of the first two? Of the others, then of these, the first?
    EXPECT_EQ(seen.masks, (std::vector<Word>{0b1111, 0b0011, 0b0100, 0b0001}));
    EXPECT_EQ(seen.words, (std::vector<std::uint32_t>{0, 0, 0, 0}));
    // In the plain layout the last test's lower leaf is the first one met, and the first test's upper one the last.
    EXPECT_EQ(seen.leaves, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(seen.depths, (std::vector<std::uint32_t>{1, 3, 3, 3, 3}));
}

TEST(MaskedLayout, IsLessDeepByTheLogarithm) {
    std::vector<std::int32_t> features;
    for (std::int32_t i = 0; i < 63; ++i) features.push_back(i);
    const Seen seen = visit(chain(features));
    EXPECT_TRUE(seen.pays);
    EXPECT_EQ(seen.depths.front(), 1U);
    for (std::size_t i = 1; i < seen.depths.size(); ++i) {
        EXPECT_GE(seen.depths[i], 1U + 5U);
        EXPECT_LE(seen.depths[i], 1U + 6U);
    }
}

TEST(MaskedLayout, EndsARunWhereTheWordEnds) {
    const Seen seen = visit(chain({0, 62, 63, 125, 126}));  // of 63 neighbours each
    EXPECT_EQ(seen.words, (std::vector<std::uint32_t>{0, 1, 2, 1, 0}));
    EXPECT_EQ(seen.masks, (std::vector<Word>{(Word{1} << 62) | 1, (Word{1} << 62) | 1, 1, 1, 1}));
    EXPECT_EQ(seen.depths, (std::vector<std::uint32_t>{3, 3, 3, 3, 2, 2}));
}

TEST(MaskedLayout, LeavesFeaturesOfSeveralThresholdsAlone) {
    forms::Trees form = chain({0, 1, 1, 0});
    form.threshold[0] = 0.25;
    form.threshold[2] = 0.25;
    const Seen seen = visit(form);
    EXPECT_EQ(seen.masks, std::vector<Word>(4, ~Word{0}));
    EXPECT_EQ(seen.words, (std::vector<std::uint32_t>{0, 1, 1, 0}));
    EXPECT_EQ(seen.depths, (std::vector<std::uint32_t>{4, 4, 3, 2, 1}));
    EXPECT_FALSE(seen.pays);
}

TEST(Masks, CoverRowsWhoseIndicatorsAreNoNan) {
    const forms::Trees form = chain({10, 40, 72, 73, 90});
    const ValueType input{DType::float32, form.features};
    const auto tests = std::make_shared<const Tests>(form, input);
    const Masks masks(tests, Layout(form, *tests));
    std::vector<float> x(3 * 200, 0.0F);
    const Block block{x.data(), input};
    EXPECT_TRUE(masks.cover(block, 3));
    for (const std::size_t feature : {10U, 40U, 72U, 73U, 90U}) {
        float& value = x[2 * 200 + feature];
        value = std::numeric_limits<float>::quiet_NaN();
        EXPECT_FALSE(masks.cover(block, 3)) << feature;
        EXPECT_TRUE(masks.cover(block, 2)) << feature;
        value = std::numeric_limits<float>::infinity();
        EXPECT_TRUE(masks.cover(block, 3)) << feature;
    }
    x[9] = x[91] = std::numeric_limits<float>::quiet_NaN();  // nobody reads these
    EXPECT_TRUE(masks.cover(block, 3));
}

TEST(MaskedLayout, IsTakenWhereItPays) {
    std::vector<std::int32_t> features;
    for (std::int32_t i = 0; i < 150; ++i) features.push_back(i);  // more leaves than bit vectors take
    const ValueType input{DType::float32, 200};
    const auto bytes = [&](const forms::Trees& form, TreeEngine engine) {
        return make(form, input, engine)->workspace_bytes(1000);
    };
    const forms::Trees indicators = chain(features);
    EXPECT_EQ(make_fastest(indicators, input)->workspace_bytes(1000), bytes(indicators, TreeEngine::masked_walks));
    EXPECT_NE(bytes(indicators, TreeEngine::walks), bytes(indicators, TreeEngine::masked_walks));
    forms::Trees numbers = indicators;
    for (std::size_t node = 0; node < numbers.left.size(); ++node) {
        if (numbers.left[node] < 0) continue;
        numbers.feature[node] %= 10;
        numbers.threshold[node] = static_cast<double>(node);
    }
    EXPECT_EQ(make_fastest(numbers, input)->workspace_bytes(1000), bytes(numbers, TreeEngine::walks));
}

}  // namespace
}  // namespace holdfast::engine::tree_walks

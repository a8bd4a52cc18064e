// Every engine of tree ensembles gives the bits of the general one, on random ensembles of every kind it takes.
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include <holdfast/data/dtype.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/tree_walks/tree_walks.hpp"

namespace holdfast::engine {
namespace {

using forms::Aggregate;
using forms::Comparison;
using forms::Missing;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

class RandomTrees {
  public:
    explicit RandomTrees(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }
    bool chance(std::size_t of) { return below(of) == 0; }

    /// Few distinct values, so that inputs meet thresholds; none of them a float32 but the whole and the half ones.
    double value() {
        static const std::vector<double> special{0.0,    -0.0, 0.1,  -0.1,     1.0 / 3.0, 1e-300, -1e-300,  1e300,
                                                 -1e300, 1.5,  -2.5, 16777217, 5e-324,    1e-45,  infinity, -infinity};
        return chance(3) ? special[below(special.size())] : static_cast<double>(below(40)) / 8.0 - 2.5;
    }

    forms::Trees form() {
        return form(static_cast<std::int64_t>(chance(4) ? 70000 : 1 + below(9)), chance(3) ? 400 : 64, 1 + below(40));
    }

    /// Of indicators most of all, each with its own threshold.
    forms::Trees form_of_indicators(std::int64_t features, std::size_t most, std::size_t trees) {
        for (std::int64_t feature = 0; feature < features; ++feature)
            indicator_.push_back(chance(8) ? nan : chance(2) ? 0.5 : value());
        return form(features, most, trees);
    }

    forms::Trees form(std::int64_t features, std::size_t most, std::size_t trees) {
        forms::Trees form;
        form.features = features;
        form.outputs = static_cast<std::int64_t>(chance(2) ? 1 : 1 + below(4));
        form.input = chance(2) ? DType::float32 : DType::float64;
        form.accumulate = chance(2) ? DType::float32 : DType::float64;
        form.aggregate = chance(2) ? Aggregate::sum : Aggregate::average;
        form.comparison = order();
        mixed_ = chance(3);
        form.missing = missing();
        of_nodes_ = chance(3);
        mixed_ = mixed_ && indicator_.empty();
        leaves_ = below(3);
        const std::size_t most_leaves = 1 + below(most);
        form.leaf_begin.push_back(0);
        for (std::size_t tree = 0; tree < trees; ++tree) {
            tree_output_ = static_cast<std::int32_t>(tree) % static_cast<std::int32_t>(form.outputs);
            grow(form, chance(5) ? 1 : 1 + below(most_leaves));
            if (weighted_) form.tree_weight.push_back(value_of_leaf());
        }
        if (chance(2)) {
            for (std::int64_t i = 0; i < form.outputs; ++i) form.base.push_back(value_of_leaf());
        }
        return form;
    }

  private:
    Comparison order() {
        constexpr Comparison orders[] = {Comparison::less_equal, Comparison::less, Comparison::greater_equal,
                                         Comparison::greater};
        return orders[below(4)];
    }
    Missing missing() {
        constexpr Missing rules[] = {Missing::none, Missing::nan, Missing::nan_as_zero};
        return rules[below(3)];
    }
    double value_of_leaf() {
        return std::ldexp(static_cast<double>(below(2000)) - 1000.0, -static_cast<int>(below(30)));
    }

    std::int32_t add_node(forms::Trees& form) {
        form.left.push_back(-1);
        form.right.push_back(-1);
        form.feature.push_back(-1);
        form.threshold.push_back(0.0);
        form.default_left.push_back(chance(2) ? 1 : 0);
        if (mixed_) form.comparisons.push_back(order());
        if (of_nodes_) form.missings.push_back(missing());
        return static_cast<std::int32_t>(form.left.size()) - 1;
    }

    /// A tree of that many leaves: a leaf at random is split until there are enough.
    void grow(forms::Trees& form, std::size_t leaves) {
        const std::size_t first = form.left.size();
        std::vector<std::int32_t> open{add_node(form)};
        form.roots.push_back(open[0]);
        while (open.size() < leaves) {
            const std::size_t at = chance(3) ? open.size() - 1 : below(open.size());
            const std::int32_t left = add_node(form), right = add_node(form);
            const auto node = static_cast<std::size_t>(open[at]);
            form.left[node] = left;
            form.right[node] = right;
            form.feature[node] = static_cast<std::int32_t>(below(static_cast<std::size_t>(form.features)));
            if (form.features > 100) form.feature[node] = form.feature[node] / 7000 * 7000;
            form.threshold[node] = value();
            if (!indicator_.empty()) {
                const double threshold = indicator_[static_cast<std::size_t>(form.feature[node])];
                if (!std::isnan(threshold)) form.threshold[node] = threshold;
            }
            open[at] = left;
            open.push_back(right);
        }
        for (std::size_t node = first; node < form.left.size(); ++node) add_leaf(form, form.left[node] < 0);
    }

    void add_leaf(forms::Trees& form, bool leaf) {
        const auto add = [&](std::int32_t output) {
            form.leaf_output.push_back(output);
            form.leaf_value.push_back(value_of_leaf());
        };
        if (leaf && leaves_ == 0) add(tree_output_);
        for (std::int32_t output = 0; leaf && leaves_ > 0 && output < form.outputs; ++output) {
            if (leaves_ == 1 || chance(2)) add(output);
        }
        form.leaf_begin.push_back(static_cast<std::int64_t>(form.leaf_output.size()));
    }

    std::mt19937 random_;
    bool mixed_ = false, of_nodes_ = false, weighted_ = chance(2);
    std::size_t leaves_ = 0;  // 0: the tree's output; 1: every output; 2: some
    std::int32_t tree_output_ = 0;
    std::vector<double> indicator_;  // of each feature, the threshold of all its tests, or NaN
};

template <class T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;

template <class T>
std::vector<Stored<T>> inputs(RandomTrees& random, std::size_t size, bool missing) {
    std::vector<Stored<T>> x(size);
    for (Stored<T>& value : x) {
        if constexpr (std::is_floating_point_v<T>) {
            value = missing && random.chance(9) ? static_cast<T>(nan) : static_cast<T>(random.value());
        } else if constexpr (std::is_same_v<T, bool>) {
            value = random.chance(2) ? 1 : 0;
        } else {
            value = static_cast<T>(static_cast<std::int64_t>(random.below(7)) - 3);
        }
    }
    return x;
}

/// The bytes of the answers to `rows` rows.
std::string answers(const Step& step, const forms::Trees& form, const Block& x, std::int64_t rows) {
    const std::size_t item = form.accumulate == DType::float32 ? 4 : 8;
    std::string out(static_cast<std::size_t>(rows * form.outputs) * item, '\xff');
    const auto bytes = static_cast<std::size_t>(step.workspace_bytes(rows));
    struct alignas(64) Line {
        std::byte bytes[64];
    };
    std::vector<Line> workspace(bytes / 64 + 1);
    std::vector<double> aligned(out.size() / 8 + 1);
    Work work;
    work.rows = rows;
    work.inputs = {&x, 1};
    work.output = {aligned.data(), {form.accumulate, form.outputs}};
    work.workspace = workspace[0].bytes;
    step.run(work);
    std::memcpy(out.data(), aligned.data(), out.size());
    return out;
}

using Compared = std::map<TreeEngine, int>;  // how many forms each engine took

template <class T>
void compare(RandomTrees& random, const forms::Trees& form, Compared& compared, unsigned seed) {
    const ValueType type{dtype_of<T>, form.features};
    const auto general = make_trees(form, type, TreeEngine::general);
    const std::int64_t most = form.features > 100 ? 17 : 1000;
    auto x = inputs<T>(random, static_cast<std::size_t>(most * form.features), random.chance(2));
    const Block block{x.data(), type};
    for (const TreeEngine engine : {TreeEngine::walks, TreeEngine::bit_vectors, TreeEngine::masked_walks}) {
        const auto step = make_trees(form, type, engine);
        if (step == nullptr) continue;
        ++compared[engine];
        for (const std::int64_t rows : {1, 2, 15, 16, 17, 255, 256, 1000}) {
            if (rows > most) break;
            ASSERT_TRUE(answers(*step, form, block, rows) == answers(*general, form, block, rows))
                << "seed " << seed << ", engine " << static_cast<int>(engine) << ", " << rows << " rows";
        }
    }
}

TEST(TreeEngines, GiveTheBitsOfTheGeneralOne) {
    Compared compared;
    for (unsigned seed = 0; seed < 200; ++seed) {
        RandomTrees random(seed);
        const forms::Trees form = random.form();
        switch (seed % 4) {
            case 0: compare<double>(random, form, compared, seed); break;
            case 1: compare<std::int64_t>(random, form, compared, seed); break;
            default: compare<float>(random, form, compared, seed);
        }
        if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_EQ(compared[TreeEngine::walks], 200);
    EXPECT_GT(compared[TreeEngine::bit_vectors], 100);
}

TEST(TreeEngines, GiveTheSameBitsOnEveryInstructionSet) {
    Compared compared;
    for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1) {
        hwy::SetSupportedTargetsForTest(rest & -rest);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        for (unsigned seed = 1000; seed < 1010; ++seed) {
            RandomTrees random(seed);
            const forms::Trees form = random.form();
            compare<float>(random, form, compared, seed);
            const forms::Trees indicators = random.form_of_indicators(100, 200, 20);
            compare<float>(random, indicators, compared, seed);
            compare<double>(random, indicators, compared, seed);
        }
        hwy::SetSupportedTargetsForTest(0);
        hwy::GetChosenTarget().DeInit();
    }
    EXPECT_GT(compared[TreeEngine::bit_vectors], 0);
    EXPECT_GE(compared[TreeEngine::masked_walks], 40);
}

TEST(TreeEngines, GiveTheBitsOfTheGeneralOneForARowOfManyFeatures) {
    Compared compared;
    for (const std::int64_t features : {1, 63, 64, 65, 100, 128, 150, 192, 193, 256, 257}) {
        for (unsigned seed = 2000; seed < 2006; ++seed) {
            RandomTrees random(seed);
            const forms::Trees form = random.form(features, 32, 1 + random.below(40));
            if (seed % 2 == 0) {
                compare<double>(random, form, compared, seed);
            } else {
                compare<float>(random, form, compared, seed);
            }
        }
    }
    EXPECT_EQ(compared[TreeEngine::bit_vectors], 66);
}

TEST(TreeEngines, GiveTheBitsOfTheGeneralOneForManyUnevenTrees) {
    Compared compared;
    for (const std::size_t trees : {63, 64, 65, 80, 97}) {
        for (unsigned seed = 3000; seed < 3004; ++seed) {
            RandomTrees random(seed);
            const forms::Trees form = random.form(6, 700, trees);
            compare<float>(random, form, compared, seed);
        }
    }
    EXPECT_EQ(compared[TreeEngine::walks], 20);
}

TEST(TreeEngines, GiveTheBitsOfTheGeneralOneForIndicators) {
    Compared compared;
    int forms = 0;
    for (const std::int64_t features : {1, 2, 8, 16, 17, 62, 63, 64, 65, 127, 200}) {
        for (unsigned seed = 4000; seed < 4012; ++seed, ++forms) {
            RandomTrees random(seed);
            const std::size_t trees = random.chance(2) ? 64 + random.below(20) : 1 + random.below(5);
            const forms::Trees form = random.form_of_indicators(features, random.chance(2) ? 40 : 500, trees);
            switch (seed % 4) {
                case 0: compare<double>(random, form, compared, seed); break;
                case 1: compare<std::int64_t>(random, form, compared, seed); break;
                case 2: compare<bool>(random, form, compared, seed); break;
                default: compare<float>(random, form, compared, seed);
            }
            if (testing::Test::HasFatalFailure()) return;
        }
    }
    EXPECT_EQ(compared[TreeEngine::walks], forms);
    EXPECT_GT(compared[TreeEngine::masked_walks], forms * 9 / 10);
}

TEST(TreeEngines, GiveTheBitsOfTheGeneralOneForLargeTreesOfIndicators) {
    Compared compared;
    std::size_t nodes = 0;
    for (unsigned seed = 5000; seed < 5006; ++seed) {
        RandomTrees random(seed);
        const forms::Trees form = random.form_of_indicators(150, 120000, 1);
        compare<float>(random, form, compared, seed);
        nodes = std::max(nodes, form.left.size());
    }
    EXPECT_GE(compared[TreeEngine::masked_walks], 5);  // one is a leaf
    EXPECT_GT(nodes, 65536U);                          // distances of 16 bits do not reach
}

forms::Trees stump() {
    forms::Trees form;
    form.features = 1;
    form.outputs = 1;
    form.roots = {0};
    form.left = {1, -1, -1};
    form.right = {2, -1, -1};
    form.feature = {0, -1, -1};
    form.threshold = {0.5, 0, 0};
    form.default_left = {0, 0, 0};
    form.leaf_begin = {0, 0, 1, 2};
    form.leaf_output = {0, 0};
    form.leaf_value = {1, 2};
    return form;
}

TEST(TreeEngines, LeaveOtherFormsToTheGeneralOne) {
    const ValueType type{DType::float64, 1};
    const auto taken = [&](const forms::Trees& form) {
        return make_trees(form, type, TreeEngine::walks) != nullptr ||
               make_trees(form, type, TreeEngine::bit_vectors) != nullptr;
    };
    EXPECT_TRUE(taken(stump()));
    for (const Comparison comparison :
         {Comparison::equal, Comparison::not_equal, Comparison::in_set, Comparison::not_in_set}) {
        forms::Trees form = stump();
        form.comparison = comparison;
        EXPECT_FALSE(taken(form));
    }
    for (const Missing missing : {Missing::zero, Missing::value}) {
        forms::Trees form = stump();
        form.missing = missing;
        EXPECT_FALSE(taken(form));
    }
    for (const Aggregate aggregate : {Aggregate::minimum, Aggregate::maximum}) {
        forms::Trees form = stump();
        form.aggregate = aggregate;
        EXPECT_FALSE(taken(form));
    }
    forms::Trees form = stump();
    form.threshold[0] = nan;
    EXPECT_FALSE(taken(form));
    form = stump();
    form.linear_begin = {0, 0, 0, 0};
    form.linear_constant = {0.0, 1.0, 2.0};
    EXPECT_FALSE(taken(form));
}

/// A tree whose every left child is a leaf, or every right one.
forms::Trees chain(std::int32_t splits, bool to_the_right) {
    forms::Trees form;
    form.features = 1;
    form.outputs = 1;
    form.roots = {0};
    form.leaf_begin = {0};
    for (std::int32_t i = 0; i <= 2 * splits; ++i) {
        const bool inner = i % 2 == 0 && i < 2 * splits;
        form.left.push_back(!inner ? -1 : to_the_right ? i + 1 : i + 2);
        form.right.push_back(!inner ? -1 : to_the_right ? i + 2 : i + 1);
        form.feature.push_back(inner ? 0 : -1);
        form.threshold.push_back(to_the_right ? i : -i);
        if (!inner) {
            form.leaf_output.push_back(0);
            form.leaf_value.push_back(i);
        }
        form.leaf_begin.push_back(static_cast<std::int64_t>(form.leaf_output.size()));
    }
    return form;
}

TEST(TreeEngines, WalkTreesOfAnyDepthAndSize) {
    for (const std::int32_t splits : {63, 64, 32766, 32767, 40000}) {
        for (const bool to_the_right : {false, true}) {
            const forms::Trees form = chain(splits, to_the_right);
            const ValueType type{DType::float32, 1};
            const auto general = make_trees(form, type, TreeEngine::general);
            const auto walks = make_trees(form, type, TreeEngine::walks);
            const auto bit_vectors = make_trees(form, type, TreeEngine::bit_vectors);
            ASSERT_NE(walks, nullptr);
            EXPECT_EQ(bit_vectors != nullptr, splits < 64);
            std::vector<float> x;
            constexpr int many = 214;  // the last group is not whole
            for (int row = 0; row < many; ++row)
                x.push_back((to_the_right ? 1.0F : -1.0F) * static_cast<float>(row * 430));
            x[7] = std::numeric_limits<float>::quiet_NaN();
            const Block block{x.data(), type};
            for (const int rows : {20, many})
                EXPECT_EQ(answers(*walks, form, block, rows), answers(*general, form, block, rows));
            if (bit_vectors == nullptr) continue;
            EXPECT_EQ(answers(*bit_vectors, form, block, 20), answers(*general, form, block, 20));
        }
    }
}

}  // namespace
}  // namespace holdfast::engine

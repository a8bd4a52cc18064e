#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/math.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/multivariate.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/boosted_trees.hpp"
#include "stats/kernel_sums.hpp"
#include "stats/permutations.hpp"

namespace holdfast::stats {
namespace {

// About normal; no library's function, so the same everywhere.
double draw(Rng& rng) {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += rng.uniform();
    return sum;
}

detail::PooledColumns pool(std::int64_t n, std::int64_t m, std::size_t columns) {
    Rng rng(1, "multivariate_test", "");
    detail::PooledColumns pooled;
    pooled.n = n;
    pooled.m = m;
    pooled.columns.resize(columns);
    for (auto& column : pooled.columns) {
        for (std::int64_t row = 0; row < n + m; ++row) column.push_back(draw(rng));
    }
    return pooled;
}

Table table(std::int64_t rows, double shift, const char* key) {
    Rng rng(2, "multivariate_test", key);
    std::vector<double> x, y;
    std::vector<std::string> text;
    for (std::int64_t row = 0; row < rows; ++row) {
        x.push_back(draw(rng));
        y.push_back(draw(rng) + shift);
        text.emplace_back(rng.uniform() < 0.5 ? "a" : "b");
    }
    return Table().add("x", Column::of(x)).add("y", Column::of(y)).add("t", Column::strings(text));
}

double kernel(const detail::PooledColumns& pooled, std::int64_t i, std::int64_t j, double rate) {
    double sum = 0.0;
    for (const auto& column : pooled.columns) {
        const double gap = column[static_cast<std::size_t>(i)] - column[static_cast<std::size_t>(j)];
        sum += gap * gap;
    }
    return math::exp(std::max(-rate * sum, -700.0));
}

TEST(KernelSums, AreThoseOfEveryPair) {
    for (const auto& [n, m] : {std::pair{1, 1}, std::pair{3, 130}, std::pair{128, 128}, std::pair{300, 141}}) {
        const auto pooled = pool(n, m, 3);
        detail::Splits splits("mmd", 3, n, m, 1);
        std::vector<std::vector<std::uint8_t>> drawn;
        detail::SplitFlags flags(n + m, 30);
        for (std::int64_t s = 0; s < 30; ++s) {
            const auto split = splits.next();
            drawn.emplace_back(split.begin(), split.end());
            flags.set(s, split);
        }
        const auto sums = detail::kernel_sums(pooled, 0.3, flags);
        for (std::size_t s = 0; s < drawn.size(); ++s) {
            double both = 0.0, touched = 0.0, all = 0.0;
            for (std::int64_t i = 0; i < n + m; ++i) {
                for (std::int64_t j = 0; j < i; ++j) {
                    const double value = kernel(pooled, i, j, 0.3);
                    const int in = drawn[s][static_cast<std::size_t>(i)] + drawn[s][static_cast<std::size_t>(j)];
                    all += value;
                    touched += in * value;
                    both += in == 2 ? value : 0.0;
                }
            }
            EXPECT_NEAR(sums.both[s], both, 1e-12 * all);
            EXPECT_NEAR(sums.touched[s], touched, 1e-12 * all);
            EXPECT_NEAR(sums.all, all, 1e-12 * all);
        }
    }
}

TEST(KernelSums, OfTwoRowsAreTheExponentialToTheBit) {
    for (const double rate : {0.0, 1e-9, 0.1, 1.0, 30.0, 200.0, 1e6}) {
        const auto pooled = pool(1, 1, 2);
        EXPECT_EQ(detail::kernel_sums(pooled, rate, detail::SplitFlags(2, 1)).all, kernel(pooled, 0, 1, rate));
    }
}

class KernelTargets : public testing::TestWithParam<std::int64_t> {
  protected:
    void TearDown() override { choose(0); }
    static void choose(std::int64_t targets) {
        hwy::SetSupportedTargetsForTest(targets);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
};

std::vector<std::int64_t> targets() {
    std::vector<std::int64_t> all;
    for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1)
        all.push_back(rest & -rest);
    return all;
}

TEST_P(KernelTargets, GiveTheSameBits) {
    const auto pooled = pool(150, 260, 4);
    detail::Splits splits("mmd", 3, 150, 260, 1);
    detail::SplitFlags flags(410, 50);
    for (std::int64_t s = 0; s < 50; ++s) flags.set(s, splits.next());
    choose(0);
    detail::RowSums wanted_rows, seen_rows;
    const auto wanted = detail::kernel_sums(pooled, 0.2, flags, &wanted_rows);
    choose(GetParam());
    const auto seen = detail::kernel_sums(pooled, 0.2, flags, &seen_rows);
    EXPECT_EQ(seen.both, wanted.both);
    EXPECT_EQ(seen.touched, wanted.touched);
    EXPECT_EQ(seen.all, wanted.all);
    EXPECT_EQ(seen_rows.with_reference, wanted_rows.with_reference);
    EXPECT_EQ(seen_rows.with_current, wanted_rows.with_current);
    EXPECT_EQ(seen_rows.squares_across, wanted_rows.squares_across);
}
INSTANTIATE_TEST_SUITE_P(All, KernelTargets, testing::ValuesIn(targets()));

TEST(Splits, TakeAsManyRowsEveryTimeAndWholeBlocks) {
    for (const std::int64_t block : {1, 4, 7}) {
        detail::Splits splits("ks", 5, 30, 21, block);
        for (int round = 0; round < 50; ++round) {
            const auto split = splits.next();
            EXPECT_EQ(std::count(split.begin(), split.end(), 1), 30);
            std::int64_t broken = 0;  // blocks in part on one side: the one that made up the count, at most
            for (std::int64_t row = 30 % block; row + block <= 51; row += block) {
                const auto in = std::count(split.begin() + row, split.begin() + row + block, 1);
                broken += in != 0 && in != block ? 1 : 0;
            }
            EXPECT_LE(broken, 1);
        }
    }
}

TEST(PermutationTest, IsInsufficientWhereTheLevelIsOutOfReach) {
    std::vector<double> a, b;
    for (int i = 0; i < 40; ++i) {
        a.push_back(i);
        b.push_back(i + 30.5);
    }
    EXPECT_EQ(permutation_test("ks", a, b, {.count = 9}).note, "19 permutations");  // raised for 0.05
    EXPECT_FALSE(permutation_test("ks", a, b, {.count = 9}).insufficient);
    const auto fine = permutation_test("ks", a, b, {.count = 9, .level = 0.0025});
    EXPECT_EQ(fine.note, "399 permutations");
    EXPECT_EQ(fine.p_value, 1.0 / 400.0);
    const auto out = permutation_test("ks", a, b, {.count = 9, .most = 99, .level = 0.0025});
    EXPECT_TRUE(out.insufficient);
    EXPECT_NE(out.note.find("insufficient"), std::string::npos) << out.note;
    EXPECT_TRUE(permutation_test("ks", a, b, {.block = 20}).insufficient);  // 6 ways to deal four blocks
    EXPECT_THROW(static_cast<void>(permutation_test("ks", a, b, {.block = 21})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(permutation_test("welch", a, b)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(permutation_test("ks", a, b, {.level = 1.0})), InvalidArgument);
}

TEST(BoostedTrees, FindASetOfCategories) {
    Rng rng(4, "multivariate_test", "trees");
    detail::BinnedRows rows;
    rows.columns = 2;
    rows.ordered = {true, false};
    std::vector<std::uint8_t> label;
    std::vector<std::int64_t> all;
    for (std::int64_t row = 0; row < 2'000; ++row) {
        const auto noise = static_cast<std::uint8_t>(rng.below(60));
        const auto category = static_cast<std::uint8_t>(1 + rng.below(12));
        rows.bins.insert(rows.bins.end(), {noise, category});
        const bool odd = category % 2 == 1;
        label.push_back(rng.uniform() < (odd ? 0.9 : 0.1) ? 1 : 0);
        all.push_back(row);
    }
    const detail::BoostedTrees trees(rows, all, label);
    for (std::uint8_t category = 1; category <= 12; ++category) {
        const std::uint8_t row[2] = {30, category};
        EXPECT_EQ(trees.score(row) > 0.0, category % 2 == 1) << int{category};
    }
}

TEST(DomainClassifier, NamesWhatTellsTheSamplesApart) {
    const auto found = domain_classifier(table(400, 0.0, "a"), table(300, 1.0, "b"));
    EXPECT_GT(found.interval.lower, 0.6);
    EXPECT_LT(found.effect, 0.8);  // Phi(1 / sqrt 2) = 0.76 at best
    EXPECT_EQ(found.features.front().column, "y");
    EXPECT_LT(found.p_value, 1e-6);
    EXPECT_EQ(found.features.size(), 3U);
}

TEST(Multivariate, ColumnsMayStandInAnyOrder) {
    const Table a = table(60, 0.0, "a"), b = table(50, 0.5, "b");
    const std::vector<std::string> forth{"x", "y"}, back{"y", "x"};
    const auto seen = mmd(a.select(forth), b.select(back)), wanted = mmd(a.select(forth), b.select(forth));
    EXPECT_EQ(seen.statistic, wanted.statistic);
    EXPECT_EQ(seen.p_value, wanted.p_value);
    EXPECT_THROW(static_cast<void>(mmd(a, b)), InvalidArgument);  // text
    EXPECT_THROW(static_cast<void>(mmd(a.select(forth), b)), InvalidArgument);
}

}  // namespace
}  // namespace holdfast::stats

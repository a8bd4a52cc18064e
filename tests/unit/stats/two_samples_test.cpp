#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/ties.hpp"

namespace holdfast::stats {
namespace {

using Values = std::vector<double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

struct Named {
    std::string name;
    TestResult (*test)(std::span<const double>, std::span<const double>);
};

const std::vector<Named> of_samples = {
    {"cramer_von_mises", cramer_von_mises},
    {"anderson_darling", anderson_darling},
    {"kuiper", kuiper},
    {"energy", [](std::span<const double> a, std::span<const double> b) { return energy(a, b); }},
    {"mann_whitney", mann_whitney},
    {"welch", welch},
    {"levene", [](std::span<const double> a, std::span<const double> b) { return levene(a, b); }},
};

TEST(TwoSamples, LeaveOutNaNAndRefuseWhatIsEmpty) {
    for (const auto& [name, test] : of_samples) {
        const TestResult with = test(Values{1, nan, 2, 5}, Values{3, 4, nan}),
                         without = test(Values{5, 2, 1}, Values{4, 3});
        EXPECT_EQ(with.test, name);
        EXPECT_EQ(with.statistic, without.statistic) << name;
        EXPECT_EQ(with.p_value, without.p_value) << name;
        EXPECT_EQ(with.note.substr(0, 25), "2 missing values left out") << name;
        EXPECT_THROW(static_cast<void>(test(Values{nan}, Values{1})), InvalidArgument) << name;
        EXPECT_THROW(static_cast<void>(test(Values{1}, Values{})), InvalidArgument) << name;
    }
}

TEST(TwoSamples, OneAndTheSameValueIsNoDifference) {
    for (const auto& [name, test] : of_samples) {
        const TestResult same = test(Values{7, 7, 7}, Values{7, 7});
        EXPECT_EQ(same.effect, 0.0) << name;
        EXPECT_EQ(same.p_value, 1.0) << name;
    }
}

TEST(TwoSamples, InfiniteValuesHaveRanksAndNoDistances) {
    const Values a{1, 2, infinite}, b{-infinite, 0, 1.5};
    const Values as_numbers{1, 2, 1e6}, also{-1e6, 0, 1.5};
    for (const auto& [name, test] : of_samples) {
        const TestResult seen = test(a, b);
        if (name == "energy" || name == "welch" || name == "levene") {
            EXPECT_TRUE(std::isnan(seen.statistic) && std::isnan(seen.p_value) && std::isnan(seen.effect)) << name;
            EXPECT_NE(seen.note.find("infinite"), std::string::npos) << name;
        } else {
            EXPECT_EQ(seen.p_value, test(as_numbers, also).p_value) << name;
        }
    }
}

TEST(TwoSamples, ConstantsApartAreToldApart) {
    const Values a(40, 1.0), b(40, 2.0);
    for (const auto& [name, test] : of_samples) {
        if (name == "levene") continue;
        EXPECT_LE(test(a, b).p_value, 0.001) << name;
    }
    EXPECT_EQ(welch(a, b).effect, infinite);
    EXPECT_EQ(levene(a, b).p_value, 1.0);
    EXPECT_EQ(levene(a, Values{1, 3, 1, 3}).p_value, 0.0);
    EXPECT_EQ(levene(a, Values{1, 3, 1, 3}).effect, infinite);
}

TEST(AndersonDarling, BelowFourRowsHasAPValueOnly) {
    const TestResult seen = anderson_darling(Values{1}, Values{2, 3});
    EXPECT_TRUE(std::isnan(seen.statistic));
    EXPECT_NEAR(seen.p_value, 2.0 / 3.0, 1e-15);
}

TEST(Levene, TakesTheMeanToo) {
    // By hand: distances from the mean 4 are 4, 3, 7; of the other 1, 0, 1. W = 16 * 1.5 / (26 / 3 + 2 / 3) * 4.
    const TestResult seen = levene(Values{0, 1, 11}, Values{1, 2, 3}, LeveneCenter::mean);
    EXPECT_NEAR(seen.statistic, 16.0 * 1.5 / (28.0 / 3.0) * 4.0, 1e-13);
}

TEST(TestsOfCounts, RefuseImpossibleCounts) {
    for (const auto test : {g_test, fisher, hellinger, l_infinity}) {
        EXPECT_THROW(static_cast<void>(test(Values{1, 2}, Values{1})), InvalidArgument);
        EXPECT_THROW(static_cast<void>(test(Values{0, 0}, Values{1, 2})), InvalidArgument);
        EXPECT_THROW(static_cast<void>(test(Values{1, -1}, Values{1, 2})), InvalidArgument);
        EXPECT_THROW(static_cast<void>(test(Values{1, nan}, Values{1, 2})), InvalidArgument);
    }
    EXPECT_THROW(static_cast<void>(kl(Values{1, 2}, Values{2, 1}, 0.0)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(kl(Values{1, 2}, Values{2, 1}, infinite)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(fisher(Values{1, 2, 3}, Values{1, 2, 3})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(fisher(Values{1.5, 2}, Values{1, 2})), InvalidArgument);
}

TEST(TestsOfCounts, SayWhatOneCategoryTells) {
    EXPECT_EQ(g_test(Values{5}, Values{7}).p_value, 1.0);
    EXPECT_EQ(fisher(Values{5, 0}, Values{7, 0}).p_value, 1.0);
    EXPECT_TRUE(std::isnan(fisher(Values{5, 0}, Values{7, 0}).statistic));
    EXPECT_EQ(kl(Values{5}, Values{7}).effect, 0.0);
    EXPECT_EQ(hellinger(Values{5, 0}, Values{0, 7}).statistic, 1.0);
    EXPECT_EQ(l_infinity(Values{5, 0}, Values{0, 7}).effect, 1.0);
    // One bit, less what chance adds to G on average: its one degree of freedom.
    EXPECT_NEAR(g_test(Values{5, 0}, Values{0, 5}).effect, 1.0 - 1.0 / (2 * std::numbers::ln2 * 10), 1e-15);
}

TEST(Splits, AreEnumeratedUpToTwentyThousandOfAThousandRows) {
    EXPECT_TRUE(detail::can_enumerate(16, 8));   // 12,870
    EXPECT_FALSE(detail::can_enumerate(17, 8));  // 24,310
    EXPECT_TRUE(detail::can_enumerate(1'000, 1));
    EXPECT_FALSE(detail::can_enumerate(1'001, 1'000));
    const auto ties = detail::ties_of({{1, 2, 2}, {2, 4}, ""});
    ASSERT_EQ(ties.size(), 3U);
    EXPECT_EQ(ties[1].reference, 2);
    EXPECT_EQ(ties[1].current, 1);
    EXPECT_TRUE(detail::has_ties(ties));
}

}  // namespace
}  // namespace holdfast::stats

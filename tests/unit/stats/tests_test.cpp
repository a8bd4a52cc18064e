#include <holdfast/stats/tests.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include <holdfast/base/error.hpp>

#include "stats/kstwo.hpp"

namespace holdfast::stats {
namespace {

using Values = std::vector<double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

// Expected numbers: SciPy 1.17.
TEST(Ks, EqualsSciPy) {
    const TestResult small = ks(Values{1, 2, 3, 4}, Values{3, 4, 5, 6});
    EXPECT_DOUBLE_EQ(small.statistic, 0.5);
    EXPECT_NEAR(small.p_value, 0.7714285714285715, 1e-15);
    const TestResult apart = ks(Values{1, 2, 3}, Values{10, 11, 12, 13, 14});
    EXPECT_DOUBLE_EQ(apart.statistic, 1.0);
    EXPECT_NEAR(apart.p_value, 0.03571428571428571, 1e-16);
}

TEST(Ks, LeavesOutNaNAndTakesInfinity) {
    const TestResult result = ks(Values{1, nan, 2, infinite}, Values{1, 2, infinite, nan});
    EXPECT_EQ(result.statistic, 0.0);
    EXPECT_EQ(result.p_value, 1.0);
    EXPECT_EQ(result.reference_rows, 3);
    EXPECT_EQ(result.note, "2 missing values left out");
    EXPECT_THROW(static_cast<void>(ks(Values{nan}, Values{1.0})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(ks(Values{1.0}, Values{})), InvalidArgument);
}

TEST(Kstwo, EqualsSciPyOnEveryBranch) {
    const auto near = [](std::int64_t n, double d, double wanted) {
        EXPECT_NEAR(detail::kstwo_sf(n, d) / wanted, 1.0, 1e-9) << n << " " << d;
    };
    near(1, 0.7, 0.6000000000000001);
    near(5, 0.15, 0.9988);
    near(10, 0.08, 0.9999978058034054);
    near(10, 0.3, 0.27053557479999946);
    near(50, 0.12, 0.4337679661310233);
    near(100, 0.05, 0.9532159710635725);
    near(140, 0.2, 2.1981563302200222e-05);
    near(140, 0.4, 9.968909167860116e-21);
    near(141, 0.1, 0.11128445516467944);
    near(300, 0.02, 0.9995956727697175);
    near(1000, 0.01, 0.9999496745370611);
    near(1000, 0.03, 0.3226902143914636);
    near(20000, 0.008, 0.15371596723031855);
    near(20000, 0.1, 1.4723820041654574e-174);
    near(200000, 0.002, 0.39995085369038097);
    near(99999, 0.0005, 1.0);
    EXPECT_EQ(detail::kstwo_sf(10, 0.04), 1.0);
    EXPECT_EQ(detail::kstwo_sf(10, 1.0), 0.0);
}

TEST(Wasserstein, IsTheAreaBetweenTheFunctions) {
    const TestResult shifted = wasserstein(Values{0, 1, 3}, Values{5, 6, 8});
    EXPECT_DOUBLE_EQ(shifted.statistic, 5.0);
    // What chance adds to the square is taken off: 7 / 60 over (pi / 8)^2 times the square of the mean deviation,
    // which is sqrt(2 / 9 / 3) over the three units that either sample is wide.
    const double chance = 7.0 / 60.0 / std::pow(std::numbers::pi / 8.0, 2) * std::pow(2 * 3 * std::sqrt(2.0 / 27.0), 2);
    EXPECT_DOUBLE_EQ(shifted.effect, std::sqrt(25.0 - chance) / std::sqrt(7.0 / 3.0));
    EXPECT_TRUE(std::isnan(shifted.p_value));
    EXPECT_EQ(wasserstein(Values{1, 2}, Values{1, 1, 2, 2}).statistic, 0.0);
}

TEST(Wasserstein, ConstantsHaveDefinedEffects) {
    EXPECT_EQ(wasserstein(Values{0.1, 0.1, 0.1}, Values{0.1, 0.1}).effect, 0.0);
    EXPECT_EQ(wasserstein(Values{0.1, 0.1, 0.1}, Values{0.2}).effect, infinite);
    EXPECT_TRUE(std::isnan(wasserstein(Values{1, infinite}, Values{1, 2}).effect));
}

TEST(Chi2, EqualsSciPy) {
    const TestResult result = chi2(Values{10, 20, 0, 30}, Values{20, 15, 0, 25});
    EXPECT_NEAR(result.statistic, 4.502164502164502, 1e-12);
    EXPECT_NEAR(result.p_value, 0.10528521784009057, 1e-14);
    EXPECT_EQ(chi2(Values{5}, Values{7}).p_value, 1.0);
}

TEST(Divergences, AreWhatTheirFormulasSay) {
    const Values p{50, 30, 20}, q{40, 40, 20};
    EXPECT_NEAR(total_variation(p, q).statistic, 0.1, 1e-15);
    EXPECT_NEAR(psi(p, q).statistic, 0.1 * std::log(1.25) + 0.1 * std::log(4.0 / 3.0), 1e-15);
    EXPECT_EQ(js(p, p).statistic, 0.0);
    EXPECT_EQ(js(Values{1, 0}, Values{0, 1}).statistic, 1.0);
    EXPECT_TRUE(std::isfinite(psi(Values{10, 0}, Values{0, 10}).statistic));
    EXPECT_LE(psi(p, q).interval.lower, psi(p, q).effect);
    EXPECT_GE(psi(p, q).interval.upper, psi(p, q).effect);
}

TEST(Divergences, RefuseImpossibleCounts) {
    EXPECT_THROW(static_cast<void>(js(Values{1, 2}, Values{1})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(psi(Values{1, -2}, Values{1, 2})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(chi2(Values{0, 0}, Values{1, 2})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(total_variation(Values{nan}, Values{1})), InvalidArgument);
}

TEST(BinByQuantiles, CountsOverTheReferencesDeciles) {
    Values reference, current;
    for (int i = 1; i <= 100; ++i) reference.push_back(i);
    for (int i = 1; i <= 50; ++i) current.push_back(i);
    const BinnedPair pair = bin_by_quantiles(reference, current);
    EXPECT_EQ(pair.edges, (Values{10, 20, 30, 40, 50, 60, 70, 80, 90}));
    EXPECT_EQ(pair.reference, Values(10, 10.0));
    EXPECT_EQ(pair.current, (Values{10, 10, 10, 10, 10, 0, 0, 0, 0, 0}));
    EXPECT_EQ(bin_by_quantiles(Values{5, 5, 5}, Values{4, 6}).reference.size(), 2U);
}

}  // namespace
}  // namespace holdfast::stats

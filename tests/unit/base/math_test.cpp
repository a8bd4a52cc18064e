#include <holdfast/base/math.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <holdfast/base/rng.hpp>

namespace holdfast::math {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Distance from the exact value (in long double) in units of the result's last place.
double ulps(double seen, long double exact) {
    const double rounded = static_cast<double>(exact);
    if (seen == rounded) return 0.0;
    const double size = std::max(std::fabs(rounded), std::numeric_limits<double>::min());
    const double unit = std::nextafter(size, infinity) - size;
    return static_cast<double>(std::fabs((static_cast<long double>(seen) - exact) / static_cast<long double>(unit)));
}

template <class Ours, class Exact>
double worst(Ours ours, Exact exact, double low, double high) {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> draw(low, high);
    double most = 0.0;
    for (int i = 0; i < 200'000; ++i) {
        const double x = draw(random);
        most = std::max(most, ulps(ours(x), exact(static_cast<long double>(x))));
    }
    return most;
}

TEST(Math, ExpIsWithinOneUlp) {
    const auto exact = [](long double x) { return std::exp(x); };
    EXPECT_LT(worst(&exp, exact, -1.0, 1.0), 1.0);
    EXPECT_LT(worst(&exp, exact, -40.0, 40.0), 1.0);
    EXPECT_LT(worst(&exp, exact, -745.0, 709.7), 1.0);
}

TEST(Math, LogIsWithinOneUlp) {
    const auto exact = [](long double x) { return std::log(x); };
    EXPECT_LT(worst(&log, exact, 0.5, 2.0), 1.0);
    EXPECT_LT(worst(&log, exact, 0.0, 1e-300), 1.0);
    EXPECT_LT(worst(&log, exact, 0.0, 1e300), 1.0);
}

TEST(Math, TanhAndExpm1AreWithinThreeUlps) {
    const auto tanh_exact = [](long double x) { return std::tanh(x); };
    const auto expm1_exact = [](long double x) { return std::expm1(x); };
    for (const double reach : {1e-3, 0.5, 2.0, 25.0}) {
        EXPECT_LT(worst(&tanh, tanh_exact, -reach, reach), 3.0);
        EXPECT_LT(worst(&expm1, expm1_exact, -reach, reach), 3.0);
    }
}

TEST(Math, EndsAreDefined) {
    EXPECT_EQ(exp(0.0), 1.0);
    EXPECT_EQ(exp(710.0), infinity);
    EXPECT_EQ(exp(infinity), infinity);
    EXPECT_EQ(exp(-infinity), 0.0);
    EXPECT_EQ(exp(-746.0), 0.0);
    EXPECT_EQ(exp(-745.0), std::numeric_limits<double>::denorm_min());
    EXPECT_TRUE(std::isnan(exp(std::nan(""))));
    EXPECT_EQ(log(1.0), 0.0);
    EXPECT_EQ(log(0.0), -infinity);
    EXPECT_EQ(log(infinity), infinity);
    EXPECT_TRUE(std::isnan(log(-1.0)));
    EXPECT_EQ(tanh(30.0), 1.0);
    EXPECT_EQ(tanh(-infinity), -1.0);
    EXPECT_TRUE(std::signbit(tanh(-0.0)));
    EXPECT_TRUE(std::isnan(tanh(std::nan(""))));
}

TEST(Math, NormalQuantileInvertsTheDistribution) {
    EXPECT_EQ(normal_quantile(0.5), 0.0);
    EXPECT_EQ(normal_quantile(0.0), -infinity);
    EXPECT_EQ(normal_quantile(1.0), infinity);
    EXPECT_TRUE(std::isnan(normal_quantile(1.5)));
    for (const double p : {1e-300, 1e-20, 1e-9, 0.001, 0.07, 0.2, 0.45, 0.6, 0.93, 0.999}) {
        const double back = 0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0));
        EXPECT_NEAR(back / p, 1.0, 1e-12) << p;
    }
}

TEST(Math, IsWithinTwoUnitsOfLibm) {
    Rng rng(4, "math_test", "elementary");
    for (int i = 0; i < 20'000; ++i) {
        const double x = 1400.0 * (rng.uniform() - 0.5), small = 2.0 * (rng.uniform() - 0.5), p = rng.uniform();
        EXPECT_NEAR(math::exp(x) / std::exp(x), 1.0, 5e-16) << x;
        EXPECT_NEAR(math::exp(small) / std::exp(small), 1.0, 5e-16) << small;
        for (double y : {p, 1.0 - 1e-3 * p, 1.0 + 1e-9 * p, std::exp(x)})
            EXPECT_NEAR(math::log(y), std::log(y), 5e-16 * std::abs(std::log(y))) << y;
    }
    EXPECT_EQ(math::exp(0.0), 1.0);
    EXPECT_EQ(math::log(1.0), 0.0);
    EXPECT_TRUE(std::isinf(math::exp(800.0)) && std::isinf(math::log(0.0)));
}

}  // namespace
}  // namespace holdfast::math

#include <holdfast/stats/autocorrelation.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include <holdfast/base/rng.hpp>

namespace holdfast::stats {
namespace {

double normal(Rng& rng) { return boost::math::quantile(boost::math::normal{}, rng.uniform() * (1.0 - 1e-12) + 5e-13); }

/// Standard normal values, each phi times the one before and noise.
std::vector<double> autoregressive(std::size_t n, double phi, std::string_view key) {
    Rng rng(1, "autocorrelation_test", key);
    std::vector<double> x{normal(rng)};
    while (x.size() < n) x.push_back(phi * x.back() + std::sqrt(1.0 - phi * phi) * normal(rng));
    return x;
}

// Of an AR(1) process tau is (1 + phi) / (1 - phi); the estimate has one standard error on top, here below 3 %.
TEST(Autocorrelation, FindsAutoregressiveProcesses) {
    for (const double phi : {0.0, 0.3, 0.5, 0.8}) {
        const double tau = (1.0 + phi) / (1.0 - phi);
        EXPECT_NEAR(autocorrelation_time(autoregressive(200'000, phi, "long")) / tau, 1.02, 0.05) << phi;
    }
}

// The values of a moving average of k are correlated by 1 - lag / k: tau is k.
TEST(Autocorrelation, FindsMovingAverages) {
    const auto noise = autoregressive(200'000, 0.0, "noise");
    for (const std::size_t k : {2U, 5U, 20U}) {
        std::vector<double> x;
        for (std::size_t i = k; i <= noise.size(); ++i)
            x.push_back(std::accumulate(noise.begin() + static_cast<std::ptrdiff_t>(i - k),
                                        noise.begin() + static_cast<std::ptrdiff_t>(i), 0.0));
        EXPECT_NEAR(autocorrelation_time(x) / static_cast<double>(k), 1.04, 0.07) << k;
    }
}

TEST(Autocorrelation, ShortStretchesDoNotPromiseTooMuch) {
    int below = 0;
    for (int i = 0; i < 500; ++i)
        below += autocorrelation_time(autoregressive(200, 0.5, "short " + std::to_string(i))) < 3.0 ? 1 : 0;
    EXPECT_LT(below, 150);  // the plain estimate lies below the true 3 in more than half
}

TEST(Autocorrelation, IsNeverBelowOneAndOfATrendNearlyAll) {
    std::vector<double> alternating, trend;
    for (int i = 0; i < 1000; ++i) {
        alternating.push_back(i % 2);
        trend.push_back(i);
    }
    // Its tiny positive pairs of lags go on to the end: tau stays 1, with the largest standard error there is.
    EXPECT_LT(autocorrelation_time(alternating), 1.0 + std::sqrt(2.01));
    EXPECT_GE(autocorrelation_time(alternating), 1.0);
    EXPECT_GT(autocorrelation_time(trend), 250.0);
    EXPECT_EQ(autocorrelation_time(std::vector<double>(50, 7.0)), 1.0);
    EXPECT_EQ(autocorrelation_time(std::vector<double>{}), 1.0);
    EXPECT_EQ(autocorrelation_time(std::vector<double>{1.0, 2.0, 9.0}), 1.0);
    const double huge = std::numeric_limits<double>::max();
    for (double& value : trend) value = value * (huge / 1000.0) - huge / 2.0;
    EXPECT_GT(autocorrelation_time(trend), 250.0);
}

TEST(Autocorrelation, OfAColumnIsTheLargestOfWhatItsRowsShow) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const auto plain = autoregressive(4000, 0.0, "plain"), bound = autoregressive(4000, 0.9, "bound");
    // Ranks see what one huge value hides from the values' own autocorrelation.
    std::vector<double> outlier = bound;
    outlier[17] = 1e9;
    EXPECT_GT(autocorrelation_time(Column::of(outlier)), 10.0);
    EXPECT_LT(autocorrelation_time(std::span<const double>(outlier)), 1.5);
    EXPECT_LT(autocorrelation_time(Column::of(plain)), 1.5);
    std::vector<double> gaps = plain;
    std::vector<std::string> words;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        if (bound[i] > 1.0) gaps[i] = nan;
        words.emplace_back(bound[i] > 0.5 ? "high" : bound[i] < -0.5 ? "low" : "middle");
    }
    EXPECT_GT(autocorrelation_time(Column::of(gaps)), 3.0);
    EXPECT_GT(autocorrelation_time(Column::strings(std::span<const std::string>(words))), 5.0);
    EXPECT_EQ(autocorrelation_time(Column::strings(std::span<const std::string>{})), 1.0);
}

TEST(Autocorrelation, LeavesTheReferenceItsRows) {
    EXPECT_DOUBLE_EQ(effective_rows(1000.0, 500.0, 1.0), 500.0);
    const double left = effective_rows(1000.0, 500.0, 3.0);
    EXPECT_NEAR(1.0 / 1000.0 + 1.0 / left, 3.0 / 1000.0 + 3.0 / 500.0, 1e-15);
}

}  // namespace
}  // namespace holdfast::stats

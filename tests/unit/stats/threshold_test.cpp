#include <holdfast/stats/threshold.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <holdfast/base/error.hpp>

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const std::vector<double> one_to_eleven{11, 2, 9, 4, 7, 6, 5, 8, 3, 10, 1};

TEST(ThresholdTest, MakesALineOutOfPastWindows) {
    EXPECT_EQ(Threshold::constant(0.3).of({}), 0.3);
    EXPECT_EQ(Threshold(0.3), Threshold::constant(0.3));
    // The unbiased standard deviation of 1 to 11 is sqrt(11).
    EXPECT_NEAR(Threshold::standard_deviations(2.0).of(one_to_eleven), 6.0 + 2.0 * std::sqrt(11.0), 1e-14);
    std::vector<double> skewed = one_to_eleven;
    skewed[0] = 11.0 + 11.0;  // the mean is 7 now, the median still 6
    const double mean = Threshold::standard_deviations(0.0).of(skewed);
    EXPECT_EQ(mean, 7.0);
    EXPECT_EQ(Threshold::standard_deviations(0.0, ThresholdCenter::median).of(skewed), 6.0);
    EXPECT_NEAR(Threshold::quantile(0.95).of(one_to_eleven), 10.5, 1e-14);
    EXPECT_EQ(Threshold::quantile(1.0).of(one_to_eleven), 11.0);
    EXPECT_EQ(Threshold::quantile(0.0).of(one_to_eleven), 1.0);
}

TEST(ThresholdTest, WithTooFewPastWindowsThereIsNone) {
    const std::vector<double> nine(9, 1.0);
    EXPECT_TRUE(std::isnan(Threshold::quantile().of(nine)));
    EXPECT_TRUE(std::isnan(Threshold::standard_deviations().of(nine)));
    EXPECT_EQ(Threshold::quantile(0.99, 9).of(nine), 1.0);
    std::vector<double> undefined = one_to_eleven;
    undefined[3] = undefined[5] = nan;
    EXPECT_TRUE(std::isnan(Threshold::quantile().of(undefined)));
    EXPECT_EQ(Threshold::quantile(0.5, 9).of(undefined), 7.0);
}

TEST(ThresholdTest, RoundTripsAsJsonAndNamesWhatIsWrong) {
    for (const Threshold& threshold :
         {Threshold::constant(0.1), Threshold::standard_deviations(2.5, ThresholdCenter::median, 12),
          Threshold::standard_deviations(), Threshold::quantile(), Threshold::quantile(0.9, 20)}) {
        EXPECT_EQ(Threshold::from_json(Json::parse(threshold.to_json().canonical())), threshold);
    }
    EXPECT_EQ(Threshold::from_json(Json::parse(R"({"threshold":"quantile"})")), Threshold::quantile());
    EXPECT_EQ(Threshold::quantile(0.9).to_string(), "hf.thresholds.quantile(0.9)");
    EXPECT_EQ(Threshold::standard_deviations(3, ThresholdCenter::median, 5).to_string(),
              "hf.thresholds.standard_deviations(3, center=\"median\", min_windows=5)");
    for (const char* text :
         {R"({"threshold":"sometimes"})", R"({"threshold":"quantile","speed":1})", R"({"quantile":1})",
          R"({"threshold":"standard_deviations","center":"mode"})", R"("NaN")", R"("text")"})
        EXPECT_THROW(static_cast<void>(Threshold::from_json(Json::parse(text))), InvalidArgument) << text;
    EXPECT_THROW(static_cast<void>(Threshold::quantile(1.5)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Threshold::quantile(0.5, 0)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Threshold::standard_deviations(nan)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Threshold::standard_deviations(3.0, ThresholdCenter::mean, 1)), InvalidArgument);
}

}  // namespace
}  // namespace holdfast::stats

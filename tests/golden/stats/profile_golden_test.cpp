// tests/golden/stats/v<n>.profile was written by format n and is never rewritten: every later version reads it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <holdfast/base/file.hpp>
#include <holdfast/stats/profile.hpp>

namespace holdfast::stats {
namespace {

TEST(ProfileGolden, VersionOneIsReadAsItWasWritten) {
    const std::filesystem::path path = std::filesystem::path(HOLDFAST_TEST_DATA) / "golden/stats/v1.profile";
    const Profile profile = Profile::load(path);
    EXPECT_EQ(profile.rows(), 5000);
    EXPECT_EQ(profile.names(), (std::vector<std::string>{"number", "flag", "city", "hidden", "at"}));

    const ColumnProfile& number = *profile.find("number");
    EXPECT_EQ(number.type, ColumnType::float64);
    EXPECT_EQ(number.missing, 50);
    EXPECT_EQ(number.non_finite, 1);
    EXPECT_EQ(number.min, 1.5);
    EXPECT_EQ(number.max, 2499.5);
    EXPECT_NEAR(number.mean, 1250.0, 15.0);
    EXPECT_NEAR(number.sketch.quantile(0.5), 1250.0, 25.0);
    EXPECT_EQ(number.sketch.k(), 800);

    EXPECT_EQ(profile.find("flag")->items.at("true"), 2500);
    EXPECT_EQ(profile.find("city")->type, ColumnType::categorical);
    EXPECT_EQ(profile.find("city")->items.at("Rīga"), 1667);
    EXPECT_TRUE(profile.find("hidden")->is_private);
    EXPECT_TRUE(profile.find("hidden")->items.empty());
    EXPECT_EQ(profile.find("at")->max, 1.6e15 + 4999e6);
}

TEST(ProfileGolden, VersionTwoIsReadAsItWasWritten) {
    const std::filesystem::path path = std::filesystem::path(HOLDFAST_TEST_DATA) / "golden/stats/v2.profile";
    const Profile profile = Profile::load(path);
    EXPECT_EQ(profile.encode(), read_file(path));
    EXPECT_EQ(profile.rows(), 5000);
    EXPECT_EQ(profile.names(), (std::vector<std::string>{"number", "flag", "city", "hidden", "at"}));

    const ColumnProfile& number = *profile.find("number");
    EXPECT_EQ(number.missing, 50);
    EXPECT_EQ(number.non_finite, 1);
    EXPECT_EQ(number.min, 0.5);
    EXPECT_EQ(number.max, 2499.5);
    EXPECT_EQ(number.edges, (std::vector<double>{100.0, 1000.0}));
    EXPECT_EQ(number.bins, (std::vector<std::int64_t>{198, 1782, 2969}));  // counted by numpy
    EXPECT_NEAR(number.sketch.quantile(0.5), 1250.0, 25.0);
    EXPECT_NEAR(number.distinct.estimate(), 4949.0, 4 * 0.0163 * 4949.0);

    const ColumnProfile& city = *profile.find("city");
    EXPECT_EQ(city.items.at("Rīga"), 1658);
    EXPECT_EQ(city.items.size(), 3U);
    EXPECT_EQ(city.withheld, 9);
    EXPECT_EQ(city.item_error(), 9);
    EXPECT_TRUE(profile.find("hidden")->is_private);
    EXPECT_NEAR(profile.find("hidden")->distinct.estimate(), 1000.0, 65.0);
    EXPECT_NE(profile.find("hidden")->distinct.key(), 0U);
    EXPECT_EQ(profile.find("at")->max, 1.6e15 + 4999e6);
}

}  // namespace
}  // namespace holdfast::stats

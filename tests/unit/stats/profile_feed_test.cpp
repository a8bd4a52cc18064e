#include <holdfast/stats/profile_feed.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>

namespace holdfast::stats {
namespace {

const std::vector<std::string> names{"a", "b", "c"};

std::vector<double> rows(std::int64_t count, std::string_view seed) {
    Rng rng(23, "profile_feed_test", seed);
    std::vector<double> values;
    for (std::int64_t i = 0; i < 3 * count; ++i)
        values.push_back(rng.below(20) == 0 ? std::nan("") : std::floor(1000.0 * rng.uniform()));
    return values;
}

TEST(ProfileFeed, CountsWhatManyThreadsGiveAsOneTableDoes) {
    constexpr std::int64_t each = 3000;
    ProfileOptions options;
    options.edges["b"] = {100.0, 500.0};
    ProfileFeed feed(names, options);
    std::vector<Profile> taken;
    std::vector<double> all;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        const std::vector<double> own = rows(each, std::to_string(t));
        all.insert(all.end(), own.begin(), own.end());
        threads.emplace_back([&feed, own] {
            for (std::size_t i = 0; i < own.size(); i += 3) feed.add(std::span(own).subspan(i, 3));
        });
    }
    for (int i = 0; i < 5; ++i) taken.push_back(feed.take());
    for (std::thread& thread : threads) thread.join();
    taken.push_back(feed.take());
    const Profile seen = Profile::merged(taken);
    const Profile wanted = Profile::of(Table::from_matrix(TensorView::matrix(all.data(), 8 * each, 3), names), options);
    EXPECT_EQ(seen.rows(), 8 * each);
    for (const std::string& name : names) {
        const ColumnProfile &a = *seen.find(name), &b = *wanted.find(name);
        EXPECT_EQ(a.missing, b.missing);
        EXPECT_EQ(a.min, b.min);
        EXPECT_EQ(a.max, b.max);
        EXPECT_EQ(a.distinct, b.distinct);
        EXPECT_EQ(a.bins, b.bins);
        EXPECT_NEAR(a.mean, b.mean, 1e-9 * b.mean);
        EXPECT_NEAR(a.variance(), b.variance(), 1e-9 * b.variance());
        EXPECT_EQ(a.sketch.count(), b.sketch.count());
        EXPECT_NEAR(a.sketch.rank(500.0), b.sketch.rank(500.0), a.sketch.rank_error() + b.sketch.rank_error());
    }
    EXPECT_EQ(feed.take().rows(), 0);
}

TEST(ProfileFeed, TakesRowsOfMatricesAndOfFloats) {
    const std::vector<float> values{1.0F, 2.0F, 3.0F, 4.0F, 5.0F, std::numeric_limits<float>::infinity()};
    ProfileFeed feed(names);
    feed.add(TensorView::matrix(values.data(), 2, 3));
    feed.add(std::span(values).first(3));
    const Profile profile = feed.take();
    EXPECT_EQ(profile.rows(), 3);
    EXPECT_EQ(profile.find("a")->mean, 2.0);
    EXPECT_EQ(profile.find("c")->non_finite, 1);
}

TEST(ProfileFeed, RefusesRowsAndOptionsThatDoNotFit) {
    ProfileFeed feed(names);
    EXPECT_THROW(feed.add(std::vector<double>{1.0}), InvalidArgument);
    EXPECT_THROW(feed.add(TensorView::matrix(std::vector<double>(4).data(), 2, 2)), InvalidArgument);
    EXPECT_EQ(feed.take().rows(), 0);
    EXPECT_THROW(ProfileFeed({"a", "a"}), InvalidArgument);
    EXPECT_THROW(ProfileFeed(names, {.private_columns = {"z"}}), InvalidArgument);
}

}  // namespace
}  // namespace holdfast::stats

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <holdfast/base/log.hpp>
#include <holdfast/base/metrics.hpp>

namespace holdfast {
namespace {

class LogTest : public testing::Test {
  protected:
    void TearDown() override {
        set_log_sink({});
        set_log_level(LogLevel::warning);
    }
};

TEST_F(LogTest, TheSinkGetsLinesFromItsLevelOn) {
    std::vector<std::string> lines;
    set_log_sink([&](LogLevel, std::string_view room, std::string_view message) {
        lines.push_back(std::string(room) + ": " + std::string(message));
    });
    set_log_level(LogLevel::info);
    EXPECT_EQ(log_level(), LogLevel::info);
    log(LogLevel::debug, "store", "unseen");
    log(LogLevel::info, "store", "opened {not a format}");
    log(LogLevel::error, "loop", "lost");
    set_log_level(LogLevel::off);
    log(LogLevel::error, "loop", "unseen");
    EXPECT_EQ(lines, (std::vector<std::string>{"store: opened {not a format}", "loop: lost"}));
}

TEST_F(LogTest, GoesToStandardErrorByDefault) {
    testing::internal::CaptureStderr();
    set_log_level(LogLevel::warning);
    log(LogLevel::info, "store", "unseen");
    log(LogLevel::warning, "store", "slow disk {}");
    const auto text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("warning holdfast.store: slow disk {}\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("unseen"), std::string::npos);
}

TEST(Metrics, CellsCount) {
    Counter counter;
    counter.add();
    counter.add(4);
    EXPECT_EQ(counter.value(), 5);
    Gauge gauge;
    gauge.set(2.5);
    EXPECT_EQ(gauge.value(), 2.5);
}

TEST(Metrics, HistogramBucketsArePowersOfTwo) {
    LatencyHistogram histogram;
    EXPECT_EQ(histogram.quantile_us(0.5), 0.0);
    for (const std::int64_t nanoseconds : {-5, 0, 1000, 1001, 2000, 2001, 4000}) histogram.record(nanoseconds);
    EXPECT_EQ(histogram.bucket(0), 3);
    EXPECT_EQ(histogram.bucket(1), 2);
    EXPECT_EQ(histogram.bucket(2), 2);
    EXPECT_EQ(histogram.count(), 7);
    EXPECT_EQ(histogram.sum_nanoseconds(), 10'002);
    EXPECT_EQ(histogram.quantile_us(0.0), 1.0);
    EXPECT_EQ(histogram.quantile_us(0.5), 2.0);
    EXPECT_EQ(histogram.quantile_us(1.0), 4.0);
    histogram.record(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(histogram.bucket(LatencyHistogram::bucket_count - 1), 1);
    EXPECT_EQ(histogram.bucket(-1), 0);
    EXPECT_EQ(histogram.bucket(99), 0);
}

}  // namespace
}  // namespace holdfast

#include <gtest/gtest.h>

#include <limits>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/base/window.hpp>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ParsesPrometheusGrammar) {
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("7d"), 168h);
    EXPECT_EQ(parse_duration("150ms"), 150ms);
    EXPECT_EQ(parse_duration("1w"), 168h);
    EXPECT_EQ(parse_duration("1y"), 365 * 24h);
    EXPECT_EQ(parse_duration("1y2w3d4h5m6s7ms"), 365 * 24h + 14 * 24h + 72h + 4h + 5min + 6s + 7ms);
    EXPECT_EQ(parse_duration("0"), 0s);
    EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(Duration, RefusesWhatTheGrammarHasNot) {
    for (const auto* text : {"", "5", "m", "-5m", "5 m", "1.5h", "5M", "30m1h", "1h1h", "5m ", " 5m", "5us", "00",
                             "99999999999999999999s", "300000y", "292000y300000w"})
        EXPECT_THROW((void)parse_duration(text), InvalidArgument) << text;
}

TEST(Duration, FormatsAsPrometheusDoes) {
    EXPECT_EQ(format_duration(90min), "1h30m");
    EXPECT_EQ(format_duration(0s), "0s");
    EXPECT_EQ(format_duration(168h), "1w");
    EXPECT_EQ(format_duration(8 * 24h), "8d");
    EXPECT_EQ(format_duration(1500ms), "1s500ms");
    EXPECT_THROW((void)format_duration(-1s), InvalidArgument);
    EXPECT_THROW((void)format_duration(Duration{1}), InvalidArgument);
    const Duration longest{std::numeric_limits<std::int64_t>::max() / 1000 * 1000};
    EXPECT_EQ(parse_duration(format_duration(longest)), longest);
}

TEST(Time, FormatsWithTheDigitsItNeeds) {
    EXPECT_EQ(format_time(from_micros(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_time(from_micros(1'625'097'600'000'000)), "2021-07-01T00:00:00Z");
    EXPECT_EQ(format_time(from_micros(1'500'000)), "1970-01-01T00:00:01.500Z");
    EXPECT_EQ(format_time(from_micros(1)), "1970-01-01T00:00:00.000001Z");
    EXPECT_EQ(format_time(from_micros(-1)), "1969-12-31T23:59:59.999999Z");
    EXPECT_THROW((void)format_time(Time::max()), InvalidArgument);
    EXPECT_THROW((void)format_time(Time::min()), InvalidArgument);
}

TEST(Time, ParsesRfc3339) {
    const std::vector<std::pair<const char*, std::int64_t>> cases{
        {"2021-07-01T00:00:00Z", 1'625'097'600'000'000},
        {"2021-07-01 00:00:00", 1'625'097'600'000'000},
        {"2021-07-01t02:00:00+02:00", 1'625'097'600'000'000},
        {"2021-06-30T19:30:00-04:30", 1'625'097'600'000'000},
        {"1970-01-01T00:00:00.5Z", 500'000},
        {"1970-01-01T00:00:00.0000019Z", 1},
        {"1969-12-31T23:59:59.9999999Z", -1},
        {"2024-02-29T00:00:00Z", 1'709'164'800'000'000},
    };
    for (const auto& [text, micros] : cases) EXPECT_EQ(to_micros(parse_time(text)), micros) << text;
}

TEST(Time, RefusesWhatIsNoTime) {
    for (const auto* text :
         {"", "2021", "2021-07-01", "2021-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2021-07-01T24:00:00Z",
          "2021-07-01T00:60:00Z", "2021-07-01T00:00:60Z", "2021-07-01T00:00:00.Z", "2021-07-01T00:00:00+2:00",
          "2021-07-01T00:00:00Zx", "2021-07-01T00:00Z", "-021-07-01T00:00:00Z", "2021-07-01T00:00:00+24:00"})
        EXPECT_THROW((void)parse_time(text), InvalidArgument) << text;
}

TEST(Window, IsRowsOrADuration) {
    EXPECT_EQ(Window::parse("rows(500)"), rows(500));
    EXPECT_EQ(Window::parse("5m"), Window{5min});
    EXPECT_EQ(Window{1h}.to_string(), "1h");
    EXPECT_EQ(rows(29).to_string(), "rows(29)");
    EXPECT_TRUE(rows(1).is_rows());
    EXPECT_EQ(Window{7ms}.duration(), 7ms);
}

TEST(Window, RefusesEmptyOnes) {
    EXPECT_THROW((void)rows(0), InvalidArgument);
    EXPECT_THROW(Window{0s}, InvalidArgument);
    EXPECT_THROW(Window{-1s}, InvalidArgument);
    EXPECT_THROW(Window{Duration{1500}}, InvalidArgument);
    for (const auto* text :
         {"", "rows()", "rows(0)", "rows(5", "rows(5))", "rows(x)", "0", "rows(99999999999999999999)"})
        EXPECT_THROW((void)Window::parse(text), InvalidArgument) << text;
}

}  // namespace
}  // namespace holdfast

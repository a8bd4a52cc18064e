// Thresholds that past windows make.
#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>

#include "unit/policy/observed.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using stats::Threshold;

// Five of 0.4 and five of 0.5: mean 0.45, unbiased standard deviation sqrt(10 * 0.05^2 / 9) = 0.052704627669473.
const std::vector<double> ten{0.4, 0.5, 0.4, 0.5, 0.4, 0.5, 0.4, 0.5, 0.4, 0.5};

Observation with_past(const Rule& rule, double value, std::vector<double> past) {
    Observation seen = at(40h);
    const Requirements wanted = rule.requirements();
    for (const MetricQuery& query : wanted.metrics) {
        seen.metrics.push_back({query, {query.metric, value, {nan, nan, 0.95}, 200}});
        seen.metrics.back().past = past;
    }
    for (const YieldQuery& query : wanted.yields) {
        seen.yields.push_back({query, value, 29, nan, 0});
        seen.yields.back().past = past;
    }
    return seen;
}

Reason judged(const Rule& rule, double value, std::vector<double> past) {
    return rule.evaluate(with_past(rule, value, std::move(past)), {}).reasons.at(0);
}

TEST(LineTest, OfAMetricIsMadeOfItsPastWindows) {
    const Rule rule = when::metric("mae", {.over = 1h}).above(Threshold::standard_deviations(2.0));
    const Reason above = judged(rule, 0.5556, ten);
    EXPECT_EQ(above.truth, Truth::yes);
    EXPECT_EQ(above.sentence,
              "mae over 1h was 0.5556 on 200 labels, above 0.5554, hf.thresholds.standard_deviations(2) of 10 past "
              "windows");
    EXPECT_NEAR(above.numbers.at("threshold").as_double(), 0.45 + 2 * 0.052704627669473, 1e-15);
    EXPECT_EQ(above.numbers.at("past_windows").as_int(), 10);
    EXPECT_EQ(judged(rule, 0.5553, ten).truth, Truth::no);

    const Rule low = when::metric("accuracy").below(Threshold::quantile(0.0, 1));
    EXPECT_EQ(judged(low, 0.39, {0.5, nan, 0.4}).truth, Truth::yes);
    EXPECT_EQ(judged(low, 0.4, {0.5, nan, 0.4}).truth, Truth::no);
}

TEST(LineTest, OfAYieldIsMadeOfItsPastWindows) {
    const Rule rule =
        when::yield_below(Threshold::standard_deviations(-2.0), {.over = rows(29), .drop_tolerance = 0.5});
    const Reason below = judged(rule, 0.34, ten);  // 0.45 - 2 * 0.0527... = 0.3446
    EXPECT_EQ(below.truth, Truth::yes);
    EXPECT_EQ(
        below.sentence,
        "yield over the last 29 rows was 0.34 on 29 rows, below 0.3446, hf.thresholds.standard_deviations(-2) of 10 "
        "past windows; the window before it is not there to compare with");
    EXPECT_EQ(judged(when::yield_below(Threshold::quantile(0.5, 3), {.over = rows(29)}), 0.41, {0.4, 0.4, 0.5}).truth,
              Truth::no);
}

TEST(LineTest, WithTooFewPastWindowsIsUnknown) {
    const Rule metric = when::metric("mae", {.over = 1h}).above(Threshold::quantile());
    std::vector<double> nine(ten.begin(), ten.end() - 1);
    nine.push_back(nan);
    EXPECT_EQ(judged(metric, 9.0, nine).truth, Truth::unknown);
    EXPECT_EQ(judged(metric, 9.0, nine).sentence, "mae over 1h needs 10 past windows, has 9");
    EXPECT_EQ(judged(metric, 9.0, {}).sentence, "mae over 1h needs 10 past windows, has 0");

    const Rule yield = when::yield_below(Threshold::quantile(0.1), {.over = rows(29), .drop_tolerance = 0.5});
    EXPECT_EQ(judged(yield, 0.0, nine).truth, Truth::unknown);
    EXPECT_EQ(judged(yield, 0.0, nine).sentence,
              "yield over the last 29 rows needs 10 past windows, has 9; the window before it is not there to compare "
              "with");
}

TEST(LineTest, IsStoredAndWrittenAsItWasGiven) {
    const std::vector<Rule> all{
        when::metric("mae", {.over = 1h}).above(Threshold::standard_deviations(3.0)),
        when::metric("mae", {.over = 1h, .past = 48}).above(Threshold::quantile(0.9, 20)),
        when::metric("r2").below(Threshold::standard_deviations(-2.0, stats::ThresholdCenter::median, 40)),
        when::yield_below(Threshold::quantile(0.05), {.over = rows(29), .past = 10})};
    const std::vector<std::string> texts{
        R"(hf.when.metric("mae", over="1h").above(hf.thresholds.standard_deviations(3)))",
        R"(hf.when.metric("mae", over="1h", past=48).above(hf.thresholds.quantile(0.9, min_windows=20)))",
        R"(hf.when.metric("r2", over=hf.rows(1000)).below(hf.thresholds.standard_deviations(-2, center="median", min_windows=40)))",
        R"(hf.when.yield_below(hf.thresholds.quantile(0.05), over=hf.rows(29), past=10))"};
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].to_string(), texts[i]);
        EXPECT_EQ(Rule::from_json(Json::parse(all[i].to_json().canonical())), all[i]);
    }
    EXPECT_EQ(all[0].requirements().metrics.front().past, 30);
    EXPECT_EQ(all[2].requirements().metrics.front().past, 40);
    EXPECT_EQ(all[3].requirements().yields.front().past, 10);

    const Observation seen = with_past(when::all_of(all), 0.5, {0.4, nan, 0.5});
    const Observation read = Observation::from_json(Json::parse(seen.to_json().canonical()));
    EXPECT_EQ(read.to_json().canonical(), seen.to_json().canonical());
    EXPECT_EQ(read.metrics.at(1).query, seen.metrics.at(1).query);
    EXPECT_EQ(read.metrics.at(1).past.at(2), 0.5);
    EXPECT_EQ(read.yields.at(0).past.size(), 3u);
}

// What was stored before there were past windows keeps its bytes, and so its hash.
TEST(LineTest, AConstantAsksForNoPastWindows) {
    const Rule rule = when::any_of(when::metric("mae").above(0.45), when::yield_below(0.7));
    EXPECT_EQ(rule.to_json().canonical().find("past"), std::string::npos);
    EXPECT_EQ(with_past(rule, 0.5, {}).to_json().canonical().find("past"), std::string::npos);
    EXPECT_EQ(rule.requirements().metrics.front().past, 0);
}

TEST(LineTest, ImpossibleOnesAreRefusedByName) {
    const auto refusal = [](auto&& make) -> std::string {
        try {
            static_cast<void>(make());
        } catch (const InvalidArgument& error) {
            return error.what();
        }
        return "accepted";
    };
    EXPECT_EQ(refusal([] { return when::metric("mae", {.past = 20}).above(0.45); }),
              "rule metric \"mae\": past 20 given with the threshold 0.45; one that is made of past windows wanted");
    EXPECT_EQ(refusal([] { return when::metric("mae", {.past = 5}).above(Threshold::quantile()); }),
              "rule metric \"mae\": past 5 given, at least the 10 min_windows of its threshold wanted");
    EXPECT_EQ(refusal([] { return when::yield_below(Threshold::quantile(), {.past = 1001}); }),
              "rule yield_below: past 1001 given, at most 1000 wanted");
    constexpr std::int64_t many = std::int64_t{1} << 60;
    EXPECT_EQ(refusal([] { return when::metric("mae", {.over = rows(many)}).above(Threshold::quantile()); }),
              "rule metric \"mae\": over rows(1152921504606846976) given, shorter windows wanted");
    EXPECT_EQ(refusal([] { return when::metric("mae", {.over = rows(many)}).above(0.45); }), "accepted");
    EXPECT_EQ(refusal([] { return when::yield_below(1.5); }), "rule yield_below: threshold 1.5 given, 0 to 1 wanted");
    EXPECT_EQ(refusal([] {
                  return Rule::from_json(
                      Json::parse(R"({"rule":"metric","metric":"mae","above":{"threshold":"sometimes"}})"));
              }),
              "rule \"metric\": member \"above\": threshold \"sometimes\" is unknown; wanted: standard_deviations, "
              "quantile");
}

}  // namespace
}  // namespace holdfast

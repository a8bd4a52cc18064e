#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>

#include "unit/policy/observed.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using namespace testing;

/// Evaluates a rule again and again, as a controller does, with its state as stored text in between.
class Timeline {
  public:
    explicit Timeline(Rule rule) : rule_(std::move(rule)) {}
    Truth step(Duration since_start, Truth a, Truth b = Truth::unknown) {
        Observation seen = at(since_start);
        with_truth(seen, "a", a);
        with_truth(seen, "b", b);
        last = rule_.evaluate(seen, state_);
        state_ = Json::parse(last.state.canonical());
        return last.truth;
    }
    Rule::Outcome last;

  private:
    Rule rule_;
    Json state_;
};

TEST(HeldForTest, IsTrueAfterAnUnbrokenRun) {
    Timeline line(condition("a").held_for(5min));
    EXPECT_EQ(line.step(0min, Truth::yes), Truth::no);
    EXPECT_EQ(line.last.reasons.back().sentence, "it has held for 0s, not yet 5m");
    EXPECT_EQ(line.step(3min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(5min, Truth::yes), Truth::yes);
    EXPECT_EQ(line.step(9min, Truth::yes), Truth::yes);
    EXPECT_EQ(line.step(10min, Truth::no), Truth::no);
    EXPECT_TRUE(line.last.state.is_null());
    EXPECT_EQ(line.step(11min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(16min, Truth::yes), Truth::yes);
}

TEST(HeldForTest, BeginsAnewAfterUnknown) {
    Timeline line(condition("a").held_for(5min));
    EXPECT_EQ(line.step(0min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(4min, Truth::unknown), Truth::unknown);
    EXPECT_EQ(line.step(6min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(11min, Truth::yes), Truth::yes);
}

TEST(HeldForTest, SurvivesAClockThatWasSetBack) {
    Timeline line(condition("a").held_for(5min));
    EXPECT_EQ(line.step(60min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(10min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(15min, Truth::yes), Truth::yes);
}

TEST(CooldownTest, RestsAfterItActed) {
    Timeline line(condition("a").cooldown(6h));
    EXPECT_EQ(line.step(0h, Truth::yes), Truth::yes);
    EXPECT_EQ(line.last.state.at("last").as_string(), "2021-07-01T00:00:00Z");
    EXPECT_EQ(line.step(2h, Truth::yes), Truth::no);
    EXPECT_EQ(line.last.reasons.back().sentence, "it acted at 2021-07-01T00:00:00Z and rests for another 4h of 6h");
    EXPECT_EQ(line.step(3h, Truth::unknown), Truth::no);
    EXPECT_EQ(line.step(6h, Truth::yes), Truth::yes);
    EXPECT_EQ(line.step(7h, Truth::no), Truth::no);
    EXPECT_EQ(line.step(12h, Truth::yes), Truth::yes);
}

TEST(CooldownTest, BeginsOnlyWhereTheWholeRuleActed) {
    Timeline line(when::all_of(condition("a").cooldown(6h), condition("b")));
    EXPECT_EQ(line.step(0h, Truth::yes, Truth::no), Truth::no);
    EXPECT_EQ(line.step(1h, Truth::yes, Truth::yes), Truth::yes);
    EXPECT_EQ(line.step(2h, Truth::yes, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(7h, Truth::yes, Truth::yes), Truth::yes);
}

TEST(CooldownTest, LeavesOtherBranchesAlone) {
    Timeline line(when::any_of(condition("a").cooldown(6h), condition("b")));
    EXPECT_EQ(line.step(0h, Truth::yes, Truth::no), Truth::yes);
    EXPECT_EQ(line.step(1h, Truth::yes, Truth::no), Truth::no);
    EXPECT_EQ(line.step(2h, Truth::yes, Truth::yes), Truth::yes);
}

TEST(CooldownTest, GoesOnHoldingWhatItRestsOn) {
    Timeline line(condition("a").held_for(5min).cooldown(1h));
    EXPECT_EQ(line.step(0min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(5min, Truth::yes), Truth::yes);
    EXPECT_EQ(line.step(30min, Truth::yes), Truth::no);
    EXPECT_EQ(line.step(65min, Truth::yes), Truth::yes);
}

TEST(EveryTest, CountsFromTheLastRetrainingOrTheDeployment) {
    const Rule rule = when::every(7 * 24h);
    Observation seen = at(6 * 24h);
    EXPECT_EQ(rule.evaluate(seen, {}).truth, Truth::no);
    seen.time = start + 7 * 24h;
    EXPECT_EQ(rule.evaluate(seen, {}).truth, Truth::yes);
    seen.last_retrain = start + 1h;
    EXPECT_EQ(rule.evaluate(seen, {}).truth, Truth::no);
    seen.live_since.reset();
    seen.last_retrain.reset();
    EXPECT_EQ(rule.evaluate(seen, {}).truth, Truth::unknown);
}

}  // namespace
}  // namespace holdfast

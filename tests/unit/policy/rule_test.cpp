#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>

#include "unit/policy/observed.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using namespace testing;

Rule::Outcome evaluate(const Rule& rule, const Observation& seen) { return rule.evaluate(seen, {}); }

TEST(KleeneTest, AnyOfAndAllOfFollowTheStrongTables) {
    constexpr std::array values{Truth::no, Truth::unknown, Truth::yes};  // in Kleene's order
    for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t b = 0; b < 3; ++b) {
            Observation seen = at(1h);
            with_truth(seen, "a", values[a]);
            with_truth(seen, "b", values[b]);
            EXPECT_EQ(evaluate(when::any_of(condition("a"), condition("b")), seen).truth, values[std::max(a, b)]);
            EXPECT_EQ(evaluate(when::all_of(condition("a"), condition("b")), seen).truth, values[std::min(a, b)]);
        }
    }
}

TEST(MetricRuleTest, SaysWhatAPersonWouldSay) {
    Observation seen = at(14 * 24h);
    with_metric(seen, "accuracy", 0.41239, 1344, Window(14 * 24h));
    const Rule rule = when::metric("accuracy", {.over = 14 * 24h}).below(0.65);
    const Decision decision = rule.decide(seen, {}, Action::retrain, "retrain");
    EXPECT_EQ(decision.action, Action::retrain);
    ASSERT_EQ(decision.reasons.size(), 1u);
    EXPECT_EQ(decision.reasons[0].sentence, "accuracy over 14d was 0.4124 on 1,344 labels, below 0.65");
    EXPECT_EQ(decision.sentence, "retrain: accuracy over 14d was 0.4124 on 1,344 labels, below 0.65");
    EXPECT_EQ(decision.reasons[0].rule, "hf.when.metric(\"accuracy\", over=\"2w\").below(0.65)");
    EXPECT_EQ(decision.reasons[0].numbers.at("value").as_double(), 0.41239);
    EXPECT_EQ(decision.observation_hash, seen.hash().hex());
    EXPECT_EQ(decision.transaction, 42);
    EXPECT_EQ(decision.policy_json, rule.to_json());
}

TEST(MetricRuleTest, NeverRoundsAcrossTheThreshold) {
    Observation seen = at(1h);
    with_metric(seen, "mae", 0.450000123, 10, rows(1000));
    const auto outcome = evaluate(when::metric("mae").above(0.45), seen);
    EXPECT_EQ(outcome.truth, Truth::yes);
    EXPECT_EQ(outcome.reasons[0].sentence, "mae over the last 1,000 rows was 0.450000123 on 10 labels, above 0.45");
}

TEST(MetricRuleTest, OfEventTimeJudgesCohortsThatHaveMatured) {
    const MetricQuery query{"f1(average=macro)", Window(24h), 100, LabelTime::event, 0.9, 72h};
    const Rule rule =
        when::metric(query.metric, {.over = 24h, .min_labels = 100, .by = LabelTime::event, .horizon = 72h}).below(0.7);
    EXPECT_EQ(rule.requirements().metrics.front(), query);
    EXPECT_EQ(rule.to_string(),
              "hf.when.metric(\"f1(average=macro)\", over=\"1d\", min_labels=100, by=\"event\", mature=0.9, "
              "horizon=\"3d\").below(0.7)");
    EXPECT_EQ(Rule::from_json(Json::parse(rule.to_json().canonical())), rule);

    Observation seen = at(96h);
    ObservedMetric few{query, {"f1(average=macro)", 0.6, {0.5, 0.7, 0.95}, 40}};
    few.waiting = 1300;
    few.matured_until = seen.time - 25h;
    seen.metrics = {few};
    EXPECT_EQ(evaluate(rule, seen).reasons[0].sentence,
              "f1(average=macro) over 1d needs 100 labels, has 40 that have matured; 1,300 interactions in younger "
              "buckets");
    seen.metrics[0].value.rows = 100;
    EXPECT_EQ(evaluate(rule, seen).truth, Truth::yes);
    seen.metrics[0].value.value = nan;
    seen.metrics[0].reason = "no row of class 1";
    EXPECT_EQ(evaluate(rule, seen).truth, Truth::unknown);
    EXPECT_EQ(evaluate(rule, seen).reasons[0].sentence,
              "f1(average=macro) over 1d is not defined on 100 labels (no row of class 1)");
    const Observation read = Observation::from_json(Json::parse(seen.to_json().canonical()));
    EXPECT_EQ(read.to_json().canonical(), seen.to_json().canonical());
    EXPECT_EQ(read.metrics[0].matured_until, seen.time - 25h);

    // A rule that was stored before there were cohorts asks for all of them.
    const Rule old = Rule::from_json(
        Json::parse(R"({"rule":"metric","metric":"mae","over":"1d","min_labels":1,"by":"event","above":1})"));
    EXPECT_FALSE(old.requirements().metrics.front().mature);
    EXPECT_FALSE(when::metric("mae", {.over = 24h}).above(1).requirements().metrics.front().mature);
    const auto by_event = [](std::optional<double> mature, std::optional<Duration> horizon) {
        return when::metric("mae", {.over = 24h, .by = LabelTime::event, .mature = mature, .horizon = horizon})
            .above(1);
    };
    EXPECT_THROW(static_cast<void>(by_event(0.0, {})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(by_event(1.1, {})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(by_event(0.9, Duration(0))), InvalidArgument);
    EXPECT_THROW(static_cast<void>(by_event({}, 24h)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(when::metric("mae", {.over = 24h, .horizon = 24h}).above(1)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(when::metric("f1(top=3)").above(1)), InvalidArgument);
}

TEST(MetricRuleTest, OfANameThatOthersRecordSpeaksOfValues) {
    Observation seen = at(1h);
    seen.metrics = {{MetricQuery{"precision", rows(1000)}, {"precision", 0.5, {nan, nan, 0.95}, 3}}};
    EXPECT_EQ(evaluate(when::metric("precision").below(0.6), seen).reasons[0].sentence,
              "precision over the last 1,000 rows was 0.5 on 3 values, below 0.6");
    seen.metrics[0].value.interval = {0.2, 0.8, 0.95};
    EXPECT_EQ(evaluate(when::metric("precision").below(0.6), seen).reasons[0].sentence,
              "precision over the last 1,000 rows was 0.5 on 3 labels, below 0.6");
}

TEST(MetricRuleTest, IsStrictAtTheThreshold) {
    Observation seen = at(1h);
    with_metric(seen, "mae", 0.45, 10, rows(1000));
    EXPECT_EQ(evaluate(when::metric("mae").above(0.45), seen).truth, Truth::no);
    EXPECT_EQ(evaluate(when::metric("mae").below(0.45), seen).truth, Truth::no);
}

TEST(MetricRuleTest, IsUnknownAndSaysWhyWhereItCannotBeTold) {
    const Rule rule = when::metric("mae", {.over = 1h, .min_labels = 200}).above(0.45);
    const Observation unseen = at(1h);
    EXPECT_EQ(evaluate(rule, unseen).truth, Truth::unknown);
    EXPECT_EQ(evaluate(rule, unseen).reasons[0].sentence, "mae over 1h was not observed");

    Observation few = at(1h);
    with_metric(few, "mae", 9.0, 37, Window(1h), 200);
    EXPECT_EQ(evaluate(rule, few).truth, Truth::unknown);
    EXPECT_EQ(evaluate(rule, few).reasons[0].sentence, "mae over 1h needs 200 labels, has 37");

    for (const double value : {nan, HUGE_VAL, -HUGE_VAL}) {
        Observation undefined = at(1h);
        with_metric(undefined, "mae", value, 300, Window(1h), 200);
        EXPECT_EQ(evaluate(rule, undefined).truth, Truth::unknown);
        EXPECT_EQ(rule.decide(undefined, {}, Action::retrain, "retrain").action, Action::none);
    }
}

TEST(YieldRuleTest, IsTrueBelowTheThresholdOrAfterADrop) {
    const Rule rule = when::yield_below(0.7, {.over = rows(29), .drop_tolerance = 0.05});
    const auto truth = [&](double value, double previous) {
        Observation seen = at(1h);
        with_yield(seen, value, 29, previous, std::isnan(previous) ? 0 : 29, rows(29));
        return evaluate(rule, seen).truth;
    };
    EXPECT_EQ(truth(0.69, 0.69), Truth::yes);
    EXPECT_EQ(truth(0.69, nan), Truth::yes);
    EXPECT_EQ(truth(0.80, 0.90), Truth::yes);
    EXPECT_EQ(truth(0.88, 0.90), Truth::no);
    EXPECT_EQ(truth(0.90, nan), Truth::unknown);
    EXPECT_EQ(truth(nan, 0.9), Truth::unknown);
}

TEST(YieldRuleTest, WaitsUntilAWindowOfRowsIsFull) {
    Observation seen = at(1h);
    with_yield(seen, 0.0, 3, nan, 0, rows(29));
    const auto outcome = evaluate(when::yield_below(0.7, {.over = rows(29)}), seen);
    EXPECT_EQ(outcome.truth, Truth::unknown);
    EXPECT_EQ(outcome.reasons[0].sentence, "yield over the last 29 rows needs 29 rows, has 3");
}

TEST(DriftRuleTest, FollowsTheVerdict) {
    const Rule rule = when::drift();
    for (const auto& [verdict, truth] :
         {std::pair(stats::Verdict::drift, Truth::yes), std::pair(stats::Verdict::ok, Truth::no),
          std::pair(stats::Verdict::insufficient, Truth::unknown)}) {
        Observation seen = at(1h);
        with_drift(seen, verdict);
        EXPECT_EQ(evaluate(rule, seen).truth, truth);
    }
    Observation seen = at(1h);
    with_drift(seen, stats::Verdict::drift);
    EXPECT_EQ(evaluate(rule, seen).reasons[0].sentence,
              "1 of 8 columns drifted over the last 1,000 rows (1,000 current rows): income; any is enough");
    EXPECT_EQ(evaluate(rule, at(1h)).truth, Truth::unknown);
}

TEST(RuleTest, NamesTheSettlingConditionsAlone) {
    Observation seen = at(1h);
    with_truth(seen, "a", Truth::no);
    with_truth(seen, "c", Truth::yes);
    const Rule rule = when::any_of(condition("a"), condition("b"), condition("c"));
    const Decision decision = rule.decide(seen, {}, Action::retrain, "retrain");
    EXPECT_EQ(decision.sentence, "retrain: c over the last 1,000 rows was 1 on 10 values, above 0.5");
    EXPECT_EQ(decision.reasons.size(), 3u);
    const Decision unknown = when::any_of(condition("a"), condition("b")).decide(seen, {}, Action::retrain, "retrain");
    EXPECT_EQ(unknown.action, Action::none);
    EXPECT_EQ(unknown.sentence, "no retrain, not known: b over the last 1,000 rows was not observed");
}

TEST(RuleTest, AsksForEachQueryOnce) {
    const Rule rule =
        when::all_of(condition("a"), when::any_of(condition("a"), condition("b")), when::drift(), when::drift());
    const Requirements wanted = rule.requirements();
    EXPECT_EQ(wanted.metrics.size(), 2u);
    EXPECT_EQ(wanted.drifts.size(), 1u);
}

TEST(RuleTest, RefusesWhatCanNeverBeMeant) {
    EXPECT_THROW((void)when::metric("mae").above(nan), InvalidArgument);
    EXPECT_THROW((void)when::metric("").above(1), InvalidArgument);
    EXPECT_THROW((void)when::metric("mae", {.min_labels = 0}).above(1), InvalidArgument);
    EXPECT_THROW((void)when::metric("mae", {.over = rows(10), .min_labels = 11}).above(1), InvalidArgument);
    EXPECT_THROW((void)when::yield_below(1.5), InvalidArgument);
    EXPECT_THROW((void)when::drift({.share = -0.1}), InvalidArgument);
    EXPECT_THROW((void)when::drift({.alpha = 0.0}), InvalidArgument);
    EXPECT_THROW((void)when::every(0s), InvalidArgument);
    EXPECT_THROW((void)when::any_of(std::vector<Rule>{}), InvalidArgument);
    EXPECT_THROW((void)condition("a").held_for(-1s), InvalidArgument);
    EXPECT_THROW((void)condition("a").cooldown(Duration{1500}), InvalidArgument);
    EXPECT_THROW((void)condition("a").decide(at(0s), {}, Action::none, "retrain"), InvalidArgument);
    EXPECT_THROW((void)condition("a").held_for(1min).evaluate(at(0s), Json(3)), InvalidArgument);
}

}  // namespace
}  // namespace holdfast

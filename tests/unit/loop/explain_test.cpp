#include <cmath>
#include <fstream>

#include "small_loop.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

using ExplainTest = test::SmallLoop;
using Verdict = Explanation::Verdict;

TEST_F(ExplainTest, ReproducesEveryPolicysDecisionAlsoAfterMoreRowsCame) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    for (int i = 0; i < 6; ++i) (void)loop.step();
    for (int i = 0; i < 3; ++i) hour(0.1);  // later rows are not seen
    const Workspace again = open();
    int reproduced = 0;
    for (const Decision& decision : loop.history()) {
        const Explanation explanation = explain(again, decision);
        const bool by_policy = decision.policy == "retrain" || decision.policy == "promote";
        EXPECT_EQ(explanation.verdict, by_policy ? Verdict::reproduced : Verdict::not_reproducible) << explanation.text;
        reproduced += by_policy ? 1 : 0;
    }
    EXPECT_EQ(reproduced, 2);
}

TEST_F(ExplainTest, SaysWhatIsMissing) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    for (int i = 0; i < 6; ++i) (void)loop.step();
    const Version challenger = workspace_->registry().version("line", 2);
    const Digest samples = Digest::from_hex(challenger.manifest.lineage.at("samples").as_string());
    std::filesystem::remove(workspace_->store().artifact_path(samples, ".samples.json"));
    const Decision promotion = loop.history().at(3);
    ASSERT_EQ(promotion.policy, "promote");
    const Explanation explanation = explain(*workspace_, promotion);
    EXPECT_EQ(explanation.verdict, Verdict::missing) << explanation.text;
    EXPECT_FALSE(explanation.notes.empty());
}

TEST_F(ExplainTest, ADecisionThatWasTamperedWithIsNotReproduced) {
    Controller loop(*workspace_, options(splitting_at(0.1)));
    go_stale();
    (void)loop.step();
    Decision decision = loop.history().at(0);
    decision.reasons.at(0).numbers["value"] = 0.99;
    EXPECT_EQ(explain(*workspace_, decision).verdict, Verdict::different);
    decision.sequence = 99;
    EXPECT_THROW((void)explain(*workspace_, decision), NotFound);
}

// Decisions of before observations had reasons and cohorts: their hash is of the bytes that were written then.
TEST_F(ExplainTest, ADecisionOfAnOlderFormatIsMadeAgainInIt) {
    hour(0.5);
    const Json by_event =
        Json::parse(R"({"rule":"metric","metric":"accuracy","over":"1h","min_labels":1,"by":"event","below":2})");
    const Rule rule = when::any_of(when::metric("auc", {.over = rows(1)}).below(0.9),  // one class: not defined
                                   when::metric("precision").below(0.9),               // nobody recorded any
                                   Rule::from_json(by_event));
    Requirements wanted = rule.requirements();
    wanted.format = 1;
    const Observation seen = observe(*workspace_, "line", wanted, clock_->now());
    ASSERT_EQ(seen.metrics.size(), 2u);
    EXPECT_TRUE(std::isnan(seen.metrics[0].value.value));
    EXPECT_EQ(seen.metrics[1].value.rows, 50);
    const Json written = seen.to_json();
    EXPECT_EQ(written.at("format").as_int(), 1);
    for (const Json& metric : written.at("metrics").as_array()) {
        EXPECT_EQ(metric.find("reason"), nullptr);
        EXPECT_EQ(metric.at("query").find("mature"), nullptr);
    }
    Decision decision = rule.decide(seen, {}, Action::retrain, "retrain");
    workspace_->store().write([&](store::Session& session) {
        decision.sequence = session.add_decision({"line", 0, decision.to_json(), seen.to_json(), {}});
    });
    const Explanation explanation = explain(*workspace_, decision);
    EXPECT_EQ(explanation.verdict, Verdict::reproduced) << explanation.text;

    wanted.format = 2;
    const Observation now = observe(*workspace_, "line", wanted, clock_->now(), seen.transaction);
    ASSERT_EQ(now.metrics.size(), 3u);
    EXPECT_EQ(now.metrics[0].reason.substr(0, 15), "no row of class");
    EXPECT_EQ(now.metrics[1].query.metric, "precision");
}

TEST_F(ExplainTest, OnlyCohortsThatHaveMaturedAreJudged) {
    hour(0.5);  // all labelled
    const std::vector<double> x{0.1, 0.2, 0.9, 0.8};
    const std::vector<Id> ids{Id("young 1"), Id("young 2"), Id("young 3"), Id("young 4")};
    clock_->advance(2h);
    ASSERT_TRUE(workspace_->endpoint("line").predict(test::column_x(x), {.ids = ids}));
    workspace_->interactions().label(std::span(ids).first(3), Column::of(std::vector<std::int64_t>{1, 1, 0}));
    Requirements wanted;
    const auto query = [](std::optional<double> mature, std::optional<Duration> horizon = {}) {
        return MetricQuery{"accuracy", Window(24h), 1, LabelTime::event, mature, horizon};
    };
    wanted.metrics = {query({}), query(0.9), query(0.75), query(0.9, 30min)};
    const Time then = clock_->now();
    const Observation seen = observe(*workspace_, "line", wanted, then);
    const auto rows = [&](const Observation& of, std::size_t i) { return of.metrics.at(i).value.rows; };
    EXPECT_EQ((std::vector{rows(seen, 0), rows(seen, 1), rows(seen, 2), rows(seen, 3)}),
              (std::vector<std::int64_t>{53, 50, 53, 50}));
    EXPECT_FALSE(seen.metrics[0].matured_until);
    EXPECT_EQ(seen.metrics[1].waiting, 4);
    EXPECT_EQ(seen.metrics[2].waiting, 0);
    EXPECT_LT(*seen.metrics[1].matured_until, *seen.metrics[2].matured_until);
    clock_->advance(31min);
    EXPECT_EQ(rows(observe(*workspace_, "line", wanted, clock_->now()), 3), 53);  // waited long enough
    workspace_->interactions().label(std::span(ids).last(1), Column::of(std::vector<std::int64_t>{1}));
    EXPECT_EQ(rows(observe(*workspace_, "line", wanted, clock_->now()), 1), 54);
    EXPECT_EQ(observe(*workspace_, "line", wanted, then, seen.transaction).hash(), seen.hash());
}

TEST_F(ExplainTest, AMetricThatDoesNotGoWithTheModelSaysSo) {
    hour(0.5);
    workspace_->record_metric("recall", 0.25);
    Requirements wanted;
    wanted.metrics = {{"top_k_accuracy(top=1)"}, {"recall"}, {"f1"}, {"ece"}};
    const Observation seen = observe(*workspace_, "line", wanted, clock_->now());
    ASSERT_EQ(seen.metrics.size(), 4u);
    EXPECT_EQ(seen.metrics[0].value.rows, 50);
    EXPECT_EQ(seen.metrics[1].value.value, 0.25);  // others recorded it
    EXPECT_GT(seen.metrics[2].value.value, 0.0);
    EXPECT_EQ(seen.metrics[3].reason, "");
}

TEST_F(ExplainTest, WindowsOfTimeAreHalfOpen) {
    hour(0.5);  // recorded at start + 1h
    hour(0.5);  // recorded at start + 2h
    Requirements wanted;
    wanted.metrics = {{"accuracy", Window(1h), 1, LabelTime::recorded}};
    const auto rows = [&](Time time) {
        const Observation seen = observe(*workspace_, "line", wanted, time);
        return seen.metrics.at(0).value.rows;
    };
    EXPECT_EQ(rows(test::start + 2h), 50);
    EXPECT_EQ(rows(test::start + 1h), 50);
    EXPECT_EQ(rows(test::start + 2h + 59min), 50);
    EXPECT_EQ(rows(test::start + 3h), 0);
}

TEST_F(ExplainTest, AnObservationSeesNothingBehindItsTransaction) {
    hour(0.5);
    Requirements wanted;
    wanted.metrics = {{"accuracy", rows(1000), 1, LabelTime::recorded}};
    wanted.yields = {{rows(10), false}};
    const Observation before = observe(*workspace_, "line", wanted, clock_->now());
    const Time then = clock_->now();
    hour(0.1);
    const Observation again = observe(*workspace_, "line", wanted, then, before.transaction);
    EXPECT_EQ(again.to_json(), before.to_json());
    EXPECT_EQ(again.hash(), before.hash());
}

TEST_F(ExplainTest, WhatOthersMeasuredIsAMetricToo) {
    workspace_->record_metric("line_speed", 3.0);
    workspace_->record_metric("line_speed", 4.0);
    Requirements wanted;
    wanted.metrics = {{"line_speed", Window(1h), 1, LabelTime::recorded},
                      {"no_such_thing", Window(1h), 1, LabelTime::recorded}};
    const Observation seen = observe(*workspace_, "line", wanted, clock_->now());
    ASSERT_EQ(seen.metrics.size(), 1u);
    EXPECT_EQ(seen.metrics[0].value.value, 3.5);
    EXPECT_EQ(seen.metrics[0].value.rows, 2);
}

}  // namespace
}  // namespace holdfast

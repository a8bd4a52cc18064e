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

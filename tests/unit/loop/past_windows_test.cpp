// The windows that a threshold is made of: each is what was the newest window then.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "small_loop.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

using PastWindowsTest = test::SmallLoop;
using stats::Threshold;

constexpr std::array edges{0.5, 0.44, 0.5, 0.4, 0.56, 0.47};

Requirements wanted(std::int64_t past) {
    Requirements all;
    all.metrics = {{"accuracy", Window(1h), 1, LabelTime::recorded, {}, {}, past},
                   {"accuracy", rows(50), 1, LabelTime::recorded, {}, {}, past},
                   {"accuracy", Window(1h), 1, LabelTime::event, 0.9, {}, past},
                   {"line_speed", Window(1h), 1, LabelTime::recorded, {}, {}, past},
                   {"line_speed", rows(2), 1, LabelTime::recorded, {}, {}, past}};
    all.yields = {{Window(1h), false, past}, {rows(50), false, past}, {Window(1h), true, past}};
    return all;
}

TEST_F(PastWindowsTest, AreWhatWasObservedThen) {
    std::vector<Observation> then;
    for (const double edge : edges) {
        hour(edge);
        workspace_->record_metric("line_speed", edge);
        workspace_->record_metric("line_speed", edge + 1.0);
        then.push_back(observe(*workspace_, "line", wanted(0), clock_->now()));
    }
    const Observation now = observe(*workspace_, "line", wanted(7), clock_->now());
    ASSERT_EQ(now.metrics.size(), 5u);
    ASSERT_EQ(now.yields.size(), 3u);
    const std::size_t newest = edges.size() - 1;
    for (std::size_t back = 1; back <= newest; ++back) {
        const Observation& before = then[newest - back];
        for (std::size_t i = 0; i < now.metrics.size(); ++i)
            EXPECT_EQ(now.metrics[i].past.at(back - 1), before.metrics.at(i).value.value) << i << ", " << back;
        for (std::size_t i = 0; i < now.yields.size(); ++i)
            EXPECT_EQ(now.yields[i].past.at(back - 1), before.yields.at(i).value) << i << ", " << back;
    }
    for (const ObservedMetric& metric : now.metrics) {
        EXPECT_TRUE(std::isnan(metric.past.at(5)));  // before the first hour
        EXPECT_EQ(metric.past.size(), 7u);
    }
    for (const ObservedYield& yield : now.yields) EXPECT_TRUE(std::isnan(yield.past.at(5)));
    // The newest window itself is the same, whatever is looked at beside it.
    EXPECT_EQ(now.metrics[0].value.value, then.back().metrics[0].value.value);
    EXPECT_EQ(observe(*workspace_, "line", wanted(7), clock_->now(), now.transaction).hash(), now.hash());
}

TEST_F(PastWindowsTest, HoldOnlyWhatTheLiveVersionAnswered) {
    for (const double edge : edges) hour(edge);
    const Version second = workspace_->registry().register_package(test::package_of(0.1));
    workspace_->registry().approve("line", second.number, "me", "");
    endpoint_->deploy(second, "me", "");
    hour(0.1);
    hour(0.1);
    const Observation now = observe(*workspace_, "line", wanted(3), clock_->now());
    for (const std::size_t i : {0, 1, 2}) {
        EXPECT_EQ(now.metrics.at(i).past.at(0), 1.0) << i;  // it splits at 0.1
        EXPECT_TRUE(std::isnan(now.metrics.at(i).past.at(1))) << i;
    }
    for (const ObservedYield& yield : now.yields) {
        EXPECT_TRUE(std::isfinite(yield.past.at(0)));
        EXPECT_TRUE(std::isnan(yield.past.at(1)));
    }
}

TEST_F(PastWindowsTest, WithFewerRowsThanWantedDoNotCount) {
    for (int i = 0; i < 4; ++i) hour(0.5);
    Requirements few;
    few.metrics = {{"accuracy", Window(1h), 51, LabelTime::recorded, {}, {}, 2},
                   {"accuracy", rows(60), 1, LabelTime::recorded, {}, {}, 3}};
    few.yields = {{rows(60), false, 3}};
    const Observation now = observe(*workspace_, "line", few, clock_->now());
    EXPECT_TRUE(std::isnan(now.metrics.at(0).past.at(0)));
    const auto counted = [](const std::vector<double>& past) {
        return std::ranges::count_if(past, [](double value) { return std::isfinite(value); });
    };
    EXPECT_EQ(counted(now.metrics.at(1).past), 2);  // 200 rows are 3 windows of 60, the newest of them judged
    EXPECT_EQ(counted(now.yields.at(0).past), 2);
}

TEST_F(PastWindowsTest, MakeADecisionThatIsReproduced) {
    auto with = options(splitting_at(0.1));
    with.retrain = when::metric("accuracy", {.over = 1h, .min_labels = 50})
                       .below(Threshold::standard_deviations(-3.0, stats::ThresholdCenter::mean, 4));
    Controller loop(*workspace_, with);
    for (const double edge : {0.5, 0.49, 0.5, 0.48}) {
        hour(edge);
        EXPECT_FALSE(loop.step().decision);
    }
    hour(0.49);
    EXPECT_FALSE(loop.step().decision);
    hour(0.1);
    const Decision decision = loop.step().decision.value();
    EXPECT_EQ(decision.action, Action::retrain) << decision.sentence;
    for (int i = 0; i < 2; ++i) hour(0.1);
    const Explanation explanation = explain(*workspace_, decision);
    EXPECT_EQ(explanation.verdict, Explanation::Verdict::reproduced) << explanation.text;
}

}  // namespace
}  // namespace holdfast

#include <holdfast/monitor/window_monitor.hpp>

#include <gtest/gtest.h>

#include <vector>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

Table rows_from(double first, int count) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(first + i);
    Table table;
    table.add("x", Column::of(values));
    return table;
}

TEST(WindowMonitor, KeepsTheNewestRowsWithinItsLimit) {
    WindowMonitor monitor({.rows = 1000, .labelled = 3, .points = 2});
    EXPECT_EQ(monitor.last(5).rows(), 0);
    for (int i = 0; i < 5000; ++i) monitor.add(rows_from(i, 1));
    monitor.add(rows_from(5000, 10));
    EXPECT_EQ(monitor.rows(), 1000);
    const Table last = monitor.last(3);
    EXPECT_EQ(last.column("x").as_doubles(), (std::vector<double>{5007, 5008, 5009}));
    EXPECT_EQ(monitor.last(1'000'000).rows(), 1000);
    monitor.add(rows_from(0, 20'000));
    EXPECT_EQ(monitor.last(1).column("x").number(0), 19'999.0);
    EXPECT_EQ(monitor.rows(), 1000);
}

TEST(WindowMonitor, ScoresTheNewestLabelledRows) {
    WindowMonitor monitor({.rows = 10, .labelled = 3, .points = 2});
    const std::vector<double> truth{1, 1, 1, 1}, prediction{0, 1, 1, 0};
    monitor.add_labelled({truth, prediction, {}, 0});
    EXPECT_EQ(monitor.labelled(), 3);
    EXPECT_DOUBLE_EQ(monitor.metric("accuracy", 100).value, 2.0 / 3.0);
    EXPECT_DOUBLE_EQ(monitor.metric("accuracy", 1).value, 0.0);
    EXPECT_THROW(monitor.add_labelled({truth, {}, {}, 0}), InvalidArgument);
    EXPECT_THROW(monitor.add_labelled({truth, prediction, std::vector<double>(8, 0.5), 2}), InvalidArgument);
}

TEST(WindowMonitor, KnowsEveryMetricOrWhyItDoesNot) {
    WindowMonitor monitor;
    const std::vector<double> truth{0, 1, 1, 0, 1}, prediction{0, 1, 0, 0, 1};
    monitor.add_labelled({truth, prediction, {}, 2});  // without probabilities
    EXPECT_DOUBLE_EQ(monitor.metric("precision", 100).value, 1.0);
    EXPECT_DOUBLE_EQ(monitor.metric("recall", 100).value, 2.0 / 3.0);
    EXPECT_DOUBLE_EQ(monitor.metric("f1(average=macro)", 100).value, 0.8);
    EXPECT_EQ(monitor.metric("recall", 0).reason, "no rows");
    EXPECT_EQ(monitor.metric("mcc", 1).reason, "all rows are of one class");
    EXPECT_THROW(static_cast<void>(monitor.metric("auc", 100)), InvalidArgument);
    EXPECT_THROW(monitor.add_labelled({truth, prediction, std::vector<double>(10, 0.5), 2}), InvalidArgument);
}

TEST(WindowMonitor, KeepsSeriesWithinTheirLimit) {
    WindowMonitor monitor({.rows = 1, .labelled = 1, .points = 2});
    for (int i = 0; i < 5; ++i) monitor.record("mae", Time(std::chrono::microseconds(i)), i);
    const auto points = monitor.series("mae");
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points.front().value, 3.0);
    EXPECT_TRUE(monitor.series("other").empty());
}

TEST(WindowMonitor, ComparesTheLastRowsWithAReference) {
    WindowMonitor monitor;
    monitor.add(rows_from(0, 5000));
    const auto reference = stats::Profile::of(rows_from(0, 5000));
    EXPECT_EQ(monitor.drift(reference, 1000).summary.verdict, stats::Verdict::drift);  // the newest are the largest
    EXPECT_THROW(monitor.add(Table().add("y", Column::of(std::vector<double>{1}))), InvalidArgument);
    EXPECT_THROW(WindowMonitor({.rows = 0, .labelled = 1, .points = 1}), InvalidArgument);
}

}  // namespace
}  // namespace holdfast

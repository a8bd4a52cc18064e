// Retention as an endpoint's standing rule: applied while the log is written, from time to time.
#include <gtest/gtest.h>

#include <thread>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::TemporaryFolder;

Endpoint serving(Workspace& ws, LoggingOptions logging) {
    const Version version = ws.registry().register_package(testing::threshold_package(0.0));
    ws.registry().approve("m", version.number, "me");
    Endpoint endpoint = ws.create_endpoint("m", {.logging = std::move(logging)});
    endpoint.deploy("m", version.number);
    return endpoint;
}

void ask(Endpoint& endpoint, double a, Time time) {
    const std::vector<double> x{a, 1.0};
    ASSERT_TRUE(endpoint.predict(TensorView::matrix(x.data(), 1, 2), {.time = time}));
}

struct RetentionOf : ::testing::Test {
    const Time start = parse_time("2024-01-01T00:00:00Z");
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(start);
    Workspace ws{folder.path(), {.clock = clock, .seed = 7}};

    std::int64_t kept() { return ws.interactions().count({.endpoint = "m"}); }
};

TEST_F(RetentionOf, AgeIsAppliedOnceABucketByFlushAndRefresh) {
    Endpoint endpoint = serving(ws, {.keep_for = minutes(10)});
    for (int i = 0; i < 20; ++i) {
        ask(endpoint, i, clock->now());
        clock->advance(minutes(1));
    }
    EXPECT_EQ(kept(), 20);
    ws.flush();
    EXPECT_EQ(kept(), 10);
    clock->advance(seconds(59));
    ws.flush();
    EXPECT_EQ(kept(), 10);  // not yet
    clock->advance(seconds(1));
    ws.refresh();
    EXPECT_EQ(kept(), 9);
    std::int64_t removed = 0;
    for (const auto& row : ws.interactions().removals("m")) {
        removed += row.interactions;
        EXPECT_EQ(row.reason, "older than 10m");
    }
    EXPECT_EQ(removed, 11);
    EXPECT_EQ(ws.interactions().summary("m", start - minutes(1), clock->now()).counts.rows, 20);
}

TEST_F(RetentionOf, SizeIsThatOfPackedFeaturesAndOutputs) {
    Endpoint endpoint = serving(ws, {});
    for (int i = 0; i < 5000; ++i) ask(endpoint, i, start + seconds(i));
    store::LogExtent extent;
    ws.store().read([&](const store::Session& session) { extent = session.log_extent("m"); });
    EXPECT_EQ(extent.rows, 5000);
    const std::int64_t a_row = (extent.bytes + 4999) / 5000;  // all are of one size but the first, which is "no"
    LoggingOptions logging;
    logging.keep_bytes = 700 * a_row + a_row / 2;
    endpoint.set_logging(logging);
    ws.flush();
    ws.store().read([&](const store::Session& session) { extent = session.log_extent("m"); });
    EXPECT_EQ(kept(), 700);
    EXPECT_EQ(extent.rows, 700);
    EXPECT_LE(extent.bytes, *logging.keep_bytes);
    EXPECT_EQ(ws.interactions().query({.endpoint = "m"}).rows.column("a").number(0), 4300.0);
}

TEST_F(RetentionOf, OptionsAreCheckedAndKept) {
    EXPECT_THROW(LoggingOptions{.keep_for = Duration(0)}.check(), InvalidArgument);
    EXPECT_THROW(LoggingOptions{.keep_bytes = -1}.check(), InvalidArgument);
    Endpoint endpoint = serving(ws, {.keep_for = minutes(10), .keep_bytes = 1000});
    Workspace again(folder.path(), {.clock = clock});
    EXPECT_EQ(again.endpoint("m").logging(), endpoint.logging());
    EXPECT_EQ(again.endpoint("m").logging().keep_for, minutes(10));
    endpoint.set_logging({});
    EXPECT_FALSE(endpoint.logging().keep_for);
}

TEST(Retaining, TheWriterDoesItWhileItLogs) {
    const TemporaryFolder folder;
    Workspace ws(folder.path());
    Endpoint endpoint = serving(ws, {.bucket = seconds(1), .keep_for = minutes(1)});
    const Time now = ws.clock()->now();
    for (int i = 0; i < 100; ++i) ask(endpoint, i, now - seconds(i < 90 ? 3600 : 0));
    const Duration until = ws.clock()->steady_now() + seconds(20);
    while (ws.interactions().count({.endpoint = "m"}) > 10 && ws.clock()->steady_now() < until)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 10);
    ASSERT_FALSE(ws.interactions().removals("m").empty());
    EXPECT_EQ(ws.interactions().removals("m").front().interactions, 90);
    // And again, with nobody asking.
    ask(endpoint, 1, now - seconds(58));
    while (ws.interactions().count({.endpoint = "m"}) > 10 && ws.clock()->steady_now() < until + seconds(20))
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 10);
}

}  // namespace
}  // namespace holdfast

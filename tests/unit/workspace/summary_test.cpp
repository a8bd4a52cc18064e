// Summaries of time buckets: what they say is what the rows say.
#include <gtest/gtest.h>

#include <map>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"

namespace holdfast {
namespace {

using std::chrono::seconds;
using testing::TemporaryFolder;
using testing::threshold_package;

struct Summaries : ::testing::Test {
    const Time start = parse_time("2024-01-01T00:00:00Z");
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(start);
    Workspace ws{folder.path(), {.clock = clock, .seed = 7}};

    void SetUp() override {
        for (const double threshold : {0.0, 100.0}) {
            const Version version = ws.registry().register_package(threshold_package(threshold));
            ws.registry().approve("m", version.number, "me");
        }
    }

    Endpoint serving(LoggingOptions logging = {}) {
        Endpoint endpoint = ws.create_endpoint("m", {.good = {"yes"}, .logging = std::move(logging)});
        endpoint.deploy("m", 1);
        return endpoint;
    }

    static void ask(Endpoint& endpoint, double a, Time time) {
        const std::vector<double> x{a, -a};
        ASSERT_TRUE(endpoint.predict(TensorView::matrix(x.data(), 1, 2), {.time = time}));
    }

    std::int64_t parts() const {
        std::size_t count = 0;
        ws.store().read([&](const store::Session& session) {
            count = session.summaries({"m", "live", start, start + std::chrono::hours(24), {}}).size();
        });
        return static_cast<std::int64_t>(count);
    }

    /// The same window by rows.
    void expect_as_rows(Time after, Time until, std::optional<std::int64_t> version = {}) {
        store::InteractionQuery query{.endpoint = "m"};
        query.after = after;
        query.until = until;
        query.version = version;
        const auto rows = ws.interactions().query(query);
        const Summary summary = ws.interactions().summary("m", after, until, version);
        ASSERT_EQ(summary.counts.rows, rows.rows.rows());
        std::map<std::string, std::int64_t> labels;
        for (std::int64_t row = 0; row < rows.rows.rows(); ++row)
            ++labels[std::string(rows.rows.column("output.label").text(row))];
        EXPECT_EQ(summary.counts.labels, labels);
        if (rows.rows.rows() == 0) return;
        const auto wanted = stats::Profile::of(rows.rows.select(rows.features));
        for (const std::string& name : wanted.names()) {
            const auto *seen = summary.features.find(name), *column = wanted.find(name);
            ASSERT_NE(seen, nullptr);
            EXPECT_EQ(seen->rows, column->rows);
            EXPECT_EQ(seen->min, column->min);
            EXPECT_EQ(seen->max, column->max);
            EXPECT_NEAR(seen->mean, column->mean, 1e-9);
            EXPECT_NEAR(seen->m2, column->m2, 1e-6 * column->m2);
            for (const double q : {0.1, 0.5, 0.9}) {
                const auto& exact = column->sketch;
                EXPECT_NEAR(exact.rank(seen->sketch.quantile(q)), exact.rank(exact.quantile(q)), 0.05) << name;
            }
        }
        EXPECT_EQ(summary.outputs.find("label")->rows, rows.rows.rows());
    }
};

TEST_F(Summaries, WindowsOfBucketsAndEdgesSayWhatTheRowsSay) {
    Endpoint endpoint = serving();
    // On, just before and just after the ends of buckets, out of order, over two versions.
    for (int i = 0; i < 400; ++i) {
        if (i == 250) endpoint.deploy("m", 2);
        ask(endpoint, (i * 37) % 211 - 100, start + seconds((i * 7) % 600) + Duration(i % 3 - 1));
    }
    const auto minute = std::chrono::minutes(1);
    for (const Time after : {start, start + seconds(1), start + seconds(59), start + minute, start + 3 * minute}) {
        for (const Time until :
             {start + minute, start + seconds(61), start + seconds(119), start + 5 * minute, start + 11 * minute}) {
            if (until < after) continue;
            expect_as_rows(after, until);
            expect_as_rows(after, until, 1);
            expect_as_rows(after, until, 2);
        }
    }
    EXPECT_THROW(static_cast<void>(ws.interactions().summary("m", start + minute, start)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(ws.interactions().summary("none", start, start + minute)), NotFound);
}

TEST_F(Summaries, PartsOfOneBucketAreMerged) {
    Endpoint endpoint = serving();
    for (int i = 0; i < 100; ++i) {
        ask(endpoint, i, start + seconds(30));
        EXPECT_LT(parts(), 16);
    }
    expect_as_rows(start, start + seconds(60));
}

TEST_F(Summaries, RowsFromBeforeSummariesAreCounted) {
    Endpoint endpoint = serving();
    store::InteractionBatch rows{.endpoint = "m", .version = 1, .feature_columns = 2, .ids = {"old"}, .times = {}};
    rows.times = {start + seconds(10)};
    const auto model = testing::threshold_model(0.0);
    const std::vector<double> x{1.0, 2.0};
    const Batch batch(TensorView::matrix(x.data(), 1, 2));
    rows.values = logged_columns(model->signature(), batch, model->run(batch)).values;
    ws.store().write([&](store::Session& session) { session.add_interactions(rows); });
    expect_as_rows(start, start + seconds(120));
    ask(endpoint, 5, start + seconds(20));
    expect_as_rows(start, start + seconds(120));
    expect_as_rows(start + seconds(15), start + seconds(120));
}

TEST_F(Summaries, FailuresAreCountedInBucketsAndAtEdges) {
    Endpoint endpoint = serving();
    const std::vector<double> x{1, 2, 3};
    for (const int at : {10, 70, 100}) {
        EXPECT_FALSE(endpoint.predict(TensorView::matrix(x.data(), 1, 3), {.time = start + seconds(at)}));
    }
    const auto failures = [&](int after, int until) {
        return ws.interactions().summary("m", start + seconds(after), start + seconds(until)).counts.failures;
    };
    EXPECT_EQ(failures(0, 60), 1);
    EXPECT_EQ(failures(0, 120), 3);
    EXPECT_EQ(failures(30, 120), 2);
    EXPECT_EQ(failures(0, 90), 2);
}

TEST_F(Summaries, TheMonitorAnswersFromThem) {
    Endpoint endpoint = serving({.sample = 0.01});
    clock->advance(std::chrono::minutes(10));
    for (int i = 0; i < 200; ++i) ask(endpoint, i % 4 == 0 ? -1 : 1, start + seconds(61 + i));
    // Hardly a row was kept, and three of four answers were "yes".
    EXPECT_LT(ws.interactions().count({.endpoint = "m"}), 20);
    EXPECT_DOUBLE_EQ(endpoint.monitor().yield(std::chrono::minutes(10)), 0.75);
    EXPECT_EQ(endpoint.monitor().drift(std::chrono::minutes(10)).summary.current_rows, 200);
}

}  // namespace
}  // namespace holdfast

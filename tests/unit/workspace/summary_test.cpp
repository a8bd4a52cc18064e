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
    EXPECT_EQ(endpoint.monitor().drift_now(std::chrono::minutes(10)).summary.current_rows, 200);
}

TEST_F(Summaries, OfAnErasedEntityNothingIsLeft) {
    const auto about = [](int i) { return i % 5 == 0 ? -7.0 : static_cast<double>(i); };  // -7: whom it is about
    LoggingOptions logging;
    logging.entity = "b";
    Endpoint endpoint = serving(logging);
    for (int i = 0; i < 200; ++i) {
        if (i == 120) endpoint.deploy("m", 2);
        const std::vector<double> x{i % 5 == 0 ? 1000.0 + i : i % 9 - 4.0, about(i)};
        ASSERT_TRUE(endpoint.predict(TensorView::matrix(x.data(), 1, 2), {.time = start + seconds(i * 3)}));
    }
    for (const char* entity : {"-7", "-7.0"}) static_cast<void>(ws.interactions().erase(entity));
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 160);
    for (const Time after : {start, start + seconds(61), start + seconds(120), start + seconds(355)}) {
        for (const int length : {10, 60, 200, 600}) {
            const Time until = after + seconds(length);
            const Summary summary = ws.interactions().summary("m", after, until);
            EXPECT_EQ(summary.counts.unprofiled, 0);
            for (const std::optional<std::int64_t> version : {std::optional<std::int64_t>(), {1}, {2}}) {
                store::InteractionQuery query{.endpoint = "m"};
                query.after = after;
                query.until = until;
                query.version = version;
                const Table rows = ws.interactions().query(query).rows;
                const Summary seen = ws.interactions().summary("m", after, until, version);
                ASSERT_EQ(seen.counts.rows, rows.rows());
                if (rows.rows() == 0) continue;
                const auto wanted = stats::Profile::of(rows.select(std::vector<std::string>{"a"}));
                EXPECT_EQ(seen.features.find("a")->max, wanted.find("a")->max);
                EXPECT_EQ(seen.features.find("a")->min, wanted.find("a")->min);
                EXPECT_LT(seen.features.find("a")->sketch.quantile(1.0), 1000.0);
                std::map<std::string, std::int64_t> labels;
                for (std::int64_t row = 0; row < rows.rows(); ++row)
                    ++labels[std::string(rows.column("output.label").text(row))];
                EXPECT_EQ(seen.counts.labels, labels);
            }
        }
    }
}

TEST_F(Summaries, OfRowsNotStoredAnErasureLeavesTheCount) {
    LoggingOptions logging{.sample = 0.5};
    logging.entity = "b";
    Endpoint endpoint = serving(logging);
    for (int i = 0; i < 100; ++i) {
        const std::vector<double> x{static_cast<double>(i), i % 2 == 0 ? 1.0 : 2.0};
        // Everybody in the first bucket, nobody but 2 in the second.
        const int at = i % 2 == 0 ? 30 : i < 50 ? 40 : 90;
        const std::vector<Id> ids{Id(std::to_string(i))};
        ASSERT_TRUE(endpoint.predict(TensorView::matrix(x.data(), 1, 2), {.ids = ids, .time = start + seconds(at)}));
    }
    const auto summary = [&](int from) {
        return ws.interactions().summary("m", start + seconds(from), start + seconds(from + 60));
    };
    const auto stored = [&](int from) {
        store::InteractionQuery query{.endpoint = "m"};
        query.after = start + seconds(from);
        query.until = start + seconds(from + 60);
        return ws.interactions().count(query);
    };
    const std::int64_t all = summary(0).counts.rows, rows = stored(0);
    const Summary second = summary(60);
    for (const char* entity : {"1", "1.0"}) static_cast<void>(ws.interactions().erase(entity));
    const std::int64_t left = stored(0);
    ASSERT_LT(left, rows);
    ASSERT_GT(left, 0);
    EXPECT_EQ(summary(0).counts.rows, all - (rows - left));
    EXPECT_EQ(summary(0).counts.unprofiled, summary(0).counts.rows - left);
    EXPECT_EQ(summary(0).counts.sampled_out, all - rows);
    EXPECT_EQ(summary(0).features.find("a")->rows, left);
    // A bucket that held no row of the entity is as it was.
    EXPECT_EQ(summary(60).counts, second.counts);
    EXPECT_EQ(summary(60).features.find("a")->rows, second.features.find("a")->rows);
}

TEST_F(Summaries, WindowsOverPrunedTimeSayWhatTheyCover) {
    Endpoint endpoint = serving();
    for (int i = 0; i < 600; ++i) ask(endpoint, i, start + seconds(i));
    clock->advance(seconds(600));
    const auto rows = [&](int from, int to) {
        return ws.interactions().summary("m", start + seconds(from), start + seconds(to));
    };
    static_cast<void>(ws.interactions().prune("m", {.older_than = seconds(600 - 330)}));
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 270);
    // Rows up to second 329 are gone. Whole buckets are as they were, and so is what begins behind.
    EXPECT_EQ(rows(60, 180).counts.rows, 120);
    EXPECT_EQ(rows(60, 180).features.find("a")->max, 180.0);
    EXPECT_EQ(rows(340, 590).counts.rows, 250);
    EXPECT_EQ(rows(340, 590).after, start + seconds(340));
    const Summary left = rows(90, 590);
    EXPECT_EQ(left.after, start + seconds(120));
    EXPECT_EQ(left.until, start + seconds(590));
    EXPECT_EQ(left.counts.rows, 470);
    EXPECT_EQ(left.features.find("a")->min, 121.0);
    const Summary half = rows(310, 590);  // a bucket of which half is there
    EXPECT_EQ(half.after, start + seconds(329));
    EXPECT_EQ(half.counts.rows, 261);
    const Summary right = rows(60, 200);
    EXPECT_EQ(right.until, start + seconds(180));
    EXPECT_EQ(right.counts.rows, 120);
    const Summary none = rows(70, 80);
    EXPECT_EQ(none.after, none.until);
    EXPECT_EQ(none.counts.rows, 0);
}

TEST_F(Summaries, RowsPrunedThatNoSummaryCountedAreNotSpokenOf) {
    Endpoint endpoint = serving();
    const auto model = testing::threshold_model(0.0);
    const std::vector<double> x{1.0, 2.0};
    const Batch batch(TensorView::matrix(x.data(), 1, 2));
    for (const int at : {10, 100, 200}) {
        store::InteractionBatch row{.endpoint = "m", .version = 1, .feature_columns = 2};
        row.ids = {std::to_string(at)};
        row.times = {start + seconds(at)};
        row.values = logged_columns(model->signature(), batch, model->run(batch)).values;
        ws.store().write([&](store::Session& session) { session.add_interactions(row); });  // as before there were any
    }
    for (const int at : {20, 110, 210}) ask(endpoint, 5, start + seconds(at));
    clock->advance(seconds(300));
    static_cast<void>(ws.interactions().prune("m", {.older_than = seconds(300 - 150)}));
    const Summary seen = ws.interactions().summary("m", start, start + seconds(300));
    EXPECT_EQ(seen.after, start + seconds(110));  // from here on all rows are there
    EXPECT_EQ(seen.counts.rows, 2);
}

TEST_F(Summaries, KnowWhatIsLoaded) {
    Endpoint endpoint = serving();
    for (int i = 0; i < 50; ++i) ask(endpoint, -i, start + seconds(i * 7));
    const auto model = testing::threshold_model(0.0);
    std::vector<double> x;
    store::InteractionBatch rows{.endpoint = "m", .version = 1, .feature_columns = 2};
    for (int i = 0; i < 80; ++i) {
        x.insert(x.end(), {i - 40.0, 1.0});
        rows.ids.push_back("loaded-" + std::to_string(i));
        rows.times.push_back(start + seconds(i * 5));
    }
    const Batch batch(TensorView::matrix(x.data(), 80, 2));
    rows.values = logged_columns(model->signature(), batch, model->run(batch)).values;
    EXPECT_EQ(ws.interactions().load(rows), 80);
    EXPECT_EQ(ws.interactions().load(rows), 0);  // and once alone
    for (const int after : {0, 60, 61, 115}) {
        for (const int until : {120, 180, 260, 400}) expect_as_rows(start + seconds(after), start + seconds(until));
    }
}

TEST_F(Summaries, OfBeforeDropsWereProfiledAddUp) {
    const auto counts = SummaryCounts::from_json(
        Json::parse(R"({"dropped":{"full":3},"failures":1,"labels":{"yes":4},"rows":5,"sampled_out":2})"));
    EXPECT_EQ(counts.rows, 8);
    EXPECT_EQ(counts.unprofiled, 3);
    EXPECT_EQ(SummaryCounts::from_json(counts.to_json()), counts);
}

}  // namespace
}  // namespace holdfast

// How interactions come to be logged: by a writer of its own, as the endpoint's options say.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <thread>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/workspace/logged.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "unit/store/in_child.hpp"
#include "unit/store/temporary_folder.hpp"
#include "unit/workspace/small_models.hpp"
#include "workspace/log_group.hpp"
#include "workspace/row_plan.hpp"

namespace holdfast {
namespace {

using testing::in_child;
using testing::TemporaryFolder;
using testing::threshold_package;

struct Logging : ::testing::Test {
    TemporaryFolder folder;
    Workspace ws{folder.path(), {.log_rows = 100}};

    Endpoint serving(LoggingOptions logging = {}) {
        const Version version = ws.registry().register_package(threshold_package(0.0));
        ws.registry().approve("m", version.number, "me");
        Endpoint endpoint = ws.create_endpoint("m", {.good = {"yes"}, .logging = std::move(logging)});
        endpoint.deploy("m", version.number);
        return endpoint;
    }

    std::int64_t committed() const {
        std::int64_t count = 0;
        const store::Store other(folder.path(), {.create = false});
        other.read([&](const store::Session& session) { count = session.count_interactions({.endpoint = "m"}); });
        return count;
    }
};

Result<Answer> ask(Endpoint& endpoint, double a, const std::string& id, RequestOptions options = {}) {
    const std::vector<double> x{a, 1.0};
    const std::vector<Id> ids{Id(id)};
    options.ids = ids;
    return endpoint.predict(TensorView::matrix(x.data(), 1, 2), options);
}

TEST_F(Logging, ReadsSeeWhatThisWorkspaceLogged) {
    Endpoint endpoint = serving();
    for (int i = 0; i < 250; ++i) {
        ASSERT_TRUE(ask(endpoint, i, "r" + std::to_string(i)));
        if (i % 50 == 0) {
            EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), i + 1);
        }
    }
    ws.flush();
    EXPECT_EQ(committed(), 250);
    EXPECT_EQ(endpoint.logging_counts().logged, 250);
    const auto rows = ws.interactions().query({.endpoint = "m"}).rows;
    std::vector<double> a;
    for (std::int64_t row = 0; row < rows.rows(); ++row) a.push_back(rows.column("a").number(row));
    std::sort(a.begin(), a.end());
    for (int i = 0; i < 250; ++i) EXPECT_EQ(a[static_cast<std::size_t>(i)], i);
}

TEST_F(Logging, ClosingCommitsWhatWaits) {
    Endpoint endpoint = serving();
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(ask(endpoint, i, std::to_string(i)));
    ws.close();
    EXPECT_EQ(committed(), 30);
    EXPECT_EQ(ask(endpoint, 1, "late").error().code, ErrorCode::unavailable);
    ws.close();
}

TEST_F(Logging, AWorkspaceThatIsLetGoOfCommitsWhatWaits) {
    const TemporaryFolder elsewhere;
    {
        Workspace let_go(elsewhere.path());
        let_go.registry().register_package(threshold_package(0));
        let_go.registry().approve("m", 1, "me");
        Endpoint endpoint = let_go.create_endpoint("m");
        endpoint.deploy("m", 1);
        for (int i = 0; i < 30; ++i) ASSERT_TRUE(ask(endpoint, i, std::to_string(i)));
    }
    Workspace again(elsewhere.path());
    EXPECT_EQ(again.interactions().count({.endpoint = "m"}), 30);
}

TEST_F(Logging, BeforeReplyIsCommittedWhenTheAnswerIsThere) {
    Endpoint endpoint = serving({.durability = Durability::before_reply});
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(ask(endpoint, i, std::to_string(i)));
        EXPECT_EQ(committed(), i + 1);
    }
}

TEST_F(Logging, CallersWhoWaitAtOnceShareCommits) {
    constexpr int callers = 16, each = 10;
    Endpoint endpoint = serving({.durability = Durability::before_reply});
    std::int64_t before = 0, after = 0;
    ws.store().read([&](const store::Session& session) { before = session.transaction(); });
    std::vector<std::thread> threads;
    for (int t = 0; t < callers; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) EXPECT_TRUE(ask(endpoint, i, std::to_string(t) + "-" + std::to_string(i)));
        });
    }
    for (auto& thread : threads) thread.join();
    ws.store().read([&](const store::Session& session) { after = session.transaction(); });
    EXPECT_EQ(committed(), callers * each);
    EXPECT_LT(after - before, callers * each / 2);
}

TEST_F(Logging, AClashIsRefusedBeforeTheReplyAndCountedAfterIt) {
    std::atomic<int> told{0};
    set_log_sink([&](LogLevel, std::string_view, std::string_view message) {
        if (message.find("\"one\" is logged with other features") != std::string_view::npos) ++told;
    });
    Endpoint endpoint = serving({.durability = Durability::before_reply});
    ASSERT_TRUE(ask(endpoint, 1, "one"));
    ASSERT_TRUE(ask(endpoint, 1, "one"));
    EXPECT_EQ(ask(endpoint, 2, "one").error().code, ErrorCode::conflict);
    EXPECT_EQ(told.load(), 0);
    endpoint.set_logging({.durability = Durability::async});
    ASSERT_TRUE(ask(endpoint, 2, "one"));
    ws.flush();
    set_log_sink({});
    EXPECT_EQ(told.load(), 1);
    const LoggingCounts counts = endpoint.logging_counts();
    EXPECT_EQ(counts.logged, 1);
    EXPECT_EQ(counts.known, 1);
    EXPECT_EQ(counts.conflicts, 2);
    EXPECT_EQ(counts.failures, 1);
    EXPECT_EQ(ws.interactions().query({.endpoint = "m"}).rows.column("a").number(0), 1.0);
}

/// Holds the database's write lock while `body` runs.
void while_locked(const std::filesystem::path& folder, const std::function<void()>& body) {
    store::Store other(folder, {.create = false});
    other.write([&](store::Session&) { body(); });
}

TEST_F(Logging, DropsAreCountedExactlyWhereTheLogIsFull) {
    Endpoint endpoint = serving({.overflow = Overflow::drop});
    const Time began = ws.clock()->now() - std::chrono::minutes(2);
    while_locked(folder.path(), [&] {
        for (int i = 0; i < 1000; ++i) ASSERT_TRUE(ask(endpoint, i, std::to_string(i)));
    });
    ws.flush();
    const LoggingCounts counts = endpoint.logging_counts();
    EXPECT_EQ(counts.logged, committed());
    EXPECT_GE(counts.dropped.at("full"), 800);  // two groups of 100 at most were taken
    EXPECT_EQ(counts.logged + counts.dropped.at("full"), 1000);
    const Time until = began + std::chrono::hours(1);
    const Summary summary = ws.interactions().summary("m", began - std::chrono::hours(1), until);
    EXPECT_EQ(summary.counts.rows, 1000);
    EXPECT_EQ(summary.counts.dropped, counts.dropped);
    // And profiled, as if they were there: a is 0, 1, ..., 999.
    EXPECT_EQ(summary.counts.unprofiled, 0);
    const auto* a = summary.features.find("a");
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(a->rows, 1000);
    EXPECT_EQ(a->min, 0.0);
    EXPECT_EQ(a->max, 999.0);
    EXPECT_DOUBLE_EQ(a->mean, 499.5);
    std::int64_t labelled = 0;
    for (const auto& [label, rows] : summary.counts.labels) labelled += rows;
    EXPECT_EQ(labelled, 1000);
}

TEST_F(Logging, BlockedCallersWaitForRoomUntilTheirDeadline) {
    Endpoint endpoint = serving();
    std::int64_t answered = 0, late = 0;
    std::thread blocked;
    while_locked(folder.path(), [&] {
        for (int i = 0; late == 0; ++i) {
            const auto answer = ask(endpoint, i, std::to_string(i), {.deadline = std::chrono::milliseconds(50)});
            answer ? ++answered : ++late;
            if (!answer) {
                EXPECT_EQ(answer.error().code, ErrorCode::deadline_exceeded);
            }
        }
        blocked = std::thread([&] { EXPECT_TRUE(ask(endpoint, -1, "patient")); });
    });
    blocked.join();
    ws.flush();
    EXPECT_LE(answered, 200);
    EXPECT_EQ(committed(), answered + 1);
    EXPECT_EQ(endpoint.logging_counts().failures, 0);  // there was no room for it either
}

TEST_F(Logging, ARequestLargerThanTheLogIsCommittedByItsCaller) {
    Endpoint endpoint = serving();
    const std::vector<double> x(2 * 500, 0.5);
    const auto answer = endpoint.predict(TensorView::matrix(x.data(), 500, 2));
    ASSERT_TRUE(answer);
    EXPECT_EQ(committed(), 500);
    EXPECT_EQ(endpoint.logging_counts().logged, 500);
}

TEST_F(Logging, StoreErrorsReachThoseWhoWaitAndRowsAreKept) {
    set_log_sink([](LogLevel, std::string_view, std::string_view) {});
    Endpoint endpoint = serving({.durability = Durability::before_reply});
    ASSERT_TRUE(ask(endpoint, 1, "first"));
    // The table is taken away: every attempt fails until it is back.
    const auto rename = [&](const std::string& from, const std::string& to) {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open((folder.path() / "holdfast.db").c_str(), &database), SQLITE_OK);
        const std::string sql = "ALTER TABLE " + from + " RENAME TO " + to;
        EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(database);
    };
    rename("summaries", "elsewhere");
    EXPECT_THROW(static_cast<void>(ask(endpoint, 2, "second")), InternalError);
    EXPECT_THROW(ws.flush(), InternalError);
    EXPECT_THROW(ws.close(), InternalError);
    rename("elsewhere", "summaries");
    ws.flush();
    EXPECT_EQ(committed(), 2);
    ASSERT_TRUE(ask(endpoint, 2, "second"));
    EXPECT_EQ(committed(), 2);
    EXPECT_EQ(endpoint.logging_counts().known, 1);
    set_log_sink({});
}

TEST_F(Logging, FailedRequestsAreAlwaysLogged) {
    Endpoint endpoint = serving({.sample = 0.01});
    const std::vector<double> x{1, 2, 3};
    EXPECT_FALSE(endpoint.predict(TensorView::matrix(x.data(), 1, 3)));
    ws.flush();
    std::vector<store::FailureRow> failures;
    ws.store().read([&](const store::Session& session) { failures = session.failures("m", {}, {}); });
    ASSERT_EQ(failures.size(), 1u);
    EXPECT_EQ(failures[0].code, "invalid_argument");
    EXPECT_EQ(failures[0].version, 1);
    EXPECT_EQ(failures[0].rows, 1);
    EXPECT_EQ(endpoint.logging_counts().failures, 1);
}

TEST_F(Logging, SamplingKeepsTheSameIdsEverywhereAndSummarisesAll) {
    Endpoint endpoint = serving({.sample = 0.25});
    const Time time = parse_time("2024-01-01T00:00:30Z");
    // By hashlib: int.from_bytes(sha256(id).digest()[:8], "big") / 2**64 < 0.25
    const std::vector<std::string> kept{"13", "29", "39", "8", "9"};
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(ask(endpoint, i, std::to_string(i), {.time = time}));
    const auto rows = ws.interactions().query({.endpoint = "m"}).rows;
    std::vector<std::string> ids;
    for (std::int64_t row = 0; row < rows.rows(); ++row) ids.emplace_back(rows.column("id").text(row));
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(ids, kept);
    EXPECT_EQ(endpoint.logging_counts().sampled_out, 40 - static_cast<std::int64_t>(kept.size()));
    const Summary summary =
        ws.interactions().summary("m", parse_time("2024-01-01T00:00:00Z"), parse_time("2024-01-01T00:01:00Z"));
    EXPECT_EQ(summary.counts.rows, 40);
    EXPECT_EQ(summary.counts.sampled_out, endpoint.logging_counts().sampled_out);
    EXPECT_EQ(summary.features.find("a")->max, 39.0);
}

TEST_F(Logging, WithoutIdsEachRowGetsOneOfItsOwn) {
    Endpoint endpoint = serving();
    const std::vector<double> x(20, 0.5);
    const auto answer = endpoint.predict(TensorView::matrix(x.data(), 10, 2));
    ASSERT_TRUE(answer);
    std::vector<Id> ids = answer->ids;
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
    EXPECT_EQ(ws.interactions().count({.endpoint = "m"}), 10);
}

TEST_F(Logging, IdsDrawnFromASeedDifferAlsoWhereRowsAreSampledOut) {
    const auto name = serving({.sample = 0.5}).name();
    Workspace seeded(folder.path(), {.seed = 7});
    Endpoint endpoint = seeded.endpoint(name);
    std::vector<Id> ids;
    const std::vector<double> x{0.5, 1.0};
    for (int i = 0; i < 40; ++i) ids.push_back(endpoint.predict(TensorView::matrix(x.data(), 1, 2)).value().ids.at(0));
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
    const LoggingCounts counts = endpoint.logging_counts();
    EXPECT_EQ(counts.logged + counts.sampled_out, 40);
    EXPECT_GT(counts.logged, 0);
    EXPECT_GT(counts.sampled_out, 0);
}

TEST_F(Logging, InAChildItRefusesAndTheParentGoesOn) {
    Endpoint endpoint = serving();
    ASSERT_TRUE(ask(endpoint, 1, "before"));
    EXPECT_EQ(in_child([&] {
                  try {
                      static_cast<void>(ask(endpoint, 1, "child"));
                      throw InternalError("not refused");
                  } catch (const UsedAfterFork&) {
                  }
                  {
                      const Workspace last = std::move(ws);
                  }  // destroys what it holds
                  Workspace mine(folder.path());
                  Endpoint again = mine.endpoint("m");
                  static_cast<void>(ask(again, 2, "mine").value());
              }),
              0);
    ASSERT_TRUE(ask(endpoint, 3, "after"));
    ws.flush();
    EXPECT_EQ(committed(), 3);
}

TEST_F(Logging, AChildThatEndsWithoutClosingCommitsWhatItLogged) {
    Endpoint endpoint = serving();
    const pid_t child = testing::forked();
    if (child == 0) {
        auto* open = new Workspace(folder.path());
        Endpoint there = open->endpoint("m");
        for (int i = 0; i < 50; ++i) static_cast<void>(ask(there, i, std::to_string(i)).value());
        std::exit(0);
    }
    EXPECT_EQ(testing::waited_for(child), 0);
    EXPECT_EQ(committed(), 50);
}

TEST_F(Logging, OptionsAreKeptWithTheEndpointAndChecked) {
    Endpoint endpoint = serving({.durability = Durability::before_reply, .sample = 0.5});
    EXPECT_EQ(endpoint.logging().durability, Durability::before_reply);
    EXPECT_NO_THROW(ws.create_endpoint("m", {.good = {"yes"}}));
    EXPECT_THROW(ws.create_endpoint("m", {.good = {"yes"}, .logging = LoggingOptions{}}), Conflict);
    EXPECT_THROW(endpoint.set_logging({.sample = 0.0}), InvalidArgument);
    EXPECT_THROW(endpoint.set_logging({.hashed = {"no such"}}), InvalidArgument);
    EXPECT_THROW(endpoint.set_logging({.hashed = {"a"}, .left_out = {"a"}}), InvalidArgument);
    EXPECT_THROW(endpoint.set_logging({.bucket = std::chrono::hours(1)}), Conflict);
    const LoggingOptions other{.overflow = Overflow::drop, .hashed = {"a"}, .entity = "a"};
    endpoint.set_logging(other);
    Workspace again(folder.path());
    EXPECT_EQ(again.endpoint("m").logging(), other);
    EXPECT_EQ(LoggingOptions::from_json(other.to_json()), other);
    EXPECT_THROW(Workspace(folder.path() / "none", {.log_rows = 0}), InvalidArgument);
}

TEST_F(Logging, PrivateColumnsAreHashedOrNotThere) {
    Endpoint endpoint = serving({.hashed = {"a"}, .left_out = {"b"}, .entity = "a"});
    ASSERT_TRUE(ask(endpoint, 7, "one", {.time = parse_time("2024-01-01T00:00:30Z")}));
    const auto table = ws.interactions().query({.endpoint = "m"});
    EXPECT_EQ(table.features, std::vector<std::string>{"a"});
    std::string salt;
    ws.store().write([&](store::Session& session) { salt = session.salt("not used"); });
    EXPECT_EQ(salt.size(), 64u);
    EXPECT_EQ(table.rows.column("a").text(0), hashed_text(salt, "7"));
    const Summary summary =
        ws.interactions().summary("m", parse_time("2024-01-01T00:00:00Z"), parse_time("2024-01-01T00:01:00Z"));
    const auto* a = summary.features.find("a");
    ASSERT_NE(a, nullptr);
    EXPECT_TRUE(a->is_private);
    EXPECT_EQ(a->rows, 1);
    EXPECT_TRUE(a->items.empty());
    const auto* b = summary.left_out.find("b");
    ASSERT_NE(b, nullptr);
    EXPECT_EQ(b->rows, 1);
    EXPECT_EQ(b->missing, 0);
    EXPECT_TRUE(std::isnan(b->min));
    // The entity is the hash, too: what erasing by entity looks for.
    std::string entity;
    ws.flush();
    const auto bytes = read_file(folder.path() / "holdfast.db-wal");
    EXPECT_NE(as_text(bytes).find(hashed_text(salt, "7")), std::string_view::npos);
}

TEST_F(Logging, TheSchemaIsTheSameThroughPredictAndPredictInto) {
    Endpoint endpoint = serving();
    const std::vector<double> x{1, 2};
    std::string_view label;
    ASSERT_TRUE(endpoint.predict_into(TensorView::matrix(x.data(), 1, 2), TensorView::matrix(&label, 1, 1)));
    EXPECT_EQ(label, "yes");
    ASSERT_TRUE(endpoint.predict(TensorView::matrix(x.data(), 1, 2)));
    const auto rows = ws.interactions().query({.endpoint = "m"}).rows;
    EXPECT_EQ(rows.column("output.label").text(0), "yes");
    EXPECT_EQ(rows.column("probabilities.1").number(0), rows.column("probabilities.1").number(1));
}

/// The plan's bytes against those of the columns that logged_columns makes; two rows.
void expect_same_bytes(const Batch& batch) {
    const Served served{testing::threshold_model(0), "m", 1, {}};
    Outputs outputs;
    std::vector<double> probabilities{0.25, 0.75, 0.5, 0.5};
    std::vector<std::string_view> labels{"no", "yes"};
    outputs.into("label", TensorView::matrix(labels.data(), 2, 1));
    outputs.into("probabilities", TensorView::matrix(probabilities.data(), 2, 2));
    outputs.begin_run();
    static_cast<void>(outputs.place("label", DType::string, std::array<std::int64_t, 2>{2, 1}));
    static_cast<void>(outputs.place("probabilities", DType::float64, std::array<std::int64_t, 2>{2, 2}));

    const detail::RowPlan plan(served, batch, outputs, {}, "");
    EXPECT_TRUE(plan.fits(served, batch, outputs));
    detail::RowPlan::Places places;
    plan.locate(batch, outputs, places);
    const LoggedColumns wanted = logged_columns(served.model->signature(), batch, outputs);
    EXPECT_EQ(plan.schema(), wanted.values.schema());
    EXPECT_EQ(plan.features(), wanted.features);
    for (std::int64_t row = 0; row < 2; ++row) {
        std::vector<std::byte> seen, bytes;
        const std::size_t size = plan.encode(places, row, seen);
        EXPECT_EQ(size, seen.size());
        store::encode_row(wanted.values, row, bytes);
        EXPECT_EQ(seen, bytes) << row;
    }
}

template <class T>
void expect_same_bytes() {
    std::vector<T> x;
    for (int i = 0; i < 12; ++i) x.push_back(static_cast<T>(i % 2 == 0 ? i : 1));
    expect_same_bytes(TensorView::matrix(static_cast<const T*>(x.data()), 2, 2));
    const std::array<std::int64_t, 2> shape{2, 2}, column_major{1, 2}, spread{6, 2};
    expect_same_bytes(TensorView(x.data(), dtype_of<T>, shape, column_major, false));
    expect_same_bytes(TensorView(x.data(), dtype_of<T>, shape, spread, false));
}

TEST(RowPlan, GivesTheBytesOfEncodeRowForEveryDtypeAndStride) {
    expect_same_bytes<float>();
    expect_same_bytes<double>();
    expect_same_bytes<std::int8_t>();
    expect_same_bytes<std::int16_t>();
    expect_same_bytes<std::int32_t>();
    expect_same_bytes<std::int64_t>();
    expect_same_bytes<std::uint8_t>();
    expect_same_bytes<std::uint16_t>();
    expect_same_bytes<std::uint32_t>();
    expect_same_bytes<std::uint64_t>();
}

TEST(RowPlan, GivesTheBytesOfEncodeRowForTables) {
    const std::vector<bool> valid{true, false};
    const std::vector<std::string> texts{"caf\xC3\xA9", ""};
    Table table;
    table.add("b", Column::of(std::vector<float>{1.5F, 2.5F}, valid));
    table.add("not asked for", Column::of(std::vector<double>{0, 0}));
    table.add("a", Column::strings(std::span<const std::string>(texts), valid));
    expect_same_bytes(table);
    Table others;
    others.add("a", Column::categorical({1, -1}, {"north", "south"}));
    others.add("b", Column::booleans({true, false}, valid));
    expect_same_bytes(others);
    Table times;
    times.add("a", Column::timestamps({1'000'000, -5}, valid));
    times.add("b", Column::of(std::vector<std::int64_t>{1LL << 60, -1}));
    expect_same_bytes(times);
}

TEST(LogStream, OptionsReadBeforeAChangeDoNotComeAfterIt) {
    LoggingOptions waiting;
    waiting.durability = Durability::before_reply;
    detail::LogStream stream("line", {});
    stream.set_options(waiting, 5);
    stream.set_options({}, 4);  // of a look that began before
    EXPECT_EQ(stream.options()->durability, Durability::before_reply);
    stream.set_options({}, 6);
    EXPECT_EQ(stream.options()->durability, Durability::async);
}

}  // namespace
}  // namespace holdfast

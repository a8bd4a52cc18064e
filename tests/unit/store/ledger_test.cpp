// The deployment ledger: append-only, a stack for rollbacks, and no slower for being long.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <functional>
#include <map>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::TemporaryFolder;

std::string error_of(const std::filesystem::path& database, const std::string& sql) {
    sqlite3* handle = nullptr;
    sqlite3_open(database.c_str(), &handle);
    char* message = nullptr;
    sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &message);
    std::string text = message != nullptr ? message : "";
    sqlite3_free(message);
    sqlite3_close(handle);
    return text;
}

struct Ledger : ::testing::Test {
    TemporaryFolder folder;
    std::shared_ptr<SimulatedClock> clock = std::make_shared<SimulatedClock>(from_micros(1'000'000));
    Store store{folder.path(), {.clock = clock}};

    void add_version(int number) {
        store.write([&](Session& s) {
            s.add_version("m", sha256(std::to_string(number)), Json::object({}), {});
            s.add_approval({"m", number, "approved", "me", "", {}});
        });
    }
    void add(std::int64_t version, const std::string& kind) {
        clock->advance(Duration(1'000'000));
        store.write([&](Session& s) { s.add_deployment({"e", "m", version, kind, "me", "why", {}}); });
    }
    /// The version that a rollback goes back to; 0: none.
    std::int64_t target() {
        std::int64_t version = 0;
        store.read([&](const Session& s) {
            if (const auto row = s.rollback_target("e")) version = row->version;
        });
        return version;
    }
};

TEST_F(Ledger, CanOnlyBeAppendedTo) {
    add(1, "deploy");
    const auto database = folder.path() / "holdfast.db";
    EXPECT_EQ(error_of(database, "DELETE FROM deployments"), "the deployment ledger is append-only");
    EXPECT_EQ(error_of(database, "UPDATE deployments SET version = 2"), "the deployment ledger is append-only");
    store.read([](const Session& s) { EXPECT_EQ(s.deployments("e").front().version, 1); });
}

TEST_F(Ledger, IsAStack) {
    for (int number = 1; number <= 4; ++number) add_version(number);
    EXPECT_EQ(target(), 0);
    add(1, "deploy");
    EXPECT_EQ(target(), 0);
    add(2, "deploy");
    add(3, "deploy");
    add(0, "freeze");
    EXPECT_EQ(target(), 2);
    add(2, "rollback");
    EXPECT_EQ(target(), 1);
    add(4, "deploy");
    EXPECT_EQ(target(), 2);
    add(2, "rollback");
    add(1, "rollback");
    EXPECT_EQ(target(), 0);
    add(3, "deploy");
    add(1, "deploy");  // again: above the version that was live since
    EXPECT_EQ(target(), 3);
    store.write([](Session& s) { s.add_approval({"m", 3, "rejected", "me", "", {}}); });
    EXPECT_EQ(target(), 0);  // what is left below is version 1, which is live
}

TEST_F(Ledger, SaysFromWhenUntilWhen) {
    add(1, "deploy");       // at 2 s
    add(1, "load_failed");  // at 3 s
    add(2, "deploy");       // at 4 s
    add(1, "rollback");     // at 5 s
    store.read([](const Session& s) {
        const auto rows = s.deployments("e");
        ASSERT_EQ(rows.size(), 4u);
        EXPECT_EQ(rows[0].until, from_micros(4'000'000));
        EXPECT_EQ(rows[1].until, std::nullopt);
        EXPECT_EQ(rows[2].until, from_micros(5'000'000));
        EXPECT_EQ(rows[3].until, std::nullopt);
        EXPECT_EQ(s.served("e", from_micros(1'999'999)), std::nullopt);
        EXPECT_EQ(s.served("e", from_micros(2'000'000))->version, 1);
        EXPECT_EQ(s.served("e", from_micros(3'999'999))->version, 1);
        EXPECT_EQ(s.served("e", from_micros(4'000'000))->version, 2);
        EXPECT_EQ(s.served("e", from_micros(9'000'000))->kind, "rollback");
        EXPECT_EQ(s.served("elsewhere", from_micros(9'000'000)), std::nullopt);
        EXPECT_EQ(s.deployments("e", rows[1].stamp.transaction).size(), 2u);
        EXPECT_EQ(s.deployment_of("e", 1, rows[2].stamp.transaction)->stamp.transaction, rows[0].stamp.transaction);
    });
}

TEST_F(Ledger, AClockThatWasSetBackChangesNothingAboutWhatCameLast) {
    add(1, "deploy");
    store.write([](Session& s) { s.add_deployment({"e", "m", 2, "deploy", "", "", {from_micros(500'000), {}, 0}}); });
    store.read([](const Session& s) {
        EXPECT_EQ(s.live("e")->version, 2);
        EXPECT_EQ(s.served("e", from_micros(9'000'000))->version, 2);
    });
}

// What SQLite's virtual machine does for each statement, counted where it ends.
std::map<std::string, int> steps;

int note_steps(unsigned /*event*/, void* /*context*/, void* statement, void* /*nanoseconds*/) {
    auto* const handle = static_cast<sqlite3_stmt*>(statement);
    steps[sqlite3_sql(handle)] += sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_VM_STEP, 1);
    return 0;
}

int watch(sqlite3* database, char** /*error*/, const sqlite3_api_routines* /*api*/) {
    return sqlite3_trace_v2(database, SQLITE_TRACE_PROFILE, note_steps, nullptr);
}

std::map<std::string, int> steps_of(const std::filesystem::path& folder, const std::function<void(Store&)>& body) {
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch));
    {
        Store opened(folder);
        body(opened);  // SQLite reads the schema once a connection
        steps.clear();
        body(opened);
    }
    sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(watch));
    return steps;
}

TEST_F(Ledger, NoQuestionTakesMoreStepsAfterTenThousandVersions) {
    const auto ask = [](Store& opened) {
        opened.read([](const Session& s) {
            EXPECT_TRUE(s.live("e"));
            EXPECT_TRUE(s.latest_approved("m"));
            EXPECT_TRUE(s.rollback_target("e"));
            EXPECT_TRUE(s.alias("m", "champion"));
            EXPECT_GT(s.next_version("m"), 1);
            EXPECT_TRUE(s.version("m", 1));
            EXPECT_TRUE(s.version("m", sha256("1")));
            EXPECT_TRUE(s.endpoint("e"));
            EXPECT_TRUE(s.signatures(sha256("1")).empty());
            EXPECT_FALSE(s.approvals("m", 1).empty());
        });
        opened.write([](Session& s) { s.add_deployment({"e", "m", 2, "deploy", "me", "", {}}); });
        opened.write([](Session& s) { s.add_deployment({"e", "m", 1, "load_failed", "me", "", {}}); });
    };
    const auto history = [&](int from, int to) {
        store.write([&](Session& s) {
            for (int number = from; number < to; ++number) {
                s.add_version("m", sha256(std::to_string(number)), Json::object({}), {});
                s.add_approval({"m", number, "approved", "me", "", {}});
                s.add_alias({"m", "champion", number, "me", "", {}});
                s.add_deployment({"e", "m", number, "deploy", "me", "", {}});
            }
        });
    };
    store.write([](Session& s) { s.put_endpoint({"e", "m", {}, false, false, {}}); });
    history(1, 10);
    const auto before = steps_of(folder.path(), ask);
    ASSERT_GT(before.size(), 10u);
    history(10, 10'000);
    for (const auto& [sql, count] : steps_of(folder.path(), ask)) {
        ASSERT_TRUE(before.contains(sql)) << sql;
        EXPECT_EQ(count, before.at(sql)) << sql;
    }
}

TEST_F(Ledger, TheNewestInteractionsTakeNoMoreStepsInALongLog) {
    const auto ask = [](Store& opened) {
        opened.read([](const Session& s) {
            EXPECT_EQ(s.interactions({.endpoint = "e", .last = 5}).rows.rows(), 5);
            EXPECT_EQ(s.interactions({.endpoint = "e", .last = 5, .labelled = true}).rows.rows(), 5);
            EXPECT_EQ(s.interactions({.endpoint = "e", .id = "7"}).rows.rows(), 1);
            EXPECT_EQ(s.count_interactions({.endpoint = "e", .until = from_micros(6)}), 6);
        });
    };
    const auto log = [&](int from, int to) {
        store.write([&](Session& s) {
            InteractionBatch batch;
            batch.endpoint = "e";
            for (int i = from; i < to; ++i) {
                batch.ids.push_back(std::to_string(i));
                batch.times.push_back(from_micros(i + 1));
                s.add_label({std::to_string(i), "", 1.0, {}});
            }
            batch.values.add("x", Column::of(std::vector<double>(batch.ids.size(), 1.0)));
            batch.feature_columns = 1;
            s.add_interactions(batch);
        });
    };
    log(0, 20);
    const auto before = steps_of(folder.path(), ask);
    log(20, 3'000);
    for (const auto& [sql, count] : steps_of(folder.path(), ask)) {
        ASSERT_TRUE(before.contains(sql)) << sql;
        EXPECT_EQ(count, before.at(sql)) << sql;
    }
}

TEST(LedgerOfSchema1, GetsItsStack) {
    const TemporaryFolder folder;
    std::filesystem::copy(std::filesystem::path(HOLDFAST_TEST_DATA) / "golden/store/v1", folder.path(),
                          std::filesystem::copy_options::recursive);
    const auto deploy = [&](int version, const char* kind, int transaction) {
        const std::string sql =
            "INSERT INTO deployments (namespace, endpoint, model, version, kind, by, reason, event_time, "
            "recorded_time, txn) VALUES ('default', 'old', 'housing', " +
            std::to_string(version) + ", '" + kind + "', '', '', 1, 1, " + std::to_string(transaction) + ")";
        ASSERT_EQ(error_of(folder.path() / "holdfast.db", sql), "");
    };
    // Laid down 1, 2, 3; taken off 3; laid down 4: below it 2, then 1.
    deploy(1, "deploy", 101);
    deploy(2, "deploy", 102);
    deploy(3, "deploy", 103);
    deploy(2, "rollback", 104);
    deploy(3, "freeze", 105);
    deploy(4, "deploy", 106);
    ASSERT_EQ(error_of(folder.path() / "holdfast.db", "UPDATE counter SET txn = 106"), "");
    Store store(folder.path());
    store.write([](Session& s) {
        for (int number = 2; number <= 4; ++number)
            s.add_version("housing", sha256(std::to_string(number)), Json::object({}), {});
    });
    const auto target = [&] {
        std::int64_t version = 0;
        store.read([&](const Session& s) {
            if (const auto row = s.rollback_target("old")) version = row->version;
        });
        return version;
    };
    const auto roll_back_to = [&](std::int64_t version) {
        store.write([&](Session& s) { s.add_deployment({"old", "housing", version, "rollback", "", "", {}}); });
    };
    EXPECT_EQ(target(), 2);
    roll_back_to(2);
    EXPECT_EQ(target(), 1);
    roll_back_to(1);
    EXPECT_EQ(target(), 0);
}

}  // namespace
}  // namespace holdfast::store

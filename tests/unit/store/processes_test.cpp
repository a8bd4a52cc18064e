// Forks, several processes, and death at every fail point.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/in_child.hpp"
#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::in_child;
using holdfast::testing::start_child;
using holdfast::testing::TemporaryFolder;
using holdfast::testing::waited_for;

std::size_t count(const Store& store) {
    std::size_t rows = 0;
    store.read([&](const Session& session) { rows = session.metrics("n", {}, {}, {}, {}).size(); });
    return rows;
}

void add(Store& store, int times) {
    for (int i = 0; i < times; ++i) store.write([](Session& session) { session.add_metric({"n", 1.0, {}}); });
}

TEST(StoreFork, AnInheritedStoreIsRefusedAndANewOneWorks) {
    const TemporaryFolder folder;
    auto store = std::make_unique<Store>(folder.path());
    add(*store, 1);
    const int code = in_child([&] {
        try {
            add(*store, 1);
            throw InternalError("not refused");
        } catch (const UsedAfterFork&) {
        }
        store.reset();  // leaks the parent's connections instead of closing them
        Store mine(folder.path());
        add(mine, 5);
        if (count(mine) != 6) throw InternalError("rows are missing");
    });
    EXPECT_EQ(code, 0);
    add(*store, 1);
    EXPECT_EQ(count(*store), 7u);
}

TEST(StoreProcesses, OpenWhileAnotherClosesALongerDatabase) {
    const TemporaryFolder folder;
    {
        const Store first(folder.path());
    }
    // The last to close copies the log into the database, which grows.
    const auto grow = [&] {
        for (int i = 0; i < 150; ++i) {
            Store store(folder.path());
            store.write([](Session& s) { s.add_event({"e", Json::object({{"text", std::string(20000, 'x')}}), {}}); });
        }
    };
    const pid_t one = start_child(grow), two = start_child(grow);
    EXPECT_EQ(waited_for(one), 0);
    EXPECT_EQ(waited_for(two), 0);
}

TEST(StoreFork, TheChildHoldsLocksOfItsOwn) {
    const TemporaryFolder folder;
    auto store = std::make_unique<Store>(folder.path());
    add(*store, 1);
    int ready[2], go[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(go), 0);
    const pid_t child = start_child([&] {
        Store mine(folder.path());
        add(mine, 1);
        char byte = 0;
        if (::write(ready[1], "r", 1) != 1 || ::read(go[0], &byte, 1) != 1) throw InternalError("pipe");
        add(mine, 3);
    });
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    // The parent's last close would delete the log under a child that held no lock.
    store.reset();
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "holdfast.db-wal"));
    ASSERT_EQ(::write(go[1], "g", 1), 1);
    EXPECT_EQ(waited_for(child), 0);
    Store again(folder.path());
    EXPECT_EQ(count(again), 5u);
}

TEST(StoreFork, WhileOtherThreadsWrite) {
    const TemporaryFolder folder;
    Store store(folder.path());
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        while (!stop.load()) add(store, 1);
    });
    int failures = 0;
    for (int i = 0; i < 10; ++i) {
        failures += in_child([&] {
                        Store mine(folder.path());
                        add(mine, 2);
                    }) == 0
                        ? 0
                        : 1;
    }
    stop.store(true);
    writer.join();
    EXPECT_EQ(failures, 0);
    EXPECT_GE(count(store), 20u);
}

TEST(StoreProcesses, TakeTurns) {
    const TemporaryFolder folder;
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
        children.push_back(start_child([&] {
            Store store(folder.path());  // the first to come makes it
            add(store, 20);
        }));
    }
    for (const pid_t child : children) EXPECT_EQ(waited_for(child), 0);
    Store store(folder.path());
    EXPECT_EQ(count(store), 60u);
    store.read([](const Session& session) { EXPECT_EQ(session.transaction(), 60); });
}

TEST(StoreProcesses, MakeOneStoreTogether) {
    for (int round = 0; round < 20; ++round) {
        const TemporaryFolder folder;
        std::vector<pid_t> children;
        for (int i = 0; i < 6; ++i) {
            children.push_back(start_child([&] {
                Store store(folder.path());
                add(store, 1);
            }));
        }
        for (const pid_t child : children) EXPECT_EQ(waited_for(child), 0);
        EXPECT_EQ(count(Store(folder.path())), 6u);
    }
}

/// Lets another process go on, and gives it time, when this one asks a database for its version, after its application
/// id.
struct Meanwhile {
    static inline int go = -1, done = -1;

    static int begun(unsigned, void*, void* statement, void*) {
        if (go < 0 || std::string_view(sqlite3_sql(static_cast<sqlite3_stmt*>(statement))) != "PRAGMA user_version")
            return 0;
        const ssize_t written = ::write(std::exchange(go, -1), "g", 1);
        pollfd answer{done, POLLIN, 0};
        return written == 1 ? ::poll(&answer, 1, 500) : 0;
    }
    static int opened(sqlite3* database, char**, const struct sqlite3_api_routines*) {
        return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, &begun, nullptr);
    }
};

TEST(StoreProcesses, AStoreThatAnotherMakesMeanwhileIsSeenBeforeOrAfter) {
    const TemporaryFolder folder;
    int go[2], done[2];
    ASSERT_EQ(::pipe(go), 0);
    ASSERT_EQ(::pipe(done), 0);
    const pid_t other = start_child([&] {
        char byte = 0;
        if (::read(go[0], &byte, 1) != 1) throw InternalError("pipe");
        Store store(folder.path());
        add(store, 1);
        if (::write(done[1], "d", 1) != 1) throw InternalError("pipe");
    });
    Meanwhile::go = go[1];
    Meanwhile::done = done[0];
    const auto hook = reinterpret_cast<void (*)()>(&Meanwhile::opened);
    ASSERT_EQ(sqlite3_auto_extension(hook), SQLITE_OK);
    {
        Store store(folder.path());
        add(store, 1);
    }
    EXPECT_EQ(sqlite3_cancel_auto_extension(hook), 1);
    EXPECT_EQ(Meanwhile::go, -1);
    EXPECT_EQ(waited_for(other), 0);
    EXPECT_EQ(count(Store(folder.path())), 2u);
}

// Dies in a child at each fail point; what was acknowledged is there afterwards, and nothing by halves.
class StoreKilled : public ::testing::TestWithParam<const char*> {};

TEST_P(StoreKilled, LeavesAllOrNothing) {
    const TemporaryFolder folder;
    {
        Store store(folder.path());
        add(store, 1);
    }
    // The points are read once a process, so each dies in a program of its own: this one, told which test to run.
    const int code = in_child([&] {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::setenv("HOLDFAST_FAIL_POINT", GetParam(), 1);
        ::setenv("HOLDFAST_TEST_FOLDER", folder.path().c_str(), 1);
        ::execl("/proc/self/exe", "test_store", "--gtest_filter=StoreVictim.*", "--gtest_also_run_disabled_tests",
                "--gtest_brief=1", static_cast<char*>(nullptr));
    });
    EXPECT_EQ(code, 128 + SIGKILL) << GetParam();
    Store store(folder.path());
    const bool committed = std::string(GetParam()) == "store.write.after_commit";
    EXPECT_EQ(count(store), committed ? 2u : 1u);
    store.read([&](const Session& session) {
        EXPECT_EQ(session.labels("a").size(), committed ? 1u : 0u);
        EXPECT_EQ(session.count_interactions({.endpoint = "e"}), committed ? 1 : 0);
    });
    store.put_artifact(sha256("artifact"), ".zip", as_bytes("bytes"));
    EXPECT_EQ(as_text(store.artifact(sha256("artifact"), ".zip")), "bytes");
}

INSTANTIATE_TEST_SUITE_P(AtEach, StoreKilled,
                         ::testing::Values("store.artifact.before_write", "base.file.before_rename",
                                           "base.file.after_rename", "store.artifact.after_write", "store.write.begin",
                                           "store.interactions.after_insert", "store.label.after_insert",
                                           "store.write.before_commit", "store.write.after_commit"));

TEST(StoreVictim, DISABLED_Writes) {
    const char* folder = std::getenv("HOLDFAST_TEST_FOLDER");
    if (folder == nullptr) GTEST_SKIP() << "run by StoreKilled";
    Store store(folder);
    store.put_artifact(sha256("artifact"), ".zip", as_bytes("bytes"));
    store.write([](Session& session) {
        InteractionBatch batch;
        batch.endpoint = "e";
        batch.ids = {"a"};
        batch.times = {from_micros(1)};
        batch.values.add("x", Column::of(std::vector<double>{1.0}));
        batch.feature_columns = 1;
        session.add_interactions(batch);
        session.add_label({"a", "", 1.0, {}});
        session.add_metric({"n", 1.0, {}});
    });
}

}  // namespace
}  // namespace holdfast::store

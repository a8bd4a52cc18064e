#include <holdfast/store/store.hpp>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "support/throwing.hpp"
#include "unit/store/in_child.hpp"
#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::in_child;
using holdfast::testing::message_of;
using holdfast::testing::TemporaryFolder;

std::shared_ptr<SimulatedClock> clock_at(std::int64_t micros) {
    return std::make_shared<SimulatedClock>(from_micros(micros));
}

void execute(const std::filesystem::path& database, const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(database.c_str(), &handle), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
    sqlite3_close(handle);
}

TEST(Store, NumbersTransactionsAcrossOpenings) {
    const TemporaryFolder folder;
    std::int64_t first = 0;
    {
        Store store(folder.path());
        first = store.write([](Session&) {});
    }
    Store store(folder.path());
    Store other(folder.path());
    EXPECT_EQ(store.write([](Session&) {}), first + 1);
    EXPECT_EQ(other.write([](Session&) {}), first + 2);
    store.read([&](const Session& session) { EXPECT_EQ(session.transaction(), first + 2); });
}

TEST(Store, AnExceptionRollsBackAndPassesOn) {
    const TemporaryFolder folder;
    Store store(folder.path());
    EXPECT_THROW(store.write([](Session& session) {
        session.add_metric({"speed", 1.0, {}});
        throw NotFound("mine");
    }),
                 NotFound);
    store.read([](const Session& session) { EXPECT_TRUE(session.metrics("speed", {}, {}, {}, {}).empty()); });
}

TEST(Store, StampsRowsAndKeepsNamespacesApart) {
    const TemporaryFolder folder;
    Store one(folder.path(), {.name_space = "one", .clock = clock_at(1'000)});
    Store two(folder.path(), {.name_space = "two", .clock = clock_at(2'000)});
    const auto transaction = one.write([](Session& session) {
        session.add_metric({"speed", 1.5, {}});
        session.add_metric({"speed", 2.5, {from_micros(77), {}, 0}});
    });
    one.read([&](const Session& session) {
        const auto rows = session.metrics("speed", {}, {}, {}, {});
        ASSERT_EQ(rows.size(), 2u);
        EXPECT_EQ(rows[0].value, 2.5);
        EXPECT_EQ(rows[0].stamp.event_time, from_micros(77));
        EXPECT_EQ(rows[1].stamp.event_time, from_micros(1'000));
        EXPECT_EQ(rows[1].stamp.recorded_time, from_micros(1'000));
        EXPECT_EQ(rows[1].stamp.transaction, transaction);
    });
    two.read([](const Session& session) { EXPECT_TRUE(session.metrics("speed", {}, {}, {}, {}).empty()); });
}

TEST(Store, CountsVersionsUpAndKnowsAPackageAgain) {
    const TemporaryFolder folder;
    Store store(folder.path());
    const Digest a = sha256("a"), b = sha256("b");
    store.write([&](Session& session) {
        EXPECT_EQ(session.add_version("m", a, Json::object({{"n", 1}}), {}).version, 1);
        EXPECT_EQ(session.add_version("m", b, Json::object({{"n", 2}}), {}).version, 2);
        const auto again = session.add_version("m", a, Json::object({{"n", 1}}), {});
        EXPECT_EQ(again.version, 1);
        EXPECT_EQ(again.state, "pending");
        session.add_approval({"m", 1, "approved", "me", "good", {}});
    });
    store.read([&](const Session& session) {
        EXPECT_EQ(session.latest_approved("m")->version, 1);
        EXPECT_EQ(session.version("m", 2)->package, b);
        EXPECT_EQ(session.versions("").size(), 2u);
        ASSERT_EQ(session.approvals("m", 1).size(), 1u);
        EXPECT_EQ(session.approvals("m", 1)[0].by, "me");
        EXPECT_FALSE(session.version("m", 3));
    });
}

TEST(Store, LedgerSaysWhatIsLiveAndWas) {
    const TemporaryFolder folder;
    Store store(folder.path());
    const auto first = store.write([](Session& s) { s.add_deployment({"e", "m", 1, "deploy", "me", "", {}}); });
    store.write([](Session& s) { s.add_deployment({"e", "m", 2, "deploy", "me", "", {}}); });
    store.write([](Session& s) { s.add_deployment({"e", "m", 2, "freeze", "me", "", {}}); });
    store.read([&](const Session& s) {
        EXPECT_EQ(s.live("e")->version, 2);
        EXPECT_EQ(s.live("e")->kind, "deploy");
        EXPECT_EQ(s.live("e", first)->version, 1);
        EXPECT_EQ(s.deployments("e").size(), 3u);
        EXPECT_FALSE(s.live("other"));
    });
}

TEST(Store, LeasesAreFenced) {
    const TemporaryFolder folder;
    const auto clock = clock_at(1'000'000);
    Store store(folder.path(), {.clock = clock});
    std::int64_t a = 0, b = 0;
    store.write([&](Session& s) {
        a = s.take_lease("e", "a", clock->now() + std::chrono::seconds(10)).value();
        EXPECT_FALSE(s.take_lease("e", "b", clock->now() + std::chrono::seconds(10)));
        EXPECT_EQ(s.take_lease("e", "a", clock->now() + std::chrono::seconds(20)), a);
        s.put_controller_state("e", a, "one");
    });
    clock->advance(std::chrono::seconds(30));
    store.write([&](Session& s) { b = s.take_lease("e", "b", clock->now() + std::chrono::seconds(10)).value(); });
    EXPECT_GT(b, a);
    EXPECT_THROW(store.write([&](Session& s) { s.put_controller_state("e", a, "two"); }), LeaseLost);
    store.write([&](Session& s) { s.release_lease("e", "b"); });
    store.write([&](Session& s) { EXPECT_GT(s.take_lease("e", "a", clock->now()).value(), b); });
    store.read([](const Session& s) { EXPECT_EQ(s.controller("e")->state, Json("one")); });
}

TEST(Store, DecisionsAreNumberedByEndpoint) {
    const TemporaryFolder folder;
    Store store(folder.path());
    store.write([](Session& s) {
        EXPECT_EQ(s.add_decision({"e", 0, Json::object({{"action", "none"}}), nullptr, {}}), 1);
        EXPECT_EQ(s.add_decision({"e", 0, Json::object({{"action", "retrain"}}), Json::object({{"n", 1}}), {}}), 2);
        EXPECT_EQ(s.add_decision({"f", 0, Json::object({}), nullptr, {}}), 1);
    });
    store.read([](const Session& s) {
        EXPECT_EQ(s.decisions("e").size(), 2u);
        EXPECT_EQ(s.decision("e", 2)->observation.at("n").as_int(), 1);
        EXPECT_TRUE(s.decision("e", 1)->observation.is_null());
        EXPECT_FALSE(s.decision("e", 3));
    });
}

TEST(Store, DataVersionMovesWithOtherConnections) {
    const TemporaryFolder folder;
    Store here(folder.path()), there(folder.path());
    const auto before = here.data_version();
    EXPECT_EQ(here.data_version(), before);
    there.write([](Session&) {});
    EXPECT_NE(here.data_version(), before);
}

TEST(Store, ArtifactsAreNamedByTheirDigest) {
    const TemporaryFolder folder;
    Store store(folder.path());
    const Digest name = sha256("identity");
    store.put_artifact(name, ".zip", as_bytes("content"));
    store.put_artifact(name, ".zip", as_bytes("content"));
    EXPECT_EQ(as_text(store.artifact(name, ".zip")), "content");
    EXPECT_THROW(store.put_artifact(name, ".zip", as_bytes("longer content")), CorruptArtifact);
    EXPECT_THROW(static_cast<void>(store.artifact(sha256("other"), ".zip")), NotFound);
}

TEST(StoreRefuses, ANewerSchemaNamingBothVersions) {
    const TemporaryFolder folder;
    {
        Store store(folder.path());
    }
    execute(folder.path() / "holdfast.db", "PRAGMA user_version = 99");
    const auto message = message_of<Unsupported>([&] { Store store(folder.path()); });
    EXPECT_NE(message.find("99"), std::string::npos) << message;
    EXPECT_NE(message.find(std::to_string(Store::schema_version)), std::string::npos) << message;
}

TEST(StoreRefuses, ForeignFilesAndDatabases) {
    const TemporaryFolder folder;
    const auto database = folder.path() / "holdfast.db";
    std::ofstream(database) << std::string(5000, 'x');
    EXPECT_NE(message_of<CorruptArtifact>([&] { Store store(folder.path()); }).find(database.string()),
              std::string::npos);
    std::ofstream(database) << "short";
    message_of<CorruptArtifact>([&] { Store store(folder.path()); });
    std::filesystem::remove(database);
    execute(database, "CREATE TABLE theirs (x)");
    message_of<CorruptArtifact>([&] { Store store(folder.path()); });
    execute(database, "SELECT * FROM theirs");
}

TEST(StoreRefuses, ATruncatedDatabase) {
    const TemporaryFolder folder;
    {
        Store store(folder.path());
    }
    const auto database = folder.path() / "holdfast.db";
    std::filesystem::resize_file(database, std::filesystem::file_size(database) / 2);
    EXPECT_NE(message_of<CorruptArtifact>([&] { Store store(folder.path()); }).find("truncated"), std::string::npos);
}

TEST(StoreRefuses, AFolderWithoutAWorkspaceWhereNoneIsToBeMade) {
    const TemporaryFolder folder;
    message_of<NotFound>([&] { Store store(folder.path() / "none", {.create = false}); });
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "none"));
}

TEST(StoreRefuses, AFolderThatCannotBeWritten) {
    const TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0755), 0);
    std::filesystem::create_directory(folder.path() / "there");
    {
        Store store(folder.path() / "workspace");
    }
    const int code = in_child([&] {
        if (::getuid() == 0 && ::setuid(65534) != 0) throw InternalError("cannot become another user");
        if (::getuid() != 65534) ::chmod(folder.path().c_str(), 0555);
        for (const char* name : {"new", "there", "workspace"}) {
            try {
                Store store(folder.path() / name);
            } catch (const PermissionDenied& error) {
                if (std::string(error.what()).find(folder.path().string()) != std::string::npos) continue;
            }
            throw InternalError(std::string("not refused: ") + name);
        }
    });
    EXPECT_EQ(code, ::getuid() == 0 ? 0 : code);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "there"));
}

TEST(StoreRefuses, EveryCallAfterClose) {
    const TemporaryFolder folder;
    Store store(folder.path());
    store.close();
    EXPECT_THROW(store.write([](Session&) {}), Unavailable);
    EXPECT_THROW(store.read([](const Session&) {}), Unavailable);
    EXPECT_THROW(static_cast<void>(store.data_version()), Unavailable);
    store.close();
}

TEST(StoreRefuses, ToWaitForALockWithoutEnd) {
    const TemporaryFolder folder;
    Store patient(folder.path());
    Store quick(folder.path(), {.busy_timeout_ms = 50});
    patient.write([&](Session&) {
        const auto message = message_of<Unavailable>([&] { quick.write([](Session&) {}); });
        EXPECT_NE(message.find("holdfast.db"), std::string::npos) << message;
    });
}

}  // namespace
}  // namespace holdfast::store

#include <gtest/gtest.h>

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include <holdfast/base/file.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

const Digest package = sha256("a package");

Table answers(std::int64_t first) {
    const std::vector<bool> valid{true, false};
    Table table;
    table.add("income", Column::of(std::vector<double>{1.5 + static_cast<double>(first), 0.0}, valid));
    table.add("rooms", Column::of(std::vector<float>{3.25F, -1.0F}));
    table.add("count", Column::of(std::vector<std::int32_t>{7, 8}));
    table.add("big", Column::of(std::vector<std::int64_t>{1LL << 60, -1}));
    table.add("new", Column::booleans({true, false}));
    table.add("region", Column::categorical({1, 0}, {"north", "south"}));
    table.add("note", Column::strings(std::vector<std::string>{"caf\xC3\xA9", ""}, valid));
    table.add("built", Column::timestamps({1'000'000, -5}));
    table.add("score", Column::of(std::vector<double>{0.25, 0.75}));
    return table;
}

InteractionBatch batch(std::vector<std::string> ids, std::int64_t first) {
    InteractionBatch rows;
    rows.endpoint = "housing";
    rows.version = 1;
    rows.latency_ns = 1234;
    rows.feature_columns = 8;
    rows.ids = std::move(ids);
    rows.times = {from_micros(100 + first), from_micros(200 + first)};
    rows.values = answers(first);
    return rows;
}

TEST(StoreGoldenTool, DISABLED_Writes) {
    const char* folder = std::getenv("HOLDFAST_WRITE_GOLDEN");
    ASSERT_NE(folder, nullptr) << "see README.md";
    const auto clock = std::make_shared<SimulatedClock>(from_micros(1'000));
    Store store(folder, {.clock = clock});
    store.put_artifact(package, ".zip", as_bytes("bytes of a package"));
    store.write([](Session& s) {
        s.add_version("housing", package, Json::object({{"name", "housing"}}), {});
        s.add_approval({"housing", 1, "approved", "me", "baseline", {}});
        s.put_endpoint({"housing", "housing", {"1"}, true, false, {}});
        s.add_deployment({"housing", "housing", 1, "deploy", "me", "first", {}});
    });
    clock->advance(Duration(1'000));
    store.write([](Session& s) { s.add_interactions(batch({"a", "b"}, 0)); });
    store.write([](Session& s) {
        s.add_label({"a", "", std::int64_t{1}, {}});
        s.add_label({"b", "housing", std::int64_t{0}, {}});
    });
    clock->advance(Duration(1'000));
    store.write([](Session& s) { s.add_label({"a", "", std::int64_t{0}, {}}); });
    store.write([](Session& s) {
        s.add_metric({"line_speed", 3.25, {}});
        s.add_event({"alert", Json::object({{"level", 2}}), {}});
        s.add_decision({"housing", 0, Json::object({{"action", "retrain"}}), Json::object({{"n", 1}}), {}});
        s.put_controller_config("housing", Json::object({{"holdout", 0.25}}));
        s.put_controller_state("housing", s.take_lease("housing", "one", from_micros(9'000)).value(), "monitoring");
    });
    store.write([](Session& s) {
        InteractionBatch about = batch({"c", "d"}, 500);
        about.entities = {"somebody", "another"};
        s.add_interactions(about);
        s.add_label({"c", "", std::int64_t{1}, {}});
    });
    store.write([](Session& s) { s.remove_entity("somebody", "an entity was erased"); });
    store.write([](Session& s) {
        s.put_logging("housing", Json::object({{"durability", "async"}}));
        s.salt("0123456789abcdef");
        s.add_alias({"housing", "champion", 1, "me", "first", {}});
        JobRow job;
        job.id = "housing-1";
        job.endpoint = "housing";
        job.state = "failed";
        job.spec = Json::object({{"seed", 7}});
        job.attempt = 2;
        job.progress = 0.5;
        job.exit_code = 3;
        job.error = "exit code 3";
        job.queued = from_micros(1'500);
        s.put_job(job);
        const std::vector<std::string> channels{"log"};
        s.add_notification({0, "housing", "transition", Json::object({{"after", "failed"}}), {}}, channels);
        s.add_failure({"housing", 1, 2, "invalid_argument", "a wrong shape", 1'000, {}});
        SummaryRow summary;
        summary.endpoint = "housing";
        summary.version = 1;
        summary.first_transaction = s.transaction();
        summary.counts = Json::object({{"rows", 2}});
        s.add_summary(summary);
    });
    store.write([](Session& s) {
        InteractionBatch computed = batch({"e", "f"}, 700);
        computed.arithmetic = "holdfast-native-1";
        s.add_interactions(computed);
        s.put_label_sums({"housing", "live", from_micros(0), 1, Json::object({{"rows", 2}}), {}});
        s.put_labels_summed({3, 4});
    });
    store.write([](Session& s) { s.remove_before("housing", from_micros(150), 10, "older than kept"); });
}

std::map<std::string, std::int64_t> rows_by_table(const std::filesystem::path& database) {
    sqlite3* handle = nullptr;
    EXPECT_EQ(sqlite3_open_v2(database.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    const auto numbers = [&](const std::string& sql, auto&& take) {
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
        while (sqlite3_step(statement) == SQLITE_ROW) take(statement);
        sqlite3_finalize(statement);
    };
    std::map<std::string, std::int64_t> rows;
    numbers("SELECT name FROM sqlite_master WHERE type = 'table'", [&](sqlite3_stmt* names) {
        const std::string name = reinterpret_cast<const char*>(sqlite3_column_text(names, 0));
        numbers("SELECT count(*) FROM " + name,
                [&](sqlite3_stmt* count) { rows[name] = sqlite3_column_int64(count, 0); });
    });
    sqlite3_close(handle);
    return rows;
}

// Every version that ever landed: it opens, is migrated, is sound, and keeps every row.
TEST(StoreMigrations, OfEveryVersionKeepEveryRowAndAreSound) {
    std::int64_t versions = 0;
    for (const auto& golden :
         std::filesystem::directory_iterator(std::filesystem::path(HOLDFAST_TEST_DATA) / "golden/store")) {
        if (!golden.is_directory()) continue;
        ++versions;
        SCOPED_TRACE(golden.path().string());
        const holdfast::testing::TemporaryFolder folder;
        const auto copy = folder.path() / "copy";
        std::filesystem::copy(golden, copy, std::filesystem::copy_options::recursive);
        const auto before = rows_by_table(copy / "holdfast.db");
        {
            Store store(copy, {.create = false});
            Verification found;
            store.verify(found);
            EXPECT_TRUE(found.ok()) << found.text();
            store.write([](Session& s) { s.add_metric({"after", 1.0, {}}); });
        }
        auto after = rows_by_table(copy / "holdfast.db");
        --after["metrics"];
        for (const auto& [table, rows] : before) EXPECT_EQ(after[table], rows) << table;
    }
    EXPECT_GE(versions, 1);
}

TEST(StoreGoldenV2, ReadsWhatIsNewSinceVersion1) {
    const holdfast::testing::TemporaryFolder folder;
    std::filesystem::copy(std::filesystem::path(HOLDFAST_TEST_DATA) / "golden/store/v2", folder.path(),
                          std::filesystem::copy_options::recursive);
    const Store store(folder.path(), {.create = false});
    store.read([](const Session& s) {
        EXPECT_EQ(s.logging("housing").canonical(), R"({"durability":"async"})");
        EXPECT_EQ(s.alias("housing", "champion")->version, 1);
        const JobRow job = s.job("housing-1").value();
        EXPECT_EQ(job.state, "failed");
        EXPECT_EQ(job.attempt, 2);
        EXPECT_EQ(job.exit_code, 3);
        EXPECT_EQ(job.queued, from_micros(1'500));
        EXPECT_EQ(s.undelivered("housing").size(), 1u);
        EXPECT_EQ(s.failures("housing", {}, {}).front().message, "a wrong shape");
        EXPECT_EQ(s.removals("housing").front().interactions, 1);
        EXPECT_EQ(s.count_interactions({.endpoint = "housing"}), 3);
        EXPECT_EQ(s.last_decision("housing", "retrain", {})->sequence, 1);
        EXPECT_EQ(s.log_extent("housing").rows, 3);
        EXPECT_EQ(s.log_extent("housing").events_until, std::nullopt);
    });
}

TEST(StoreGoldenV3, ReadsWhatIsNewSinceVersion2) {
    const holdfast::testing::TemporaryFolder folder;
    std::filesystem::copy(std::filesystem::path(HOLDFAST_TEST_DATA) / "golden/store/v3", folder.path(),
                          std::filesystem::copy_options::recursive);
    const Store store(folder.path(), {.create = false});
    store.read([](const Session& s) {
        EXPECT_EQ(s.arithmetic("housing", "e"), "holdfast-native-1");
        EXPECT_EQ(s.arithmetic("housing", "b"), "");
        SummaryQuery all;
        all.endpoint = "housing";
        all.from = from_micros(0);
        all.until = from_micros(1);
        EXPECT_EQ(s.label_sums(all).at(0).sums.at("rows").as_int(), 2);
        // The labels of "a" went with it: of those that are left the newest is number 2, and the next will be 3.
        EXPECT_EQ(s.labels_summed(), (LabelProgress{2, 4}));
        EXPECT_EQ(s.last_decision("housing", "retrain", {})->sequence, 1);
        // "a" went by age, "c" with its entity.
        EXPECT_EQ(s.count_interactions({.endpoint = "housing"}), 4);
        EXPECT_EQ(s.log_extent("housing").rows, 4);
        EXPECT_EQ(s.log_extent("housing").events_until, from_micros(100));
        EXPECT_EQ(s.removals("housing").size(), 2u);
    });
}

class StoreGolden : public ::testing::Test {
  protected:
    StoreGolden() {
        const std::filesystem::path golden = std::filesystem::path(HOLDFAST_TEST_DATA) / "golden/store/v1";
        std::filesystem::copy(golden, folder_.path(), std::filesystem::copy_options::recursive);
    }
    holdfast::testing::TemporaryFolder folder_;
};

TEST_F(StoreGolden, ReadsTheRegistryAndTheLedgerOfVersion1) {
    const Store store(folder_.path(), {.create = false});
    EXPECT_EQ(as_text(store.artifact(package, ".zip")), "bytes of a package");
    store.read([](const Session& s) {
        EXPECT_EQ(s.transaction(), 5);
        EXPECT_EQ(s.version("housing", 1)->package, package);
        EXPECT_EQ(s.latest_approved("housing")->manifest.at("name").as_string(), "housing");
        EXPECT_EQ(s.approvals("housing", 1).at(0).note, "baseline");
        EXPECT_TRUE(s.endpoint("housing")->follow_latest_approved);
        EXPECT_EQ(s.endpoint("housing")->good, std::vector<std::string>{"1"});
        EXPECT_EQ(s.live("housing")->reason, "first");
        EXPECT_EQ(s.live("housing")->stamp.recorded_time, from_micros(1'000));
    });
}

TEST_F(StoreGolden, ReadsTheInteractionsOfVersion1) {
    const Store store(folder_.path(), {.create = false});
    store.read([](const Session& s) {
        const auto table = s.interactions({.endpoint = "housing"});
        const Table wanted = answers(0);
        ASSERT_EQ(table.rows.rows(), 2);
        EXPECT_EQ(table.features.size(), 8u);
        EXPECT_EQ(table.outputs, std::vector<std::string>{"score"});
        for (const std::string& name : wanted.names()) {
            for (std::int64_t row = 0; row < 2; ++row) {
                EXPECT_EQ(table.rows.column(name).type(), wanted.column(name).type()) << name;
                EXPECT_EQ(table.rows.column(name).is_valid(row), wanted.column(name).is_valid(row)) << name;
                EXPECT_EQ(table.rows.column(name).value_text(row), wanted.column(name).value_text(row)) << name;
            }
        }
        EXPECT_EQ(table.rows.column("label").values<std::int64_t>()[0], 0);
        EXPECT_EQ(s.interactions({.endpoint = "housing", .up_to = 3}).rows.column("label").values<std::int64_t>()[0],
                  1);
        EXPECT_EQ(s.labels("a").size(), 2u);
    });
}

TEST_F(StoreGolden, ReadsWhatElseVersion1Remembers) {
    Store store(folder_.path(), {.create = false});
    store.read([](const Session& s) {
        EXPECT_EQ(s.metrics("line_speed", {}, {}, {}, {}).at(0).value, 3.25);
        EXPECT_EQ(s.events({}, {}).at(0).data.at("level").as_int(), 2);
        EXPECT_EQ(s.decision("housing", 1)->decision.at("action").as_string(), "retrain");
        EXPECT_EQ(s.controller("housing")->config.at("holdout").as_double(), 0.25);
        EXPECT_EQ(s.controller("housing")->state.as_string(), "monitoring");
        EXPECT_EQ(s.controller("housing")->fence, 1);
    });
    EXPECT_EQ(store.write([](Session& s) { EXPECT_EQ(s.add_interactions(batch({"a", "b"}, 0)), 0); }), 6);
}

}  // namespace
}  // namespace holdfast::store

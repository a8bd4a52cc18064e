// Damage to the database's file: every flipped bit is found, or lies where nothing is kept.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

namespace fs = std::filesystem;
using holdfast::testing::TemporaryFolder;

InteractionBatch rows(int first, int count) {
    InteractionBatch batch;
    batch.endpoint = "e";
    batch.version = 1;
    batch.feature_columns = 1;
    std::vector<double> values;
    for (int i = first; i < first + count; ++i) {
        batch.ids.push_back("id-" + std::to_string(i));
        batch.times.push_back(from_micros(1'000 + i));
        values.push_back(i * 0.5);
    }
    batch.values.add("x", Column::of(std::move(values)));
    return batch;
}

/// Everything a reader can learn.
std::string contents(const fs::path& folder) {
    const Store store(folder, {.create = false});
    std::string text;
    store.read([&](const Session& s) {
        const auto table = s.interactions({.endpoint = "e"});
        for (const std::string& name : table.rows.names()) {
            for (std::int64_t row = 0; row < table.rows.rows(); ++row)
                text += table.rows.column(name).value_text(row) + ",";
        }
        for (const auto& version : s.versions("")) text += version.model + version.state + version.manifest.canonical();
        for (const auto& endpoint : s.endpoints()) text += endpoint.name + endpoint.model;
        for (const auto& row : s.deployments("e")) text += row.reason + row.kind;
        for (const auto& row : s.metrics("speed", {}, {}, {}, {})) text += std::to_string(row.value);
        for (const auto& row : s.decisions("e")) text += row.decision.canonical();
    });
    return text;
}

void fill(const fs::path& folder) {
    Store store(folder);
    store.write([](Session& s) {
        s.put_endpoint({"e", "m", {}, false, false, {}});
        s.add_version("m", sha256("a"), Json::object({{"n", 1}}), {});
        s.add_approval({"m", 1, "approved", "me", "", {}});
        s.add_deployment({"e", "m", 1, "deploy", "me", "because", {}});
        s.add_metric({"speed", 2.5, {}});
        s.add_decision({"e", 0, Json::object({{"action", "none"}}), nullptr, {}});
    });
    for (int i = 0; i < 4; ++i) store.write([&](Session& s) { s.add_interactions(rows(i * 50, 50)); });
}

void flip(const fs::path& file, std::int64_t bit) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(bit / 8);
    const auto byte = static_cast<char>(bytes.get() ^ (1 << (bit % 8)));
    bytes.seekp(bit / 8);
    bytes.put(byte);
}

bool found_by_verify(const fs::path& folder) {
    try {
        const Store store(folder, {.create = false});
        Verification found;
        store.verify(found);
        return !found.ok();
    } catch (const CorruptArtifact& error) {
        EXPECT_NE(std::string(error.what()).find("holdfast.db"), std::string::npos);
        return true;
    } catch (const Unsupported&) {  // the bit that makes it a newer schema
        return true;
    }
}

class StoreDamage : public ::testing::Test {
  protected:
    StoreDamage() {
        fill(original_);
        wanted_ = contents(original_);
    }

    /// Flips one bit in a fresh copy: whether it was found. If not, it must have been harmless.
    bool found(std::int64_t bit) {
        const fs::path copy = folder_.path() / "copy";
        fs::remove_all(copy);
        fs::copy(original_, copy, fs::copy_options::recursive);
        flip(copy / "holdfast.db", bit);
        if (found_by_verify(copy)) return true;
        EXPECT_EQ(contents(copy), wanted_) << "bit " << bit << " is neither found nor harmless";
        return false;
    }

    void flips(std::uint64_t seed, int times) {
        const auto bits = static_cast<double>(fs::file_size(original_ / "holdfast.db") * 8);
        Rng rng(seed, "bit flips", "database");
        int count = 0;
        for (int i = 0; i < times; ++i) count += found(static_cast<std::int64_t>(rng.uniform() * bits)) ? 1 : 0;
        EXPECT_GT(count, times * 9 / 10);
    }

    const TemporaryFolder folder_;
    const fs::path original_ = folder_.path() / "original";
    std::string wanted_;
};
using StoreDamageLong = StoreDamage;

TEST_F(StoreDamage, AFlippedBitIsFoundOrHarmless) { flips(1, 50); }
TEST_F(StoreDamageLong, ManyFlippedBitsAreFoundOrHarmless) { flips(2, 3'000); }

TEST_F(StoreDamage, SoIsOneInWhatTheHeaderSaysOfPages) {
    for (std::int64_t bit = 16 * 8; bit < 24 * 8; ++bit) EXPECT_TRUE(found(bit)) << bit;
}
TEST_F(StoreDamageLong, SoIsOneAnywhereInTheHeader) {
    for (std::int64_t bit = 0; bit < 100 * 8; ++bit) EXPECT_TRUE(found(bit)) << bit;
}

TEST(StoreDamaged, PagesAreNamedAndNeverServed) {
    const TemporaryFolder folder;
    fill(folder.path());
    const fs::path database = folder.path() / "holdfast.db";
    // A value of the log, found by its own bytes.
    const auto bytes = read_file(database);
    const double value = 42 * 0.5;
    const std::string_view needle(reinterpret_cast<const char*>(&value), sizeof value);
    const std::size_t at = as_text(bytes).find(needle);
    ASSERT_NE(at, std::string_view::npos);
    flip(database, static_cast<std::int64_t>(at) * 8);
    const Store store(folder.path());
    try {
        store.read([](const Session& s) { static_cast<void>(s.interactions({.endpoint = "e"})); });
        FAIL() << "served";
    } catch (const CorruptArtifact& error) {
        const std::string page = "page " + std::to_string(at / 4096 + 1);
        EXPECT_NE(std::string(error.what()).find(page), std::string::npos) << error.what();
    }
    Verification found;
    store.verify(found);
    EXPECT_FALSE(found.ok());
}

TEST(StoreDamaged, ATruncatedDatabaseIsRefusedOrFoundAtEveryLength) {
    const TemporaryFolder folder;
    const fs::path original = folder.path() / "original";
    fill(original);
    const auto size = static_cast<std::int64_t>(fs::file_size(original / "holdfast.db"));
    for (const std::int64_t length : {size - 1, size - 4096, size / 2, std::int64_t{4096}, std::int64_t{99}}) {
        const fs::path copy = folder.path() / "copy";
        fs::remove_all(copy);
        fs::copy(original, copy, fs::copy_options::recursive);
        fs::resize_file(copy / "holdfast.db", static_cast<std::uintmax_t>(length));
        EXPECT_TRUE(found_by_verify(copy)) << length;
    }
}

TEST(StoreDamaged, AFlippedBitInTheLogIsRefusedUnlessItIsInTheLastTransaction) {
    const TemporaryFolder folder;
    const fs::path original = folder.path() / "original";
    std::vector<std::uintmax_t> ends;  // of the log, after each transaction
    {
        Store store(folder.path() / "one");
        store.write([](Session& s) { s.put_endpoint({"e", "m", {}, false, false, {}}); });
        for (int i = 0; i < 6; ++i) {
            store.write([&](Session& s) { s.add_interactions(rows(i * 20, 20)); });
            ends.push_back(fs::file_size(folder.path() / "one" / "holdfast.db-wal"));
        }
        fs::copy(folder.path() / "one", original, fs::copy_options::recursive);
    }
    Rng rng(3, "bit flips", "log");
    for (int i = 0; i < 40; ++i) {
        const fs::path copy = folder.path() / "copy";
        fs::remove_all(copy);
        fs::copy(original, copy, fs::copy_options::recursive);
        // Behind the header, and with two whole transactions behind it.
        const double bits = static_cast<double>((ends[3] - 32) * 8);
        flip(copy / "holdfast.db-wal", 32 * 8 + static_cast<std::int64_t>(rng.uniform() * bits));
        try {
            const Store store(copy);
            FAIL() << "opened";
        } catch (const CorruptArtifact& error) {
            EXPECT_NE(std::string(error.what()).find("holdfast.db-wal"), std::string::npos) << error.what();
        }
    }
    // What a power cut may leave of the last transaction.
    const fs::path torn = folder.path() / "torn";
    fs::copy(original, torn, fs::copy_options::recursive);
    flip(torn / "holdfast.db-wal", static_cast<std::int64_t>(ends[4] + 40) * 8);
    const Store store(torn);
    store.read([](const Session& s) { EXPECT_EQ(s.count_interactions({.endpoint = "e"}), 100); });
}

TEST(StoreChecksum, AnotherProgramMayReadAndMoveTheLogIntoTheDatabase) {
    const TemporaryFolder folder;
    const fs::path copy = folder.path() / "copy";
    {
        // As after a SIGKILL: the log still holds what was written.
        Store store(folder.path() / "one");
        store.write([](Session& s) {
            s.put_endpoint({"e", "m", {}, false, false, {}});
            s.add_interactions(rows(0, 100));
        });
        fs::copy(folder.path() / "one", copy, fs::copy_options::recursive);
    }
    ASSERT_GT(fs::file_size(copy / "holdfast.db-wal"), 0U);
    sqlite3* plain = nullptr;
    ASSERT_EQ(sqlite3_open_v2((copy / "holdfast.db").c_str(), &plain, SQLITE_OPEN_READWRITE, "unix"), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(plain, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(plain);
    EXPECT_EQ(contents(copy), contents(folder.path() / "one"));
    const Store store(copy);
    Verification found;
    store.verify(found);
    EXPECT_TRUE(found.ok()) << found.text();
}

}  // namespace
}  // namespace holdfast::store

#include <gtest/gtest.h>

#include <fstream>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

namespace fs = std::filesystem;
using holdfast::testing::TemporaryFolder;

struct GarbageOf : ::testing::Test {
    TemporaryFolder folder;
    Store store{folder.path()};
    const Duration hour = std::chrono::hours(1);

    void put(const std::string& text, const std::string& ending) {
        store.put_artifact(sha256(text), ending, as_bytes(text));
        age(store.artifact_path(sha256(text), ending));
    }
    [[nodiscard]] bool there(const std::string& text, const std::string& ending) const {
        return fs::exists(store.artifact_path(sha256(text), ending));
    }
    static void age(const fs::path& path) {
        fs::last_write_time(path, fs::last_write_time(path) - std::chrono::hours(2));
    }
    fs::path temporary(const fs::path& where) {
        const fs::path path = where / ".some.zip.tmp-123-abc";
        std::ofstream(path) << "half";
        return path;
    }
};

TEST_F(GarbageOf, IsWhatNoRowOfAnyNamespaceNames) {
    put("registered", ".zip");
    put("elsewhere", ".zip");
    put("sampled", ".samples.json");
    put("job's", ".samples.json");
    put("printed", ".log");
    put("nobody's", ".zip");
    put("nobody's", ".samples.json");
    store.write([](Session& s) {
        s.add_version("m", sha256("registered"), Json::object({}), {});
        s.add_decision(
            {"e", 0, Json::object({{"reasons", Json::object({{"manifest", sha256("sampled").hex()}})}}), {}, {}});
        s.put_job({.id = "j", .endpoint = "e", .log = sha256("printed")});
        s.put_controller_config("e", Json::object({{"samples", "of " + sha256("job's").hex()}}));
    });
    Store other(folder.path(), {.name_space = "other"});
    other.write([](Session& s) { s.add_version("m", sha256("elsewhere"), Json::object({}), {}); });

    const Garbage found = store.collect_garbage(hour, true);
    EXPECT_EQ(found.files.size(), 2u);
    EXPECT_EQ(found.bytes, 16);
    EXPECT_TRUE(there("nobody's", ".zip"));
    EXPECT_EQ(store.collect_garbage(hour, false).files, found.files);
    EXPECT_FALSE(there("nobody's", ".zip"));
    EXPECT_FALSE(there("nobody's", ".samples.json"));
    EXPECT_TRUE(there("registered", ".zip"));
    EXPECT_TRUE(there("elsewhere", ".zip"));
    EXPECT_TRUE(there("sampled", ".samples.json"));
    EXPECT_TRUE(there("job's", ".samples.json"));
    EXPECT_TRUE(there("printed", ".log"));
    EXPECT_TRUE(store.collect_garbage(hour, false).files.empty());
}

TEST_F(GarbageOf, IsNotWhatWasWrittenAMomentAgo) {
    put("old", ".zip");
    const auto path = store.artifact_path(sha256("old"), ".zip");
    // Another process is about to register what lies here since long.
    store.put_artifact(sha256("old"), ".zip", as_bytes("old"));
    EXPECT_TRUE(store.collect_garbage(hour, false).files.empty());
    age(path);
    EXPECT_EQ(store.collect_garbage(hour, false).files, std::vector{path});
}

TEST_F(GarbageOf, IsWhatKilledProcessesLeftHalfWritten) {
    put("registered", ".zip");
    store.write([](Session& s) { s.add_version("m", sha256("registered"), Json::object({}), {}); });
    const auto beside = temporary(store.artifact_path(sha256("registered"), ".zip").parent_path());
    const auto above = temporary(folder.path());
    std::ofstream(folder.path() / "notes.txt") << "a person's";
    age(folder.path() / "notes.txt");
    EXPECT_TRUE(store.collect_garbage(hour, false).files.empty());
    age(beside);
    age(above);
    EXPECT_EQ(store.collect_garbage(hour, false).files.size(), 2u);
    EXPECT_FALSE(fs::exists(beside));
    EXPECT_FALSE(fs::exists(above));
    EXPECT_TRUE(fs::exists(folder.path() / "notes.txt"));
    EXPECT_TRUE(there("registered", ".zip"));
    EXPECT_THROW(store.collect_garbage(Duration(-1), false), InvalidArgument);
}

}  // namespace
}  // namespace holdfast::store

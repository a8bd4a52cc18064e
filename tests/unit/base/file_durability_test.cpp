// What a power cut leaves of a file that was written atomically. The calls that order bytes on a disk are recorded: a
// file's bytes are safe once it is synced, a name once its folder is.
#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

namespace {

namespace fs = std::filesystem;

/// What the disk holds for certain.
struct Disk {
    std::map<ino_t, std::string> bytes;                        // of synced files
    std::map<fs::path, std::map<std::string, ino_t>> entries;  // of synced folders
    bool renamed_unsynced = false;                             // a name was given to bytes that were not safe
    bool watching = false;
};
Disk disk;

std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

ino_t inode(const fs::path& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

void note_sync(const fs::path& path) {
    if (!fs::is_directory(path)) {
        disk.bytes[inode(path)] = content(path);
        return;
    }
    auto& entries = disk.entries[path];
    entries.clear();
    for (const auto& entry : fs::directory_iterator(path)) entries[entry.path().filename()] = inode(entry.path());
}

}  // namespace

// In place of libc's, for this program.
extern "C" int fsync(int file) {
    if (disk.watching) note_sync(fs::read_symlink("/proc/self/fd/" + std::to_string(file)));
    static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fsync"));
    return real(file);
}

extern "C" int rename(const char* from, const char* to) noexcept {
    if (disk.watching) {
        const auto safe = disk.bytes.find(inode(from));
        disk.renamed_unsynced |= safe == disk.bytes.end() || safe->second != content(from);
    }
    static const auto real = reinterpret_cast<int (*)(const char*, const char*)>(::dlsym(RTLD_NEXT, "rename"));
    return real(from, to);
}

namespace holdfast {
namespace {

class FileDurability : public ::testing::Test {
  protected:
    FileDurability() {
        std::string pattern = (fs::temp_directory_path() / "holdfast-durable-XXXXXX").string();
        folder_ = fs::canonical(::mkdtemp(pattern.data()));
        disk = {};
        disk.watching = true;
    }
    ~FileDurability() override {
        disk.watching = false;
        fs::remove_all(folder_);
    }

    /// The file as it is after a power cut that keeps nothing but what is certain.
    static std::string after_a_cut(const fs::path& path) {
        const auto folder = disk.entries.find(path.parent_path());
        if (folder == disk.entries.end() || !folder->second.contains(path.filename())) return "(no such name)";
        const auto bytes = disk.bytes.find(folder->second.at(path.filename()));
        return bytes == disk.bytes.end() ? "(bytes not safe)" : bytes->second;
    }

    fs::path folder_;
};

TEST_F(FileDurability, WhatWasWrittenAtomicallySurvivesAPowerCut) {
    write_file_atomically(folder_ / "artifact", "first");
    EXPECT_EQ(after_a_cut(folder_ / "artifact"), "first");
    write_file_atomically(folder_ / "artifact", "second");
    EXPECT_EQ(after_a_cut(folder_ / "artifact"), "second");
    EXPECT_FALSE(disk.renamed_unsynced) << "a cut between could have left a name without its bytes";
}

TEST_F(FileDurability, SoDoFoldersMadeForIt) {
    make_directories(folder_ / "artifacts" / "ab");
    write_file_atomically(folder_ / "artifacts" / "ab" / "artifact", "bytes");
    EXPECT_TRUE(disk.entries[folder_].contains("artifacts"));
    EXPECT_TRUE(disk.entries[folder_ / "artifacts"].contains("ab"));
    EXPECT_EQ(after_a_cut(folder_ / "artifacts" / "ab" / "artifact"), "bytes");
}

TEST_F(FileDurability, AndWhatWasRenamedDurably) {
    std::ofstream(folder_ / "made") << "large";
    rename_durably(folder_ / "made", folder_ / "named");
    EXPECT_EQ(after_a_cut(folder_ / "named"), "large");
    EXPECT_FALSE(disk.renamed_unsynced);
    EXPECT_EQ(disk.entries[folder_].count("made"), 0U);
}

}  // namespace
}  // namespace holdfast

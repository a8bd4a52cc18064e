#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/mapped_file.hpp>

namespace holdfast {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "holdfast-file-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override {
        fs::permissions(folder_, fs::perms::owner_all);
        fs::remove_all(folder_);
    }
    [[nodiscard]] std::int64_t entries() const {
        return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
    }

    fs::path folder_;
};

std::string text_of(const fs::path& path) { return std::string(as_text(read_file(path))); }

TEST_F(FileTest, WritesWholeAndReadsBack) {
    const auto path = folder_ / "a.json";
    write_file_atomically(path, "one");
    EXPECT_EQ(text_of(path), "one");
    write_file_atomically(path, "");
    EXPECT_EQ(text_of(path), "");
    const std::string large(1 << 20, 'x');
    write_file_atomically(path, large);
    EXPECT_EQ(text_of(path), large);
    EXPECT_EQ(entries(), 1);
}

TEST_F(FileTest, ReadNamesWhatIsWrong) {
    EXPECT_THROW((void)read_file(folder_ / "none"), NotFound);
    EXPECT_THROW((void)read_file(folder_), InvalidArgument);
    write_file_atomically(folder_ / "a", "1234");
    EXPECT_THROW((void)read_file(folder_ / "a" / "b"), NotFound);
    EXPECT_EQ(read_file(folder_ / "a", 4).size(), 4U);
    try {
        (void)read_file(folder_ / "a", 3);
        FAIL();
    } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find("4 bytes, at most 3 wanted"), std::string::npos) << error.what();
    }
    ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
    EXPECT_THROW((void)read_file(folder_ / "fifo"), InvalidArgument);
}

TEST_F(FileTest, AMappedFileHasTheFilesBytes) {
    const auto path = folder_ / "a";
    const std::string large(100'001, 'x');
    const std::string pages(4 * 4096, 'x');
    for (const std::string& text : {std::string(), std::string("one"), large, pages, pages + large.substr(0, 4090)}) {
        write_file_atomically(path, text);
        const MappedFile mapped(path);
        write_file_atomically(path, "another file of that name");
        EXPECT_EQ(as_text(mapped.bytes()), text);
        if (text.empty()) continue;
        const std::span padding(mapped.bytes().data() + text.size(), MappedFile::padding);
        EXPECT_TRUE(std::ranges::all_of(padding, [](std::byte byte) { return byte == std::byte{0}; }));
    }
    EXPECT_THROW(MappedFile(folder_ / "none"), NotFound);
    EXPECT_THROW(MappedFile{folder_}, InvalidArgument);
    EXPECT_THROW(MappedFile(path, 3), InvalidArgument);
}

TEST_F(FileTest, AFailedWriteLeavesNothing) {
    EXPECT_THROW(write_file_atomically(folder_ / "none" / "a", "x"), NotFound);
    EXPECT_THROW(write_file_atomically(folder_ / "", "x"), InvalidArgument);
    fs::create_directories(folder_ / "taken" / "inside");
    EXPECT_THROW(write_file_atomically(folder_ / "taken", "x"), IoError);
    EXPECT_EQ(entries(), 1);
}

TEST_F(FileTest, MakesDirectoriesAndRenames) {
    make_directories(folder_ / "a" / "b" / "c");
    make_directories(folder_ / "a" / "b" / "c");
    make_directories(folder_ / "a" / "d" / "");
    EXPECT_TRUE(fs::is_directory(folder_ / "a" / "b" / "c"));
    EXPECT_TRUE(fs::is_directory(folder_ / "a" / "d"));
    write_file_atomically(folder_ / "file", "x");
    EXPECT_THROW(make_directories(folder_ / "file"), InvalidArgument);
    rename_durably(folder_ / "file", folder_ / "a" / "moved");
    EXPECT_EQ(text_of(folder_ / "a" / "moved"), "x");
    rename_durably(folder_ / "a", folder_ / "e");
    EXPECT_EQ(text_of(folder_ / "e" / "moved"), "x");
    EXPECT_THROW(rename_durably(folder_ / "none", folder_ / "f"), NotFound);
}

/// Runs `body` in a child process that is not root; true when `body` is.
bool unprivileged(const std::function<bool()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(3);
        bool good = false;
        try {
            good = body();
        } catch (...) {
        }
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(FileTest, AFolderThatCannotBeWrittenIsPermissionDenied) {
    write_file_atomically(folder_ / "secret", "x");
    fs::permissions(folder_ / "secret", fs::perms::none);
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read |
                                 fs::perms::others_exec | fs::perms::group_read | fs::perms::group_exec);
    const auto denied = [](const std::function<void()>& action) {
        return unprivileged([&] {
            try {
                action();
            } catch (const PermissionDenied&) {
                return true;
            }
            return false;
        });
    };
    EXPECT_TRUE(denied([&] { write_file_atomically(folder_ / "a", "x"); }));
    EXPECT_TRUE(denied([&] { make_directories(folder_ / "a"); }));
    EXPECT_TRUE(denied([&] { (void)read_file(folder_ / "secret"); }));
    EXPECT_EQ(entries(), 1);
}

// Each child starts the test program anew, so that it reads the environment as a host's process would; it finds the
// folder there.
TEST(FailPointDeathTest, KillsAtTheNamedPass) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    std::string pattern = (fs::temp_directory_path() / "holdfast-file-XXXXXX").string();
    const char* inherited = std::getenv("HOLDFAST_TEST_FOLDER");
    const fs::path folder = inherited != nullptr ? inherited : ::mkdtemp(pattern.data());
    ::setenv("HOLDFAST_TEST_FOLDER", folder.c_str(), 1);
    ::setenv("HOLDFAST_FAIL_POINT_TRACE", (folder / "trace").c_str(), 1);

    const auto write_two = [&] {
        write_file_atomically(folder / "a", "1");
        write_file_atomically(folder / "a", "2");
        std::exit(0);
    };
    ::setenv("HOLDFAST_FAIL_POINT", "base.file.before_rename:2", 1);
    EXPECT_EXIT(write_two(), testing::KilledBySignal(SIGKILL), "");
    EXPECT_EQ(text_of(folder / "a"), "1");
    EXPECT_EQ(text_of(folder / "trace"), "base.file.before_rename\nbase.file.after_rename\nbase.file.before_rename\n");

    ::setenv("HOLDFAST_FAIL_POINT", "base.file.after_rename:2", 1);
    EXPECT_EXIT(write_two(), testing::KilledBySignal(SIGKILL), "");
    EXPECT_EQ(text_of(folder / "a"), "2");

    ::setenv("HOLDFAST_FAIL_POINT", "base.file.never", 1);
    EXPECT_EXIT(write_two(), testing::ExitedWithCode(0), "");
    for (const auto* name : {"HOLDFAST_TEST_FOLDER", "HOLDFAST_FAIL_POINT", "HOLDFAST_FAIL_POINT_TRACE"})
        ::unsetenv(name);
    fs::remove_all(folder);
}

}  // namespace
}  // namespace holdfast

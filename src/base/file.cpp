#include <holdfast/base/file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fail_point.hpp>
#include <holdfast/base/mapped_file.hpp>
#include <holdfast/base/rng.hpp>

namespace holdfast {
namespace {

namespace fs = std::filesystem;

class File {
  public:
    File(const fs::path& path, int flags, std::string_view what, mode_t mode = 0) : path_(path) {
        do {
            descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, mode);
        } while (descriptor_ < 0 && errno == EINTR);
        if (descriptor_ < 0) throw_system_error(errno, what, path);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    void write(std::span<const std::byte> bytes) const {
        while (!bytes.empty()) {
            const auto written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) throw_system_error(errno, "write", path_);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }

    void sync() const {
        // EINVAL: a file system that has nothing to flush (some network and special ones).
        if (::fsync(descriptor_) != 0 && errno != EINVAL) throw_system_error(errno, "flush", path_);
    }

    void close() {
        if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) throw_system_error(errno, "close", path_);
    }

  private:
    fs::path path_;
    int descriptor_ = -1;
};

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// Without O_NONBLOCK, opening a FIFO would wait for its writer.
File open_to_read(const fs::path& path) { return File(path, O_RDONLY | O_NONBLOCK, "read"); }

/// Bytes of a regular file of at most `max_bytes`.
std::size_t checked_size(const File& file, const fs::path& path, std::int64_t max_bytes) {
    struct stat status{};
    if (::fstat(file.descriptor(), &status) != 0) throw_system_error(errno, "read", path);
    if (!S_ISREG(status.st_mode)) throw InvalidArgument("cannot read \"" + path.string() + "\": a regular file wanted");
    if (status.st_size > max_bytes)
        throw InvalidArgument("cannot read \"" + path.string() + "\": " + std::to_string(status.st_size) +
                              " bytes, at most " + std::to_string(max_bytes) + " wanted");
    return static_cast<std::size_t>(status.st_size);
}

void rename_and_sync(const fs::path& from, const fs::path& to) {
    fail_point("base.file.before_rename");
    if (::rename(from.c_str(), to.c_str()) != 0) throw_system_error(errno, "rename", to);
    fail_point("base.file.after_rename");
    sync_directory(folder_of(to));
}

}  // namespace

fs::path temporary_name(const fs::path& path) {
    char random[17];
    std::snprintf(random, sizeof random, "%016llx", static_cast<unsigned long long>(Rng::from_system()()));
    return folder_of(path) / ("." + path.filename().string() + ".tmp-" + std::to_string(::getpid()) + "-" + random);
}

void throw_system_error(int code, std::string_view what, const fs::path& path) {
    const std::string message =
        "cannot " + std::string(what) + " \"" + path.string() + "\": " + std::generic_category().message(code);
    switch (code) {
        case ENOENT:
        case ENOTDIR: throw NotFound(message);
        case EACCES:
        case EPERM:
        case EROFS: throw PermissionDenied(message);
        default: throw IoError(message);
    }
}

std::vector<std::byte> read_file(const fs::path& path, std::int64_t max_bytes) {
    const File file = open_to_read(path);
    std::vector<std::byte> bytes(checked_size(file, path, max_bytes));
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto got = ::read(file.descriptor(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_system_error(errno, "read", path);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

/// Of the file's pages and, where its last one has no room for the padding, one of zeros.
std::size_t MappedFile::mapped(std::size_t size) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return (size + padding + page - 1) / page * page;
}

MappedFile::MappedFile(const fs::path& path, std::int64_t max_bytes) {
    const File file = open_to_read(path);
    const std::size_t size = checked_size(file, path, max_bytes);
    if (size == 0) return;  // which mmap refuses
    void* memory = ::mmap(nullptr, mapped(size), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw_system_error(errno, "read", path);
    if (::mmap(memory, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE | MAP_FIXED, file.descriptor(), 0) == MAP_FAILED) {
        const int error = errno;
        ::munmap(memory, mapped(size));
        throw_system_error(error, "read", path);
    }
    bytes_ = {static_cast<const std::byte*>(memory), size};
}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), mapped(bytes_.size()));
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
    if (!path.has_filename()) throw InvalidArgument("cannot write \"" + path.string() + "\": a file name wanted");
    const fs::path temporary = temporary_name(path);
    File file(temporary, O_WRONLY | O_CREAT | O_EXCL, "write", 0666);
    try {
        file.write(bytes);
        file.sync();
        file.close();
        rename_and_sync(temporary, path);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

void write_file_atomically(const fs::path& path, std::string_view text) { write_file_atomically(path, as_bytes(text)); }

void make_directories(const fs::path& path) {
    if (path.empty()) return;
    if (!path.has_filename()) return path.has_relative_path() ? make_directories(path.parent_path()) : void();
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return;
        throw InvalidArgument("cannot create folder \"" + path.string() + "\": something else has that name");
    }
    make_directories(path.parent_path());
    if (::mkdir(path.c_str(), 0777) == 0) {
        sync_directory(folder_of(path));
    } else if (errno != EEXIST) {
        throw_system_error(errno, "create folder", path);
    }
}

void sync_directory(const fs::path& path) { File(path, O_RDONLY | O_DIRECTORY, "flush folder").sync(); }

void rename_durably(const fs::path& from, const fs::path& to) {
    File(from, O_RDONLY, "rename").sync();
    rename_and_sync(from, to);
    if (folder_of(from) != folder_of(to)) sync_directory(folder_of(from));
}

}  // namespace holdfast

// A layer over SQLite's file system that fails when told to, and that remembers what was not synced, so that a test can
// take the power away.
//
// One in a process, installed as SQLite's default before the first database is opened. While it is armed or tracks, one
// thread at a time uses databases.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/rng.hpp>

namespace holdfast::testing {

enum class FileOperation { open, read, write, truncate, sync, remove, lock };
enum class FileFault { io_error, short_write, disk_full, no_power };

class FaultyVfs {
  public:
    static FaultyVfs& instance() {
        static FaultyVfs once;
        return once;
    }

    /// Counts from 0 again, and fails at operation number `at`; -1: none. After `no_power` every later one fails, too.
    void arm(std::int64_t at, FileFault fault) {
        count_ = 0;
        at_ = at;
        fault_ = fault;
        failed_ = 0;
        dead_ = false;
        operations_.clear();
        armed_ = true;
    }
    void disarm() { armed_ = false; }

    [[nodiscard]] std::int64_t failed() const { return failed_; }
    /// What was asked for since `arm`.
    [[nodiscard]] const std::vector<FileOperation>& operations() const { return operations_; }

    /// Remembers, from here on, what each file held when it was last synced.
    void track(bool on) {
        tracking_ = on;
        files_.clear();
    }

    /// Makes the tracked files in `folder` what a power cut may have left: what was synced, and of each later write any
    /// of its sectors or none.
    void lose_power(const std::filesystem::path& folder, Rng& rng) const {
        for (const auto& [path, file] : files_) {
            const std::filesystem::path name = std::filesystem::path(path).filename();
            if (!file.there) {
                std::filesystem::remove(folder / name);
                continue;
            }
            std::string bytes = file.synced;
            for (const Pending& pending : file.pending) {
                if (pending.truncated) {
                    if (rng.uniform() < 0.5) bytes.resize(static_cast<std::size_t>(pending.offset));
                    continue;
                }
                for (std::size_t from = 0; from < pending.bytes.size(); from += sector) {
                    if (rng.uniform() < 0.5) put(bytes, pending, from);
                }
            }
            std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << bytes;
        }
    }

  private:
    static constexpr std::size_t sector = 512;

    struct Pending {
        sqlite3_int64 offset = 0;
        std::string bytes;
        bool truncated = false;
    };
    struct Tracked {
        std::string synced;
        std::vector<Pending> pending;
        bool there = true;
    };
    struct File {
        const sqlite3_io_methods* methods;
        Tracked* tracked;
        [[nodiscard]] sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };
    static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

    FaultyVfs() : below_(sqlite3_vfs_find("unix")), vfs_(*below_) {
        vfs_.pNext = nullptr;
        vfs_.zName = "faulty";
        vfs_.szOsFile = static_cast<int>(sizeof(File)) + below_->szOsFile;
        vfs_.xOpen = open;
        vfs_.xDelete = remove;
        sqlite3_vfs_register(&vfs_, 1);
    }

    static void put(std::string& bytes, const Pending& pending, std::size_t from) {
        const std::size_t size = std::min(sector, pending.bytes.size() - from);
        const std::size_t at = static_cast<std::size_t>(pending.offset) + from;
        if (bytes.size() < at + size) bytes.resize(at + size);
        bytes.replace(at, size, pending.bytes, from, size);
    }

    /// Whether this operation is to fail, and how.
    [[nodiscard]] bool fails(FileOperation operation) {
        if (!armed_) return false;
        operations_.push_back(operation);
        const bool hit = count_++ == at_;
        if (hit && fault_ == FileFault::no_power) dead_ = true;
        if (!hit && !dead_) return false;
        ++failed_;
        errno = EIO;  // what SQLite asks for the reason
        return true;
    }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* handle, int flags, int* flags_out) {
        FaultyVfs& self = instance();
        auto* file = new (handle) File{nullptr, nullptr};
        if (self.fails(FileOperation::open)) return SQLITE_CANTOPEN;
        const int code = self.below_->xOpen(self.below_, name, file->inner(), flags, flags_out);
        if (code == SQLITE_OK && self.tracking_ && name != nullptr) file->tracked = self.tracked(name);
        if (file->inner()->pMethods != nullptr) file->methods = &methods();
        return code;
    }

    Tracked* tracked(const char* name) {
        const auto [found, fresh] = files_.try_emplace(name);
        if (fresh) {
            std::ifstream in(name, std::ios::binary);
            found->second.synced.assign(std::istreambuf_iterator<char>(in), {});
        }
        found->second.there = true;
        return &found->second;
    }

    static int remove(sqlite3_vfs*, const char* name, int sync) {
        FaultyVfs& self = instance();
        if (self.fails(FileOperation::remove)) return SQLITE_IOERR_DELETE;
        const auto found = self.files_.find(name);
        if (found != self.files_.end()) found->second = {{}, {}, false};
        return self.below_->xDelete(self.below_, name, sync);
    }

    static int read(sqlite3_file* handle, void* bytes, int size, sqlite3_int64 offset) {
        if (instance().fails(FileOperation::read)) return SQLITE_IOERR_READ;
        return of(handle).inner()->pMethods->xRead(of(handle).inner(), bytes, size, offset);
    }

    static int write(sqlite3_file* handle, const void* bytes, int size, sqlite3_int64 offset) {
        FaultyVfs& self = instance();
        File& file = of(handle);
        const auto really = [&](int part) {
            if (file.tracked != nullptr) {
                file.tracked->pending.push_back(
                    {offset, std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(part)), false});
            }
            return file.inner()->pMethods->xWrite(file.inner(), bytes, part, offset);
        };
        if (!self.fails(FileOperation::write)) return really(size);
        if (self.fault_ == FileFault::disk_full) return SQLITE_FULL;
        if (self.fault_ == FileFault::short_write) static_cast<void>(really(size / 2));
        return SQLITE_IOERR_WRITE;
    }

    static int truncate(sqlite3_file* handle, sqlite3_int64 size) {
        if (instance().fails(FileOperation::truncate)) return SQLITE_IOERR_TRUNCATE;
        if (of(handle).tracked != nullptr) of(handle).tracked->pending.push_back({size, {}, true});
        return of(handle).inner()->pMethods->xTruncate(of(handle).inner(), size);
    }

    static int sync(sqlite3_file* handle, int) {
        if (instance().fails(FileOperation::sync)) return SQLITE_IOERR_FSYNC;
        // Nothing but a real power cut could tell whether the disk was asked, too.
        if (Tracked* tracked = of(handle).tracked; tracked != nullptr) {
            for (const Pending& pending : tracked->pending) {
                if (pending.truncated) {
                    tracked->synced.resize(static_cast<std::size_t>(pending.offset));
                } else {
                    for (std::size_t from = 0; from < pending.bytes.size(); from += sector)
                        put(tracked->synced, pending, from);
                }
            }
            tracked->pending.clear();
        }
        return SQLITE_OK;
    }

    static int lock(sqlite3_file* handle, int level) {
        if (instance().fails(FileOperation::lock)) return SQLITE_IOERR_LOCK;
        return of(handle).inner()->pMethods->xLock(of(handle).inner(), level);
    }

    static int shm_lock(sqlite3_file* handle, int offset, int count, int flags) {
        // Letting go does not fail: SQLite would not look.
        if ((flags & SQLITE_SHM_LOCK) != 0 && instance().fails(FileOperation::lock)) return SQLITE_IOERR_SHMLOCK;
        return of(handle).inner()->pMethods->xShmLock(of(handle).inner(), offset, count, flags);
    }

    static int close(sqlite3_file* handle) { return of(handle).inner()->pMethods->xClose(of(handle).inner()); }

    template <auto Method, class... Arguments>
    static int pass(sqlite3_file* handle, Arguments... arguments) {
        sqlite3_file* inner = of(handle).inner();
        return (inner->pMethods->*Method)(inner, arguments...);
    }
    static void barrier(sqlite3_file* handle) { of(handle).inner()->pMethods->xShmBarrier(of(handle).inner()); }

    static const sqlite3_io_methods& methods() {
        using M = sqlite3_io_methods;
        static const sqlite3_io_methods table = {2,
                                                 close,
                                                 read,
                                                 write,
                                                 truncate,
                                                 sync,
                                                 pass<&M::xFileSize, sqlite3_int64*>,
                                                 lock,
                                                 pass<&M::xUnlock, int>,
                                                 pass<&M::xCheckReservedLock, int*>,
                                                 pass<&M::xFileControl, int, void*>,
                                                 pass<&M::xSectorSize>,
                                                 pass<&M::xDeviceCharacteristics>,
                                                 pass<&M::xShmMap, int, int, int, void volatile**>,
                                                 shm_lock,
                                                 barrier,
                                                 pass<&M::xShmUnmap, int>,
                                                 nullptr,
                                                 nullptr};
        return table;
    }

    sqlite3_vfs* below_;
    sqlite3_vfs vfs_;
    std::int64_t count_ = 0, at_ = -1, failed_ = 0;
    FileFault fault_ = FileFault::io_error;
    bool armed_ = false, dead_ = false, tracking_ = false;
    std::vector<FileOperation> operations_;
    std::map<std::string, Tracked> files_;
};

}  // namespace holdfast::testing

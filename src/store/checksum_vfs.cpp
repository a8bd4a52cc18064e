#include "store/checksum_vfs.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include <holdfast/base/error.hpp>

namespace holdfast::store::detail {
namespace {

constexpr int header_bytes = 100;
constexpr int reserved_at = 20;  // where the header says how many bytes every page reserves
constexpr int max_page_bytes = 65536;

thread_local std::int64_t damaged = 0;

sqlite3_vfs* below() noexcept;

/// A database file; the file that the layer below opened lies behind it in memory.
struct File {
    const sqlite3_io_methods* methods;
    bool checked;  // the header reserves our bytes
    std::unique_ptr<unsigned char[]> page;

    [[nodiscard]] sqlite3_file* inner() noexcept { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
static_assert(sizeof(File) % alignof(void*) == 0, "the file below lies aligned");

File& of(sqlite3_file* file) noexcept { return *reinterpret_cast<File*>(file); }

/// Every step is a bijection of the state, so that any one word that differs gives another sum. Never 0, which stands
/// for none. The page's place is part of it: a page that lies where another belongs is found.
std::uint64_t checksum(const unsigned char* page, int size, sqlite3_int64 offset) noexcept {
    std::uint64_t sum = static_cast<std::uint64_t>(offset) ^ 0x9e3779b97f4a7c15U;
    for (int at = 0; at < size; at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, page + at, sizeof word);
        sum = (sum ^ word) * 0xff51afd7ed558ccdU;
        sum ^= sum >> 32;
    }
    return sum == 0 ? 1 : sum;
}

bool is_page(int size, sqlite3_int64 offset) noexcept {
    return size >= 512 && (size & (size - 1)) == 0 && offset % size == 0;
}

void note_header(File& file, const void* bytes, int size, sqlite3_int64 offset) noexcept {
    const auto* header = static_cast<const unsigned char*>(bytes);
    if (offset != 0 || size < header_bytes || std::memcmp(header, "SQLite format 3", 16) != 0) return;
    file.checked = header[reserved_at] == checksum_bytes;
}

int read(sqlite3_file* handle, void* bytes, int size, sqlite3_int64 offset) {
    File& file = of(handle);
    const int code = file.inner()->pMethods->xRead(file.inner(), bytes, size, offset);
    if (code != SQLITE_OK) return code;
    note_header(file, bytes, size, offset);
    if (!file.checked || !is_page(size, offset)) return SQLITE_OK;

    auto* page = static_cast<unsigned char*>(bytes);
    unsigned char* end = page + size - checksum_bytes;
    std::uint64_t stored = 0;
    std::memcpy(&stored, end, sizeof stored);
    if (stored == 0) return SQLITE_OK;
    if (stored != checksum(page, size - checksum_bytes, offset)) {
        damaged = offset / size + 1;
        return SQLITE_IOERR_DATA;
    }
    // Where another program moves this page's next form from the log into the database, it shall carry no sum rather
    // than the sum of what it was.
    std::memset(end, 0, checksum_bytes);
    return SQLITE_OK;
}

int write(sqlite3_file* handle, const void* bytes, int size, sqlite3_int64 offset) {
    File& file = of(handle);
    note_header(file, bytes, size, offset);
    if (!file.checked || !is_page(size, offset))
        return file.inner()->pMethods->xWrite(file.inner(), bytes, size, offset);
    if (file.page == nullptr) file.page.reset(new (std::nothrow) unsigned char[max_page_bytes]);
    if (file.page == nullptr) return SQLITE_NOMEM;
    std::memcpy(file.page.get(), bytes, static_cast<std::size_t>(size));
    const std::uint64_t sum = checksum(file.page.get(), size - checksum_bytes, offset);
    std::memcpy(file.page.get() + size - checksum_bytes, &sum, sizeof sum);
    return file.inner()->pMethods->xWrite(file.inner(), file.page.get(), size, offset);
}

int close(sqlite3_file* handle) {
    File& file = of(handle);
    const int code = file.inner()->pMethods->xClose(file.inner());
    file.~File();
    return code;
}

template <auto Method, class... Arguments>
int pass(sqlite3_file* handle, Arguments... arguments) {
    sqlite3_file* inner = of(handle).inner();
    return (inner->pMethods->*Method)(inner, arguments...);
}

using M = sqlite3_io_methods;

int characteristics(sqlite3_file* handle) {
    const int all = pass<&M::xDeviceCharacteristics>(handle);
#ifdef SQLITE_IOCAP_SUBPAGE_READ
    return all & ~SQLITE_IOCAP_SUBPAGE_READ;  // part of a page has no checksum
#else
    return all;
#endif
}

void barrier(sqlite3_file* handle) { of(handle).inner()->pMethods->xShmBarrier(of(handle).inner()); }

// Version 2: shared memory for the log, and no mapped pages, which would pass unchecked.
const sqlite3_io_methods methods = {
    2,
    close,
    read,
    write,
    pass<&M::xTruncate, sqlite3_int64>,
    pass<&M::xSync, int>,
    pass<&M::xFileSize, sqlite3_int64*>,
    pass<&M::xLock, int>,
    pass<&M::xUnlock, int>,
    pass<&M::xCheckReservedLock, int*>,
    pass<&M::xFileControl, int, void*>,
    pass<&M::xSectorSize>,
    characteristics,
    pass<&M::xShmMap, int, int, int, void volatile**>,
    pass<&M::xShmLock, int, int, int>,
    barrier,
    pass<&M::xShmUnmap, int>,
    nullptr,
    nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* handle, int flags, int* flags_out) {
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return below()->xOpen(below(), name, handle, flags, flags_out);
    auto* file = new (handle) File{nullptr, false, nullptr};
    const int code = below()->xOpen(below(), name, file->inner(), flags, flags_out);
    if (file->inner()->pMethods != nullptr) {
        file->methods = &methods;  // so that SQLite closes it
    } else {
        file->~File();
    }
    return code;
}

struct Layer {
    sqlite3_vfs* below;
    sqlite3_vfs vfs;

    Layer() : below(sqlite3_vfs_find(nullptr)), vfs(*below) {
        vfs.pNext = nullptr;
        vfs.zName = "holdfast";
        vfs.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
        vfs.xOpen = open;
        if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
            throw InternalError("SQLite: the layer of checksums cannot be registered");
    }
    ~Layer() { sqlite3_vfs_unregister(&vfs); }
};

Layer& layer() {
    static Layer once;
    return once;
}

sqlite3_vfs* below() noexcept { return layer().below; }

}  // namespace

const char* checksum_vfs() { return layer().vfs.zName; }

std::int64_t damaged_page() noexcept { return damaged; }

}  // namespace holdfast::store::detail

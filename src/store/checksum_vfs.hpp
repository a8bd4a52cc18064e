// A layer between SQLite and the file system that keeps a checksum at the end of every page of a database, and checks
// it when the page is read. The log has checksums of its own.
//
// The checksum lives in bytes that the database's header reserves, so other programs read the database as before.
// A page without one (a database of before, or a log that another program moved into the database) passes unchecked.
#pragma once

#include <cstdint>

namespace holdfast::store::detail {

inline constexpr int checksum_bytes = 8;

/// The layer's name for sqlite3_open_v2; registered with the first call, over the layer that is SQLite's default then.
[[nodiscard]] const char* checksum_vfs();

/// The page that was last refused on this thread; the first is 1.
[[nodiscard]] std::int64_t damaged_page() noexcept;

}  // namespace holdfast::store::detail

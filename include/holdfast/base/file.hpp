/// Files: read whole with a bound, written whole or not at all.
///
/// Errors: NotFound, PermissionDenied or IoError, naming the path and the reason the system gave.
///
/// Thread safety: free functions; two writers of one path: the last rename wins, never a mixture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>

namespace holdfast {

/// The whole file. InvalidArgument when it is larger than `max_bytes` or not a regular file.
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::byte> read_file(const std::filesystem::path& path,
                                                               std::int64_t max_bytes = std::int64_t{8} << 30);

/// Temporary name in the same folder, write, fsync, rename, fsync of the folder. On an error nothing stays behind.
HOLDFAST_EXPORT void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
HOLDFAST_EXPORT void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Creates the folder and its parents, and makes the new entries durable.
HOLDFAST_EXPORT void make_directories(const std::filesystem::path& path);
/// A hidden name beside `path` that nobody else draws; it holds ".tmp-", by which garbage collection knows what a
/// killed writer left.
[[nodiscard]] HOLDFAST_EXPORT std::filesystem::path temporary_name(const std::filesystem::path& path);

/// fsync of a folder: a rename inside it survives power loss.
HOLDFAST_EXPORT void sync_directory(const std::filesystem::path& path);

/// Flushes a file's bytes, then renames it (or a folder) to `to` and syncs the folder that holds it.
HOLDFAST_EXPORT void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

/// Throws the Error that belongs to errno `code` for `what` done to `path`.
[[noreturn]] HOLDFAST_EXPORT void throw_system_error(int code, std::string_view what,
                                                     const std::filesystem::path& path);

[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace holdfast

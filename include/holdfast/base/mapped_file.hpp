/// MappedFile: a file's bytes where the system keeps them, in no memory of our own.
///
/// A file that is replaced by renaming stays as it was opened. One that is written to meanwhile may change under the
/// reader, and one that is cut short ends the process (SIGBUS).
///
/// Errors: those of read_file.
///
/// Thread safety: immutable; safe from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT MappedFile {
  public:
    /// Zeros behind a file's bytes that may be read, too. An empty file has none.
    static constexpr std::size_t padding = 64;

    explicit MappedFile(const std::filesystem::path& path, std::int64_t max_bytes = std::int64_t{8} << 30);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

  private:
    static std::size_t mapped(std::size_t size);

    std::span<const std::byte> bytes_;
};

}  // namespace holdfast

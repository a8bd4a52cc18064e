// What both readers of zips share: handles, and what an entry may be.
#pragma once

#include <zip.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast::detail {

// 1 January 1980, the first day that a zip can say.
inline constexpr std::uint16_t zip_time = 0;
inline constexpr std::uint16_t zip_date = (0 << 9) | (1 << 5) | 1;

// A small zip must not ask for gigabytes: an entry may grow to this much, or to so many times the zip's size.
inline constexpr std::int64_t zip_always_allowed = std::int64_t{64} << 20;
inline constexpr std::int64_t zip_max_expansion = 200;

struct ZipDiscard {
    void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
    void operator()(zip_source_t* source) const noexcept { zip_source_free(source); }
    void operator()(zip_file_t* file) const noexcept { zip_fclose(file); }
};
using ZipArchive = std::unique_ptr<zip_t, ZipDiscard>;
using ZipSource = std::unique_ptr<zip_source_t, ZipDiscard>;
using ZipFile = std::unique_ptr<zip_file_t, ZipDiscard>;

class ZipError {
  public:
    ZipError() { zip_error_init(&error_); }
    ~ZipError() { zip_error_fini(&error_); }
    ZipError(const ZipError&) = delete;
    ZipError& operator=(const ZipError&) = delete;
    [[nodiscard]] zip_error_t* get() noexcept { return &error_; }
    [[nodiscard]] std::string text() { return zip_error_strerror(&error_); }

  private:
    zip_error_t error_{};
};

struct ZipEntry {
    std::string name;
    std::int64_t size = 0;
};
/// CorruptArtifact for a name that no file of a package may have, a link, encryption, an unknown compression.
[[nodiscard]] ZipEntry read_zip_entry(zip_t* archive, std::uint64_t index, std::string_view zip);

/// Sets what makes the bytes a function of the files alone: no compression, a fixed time, a fixed mode.
[[nodiscard]] bool make_plain(zip_t* archive, std::uint64_t index);

}  // namespace holdfast::detail

/// Archive: files of any size in one zip, written and read as a stream.
///
/// Errors: those of files; CorruptArtifact (not a zip, a damaged or hostile one: a path that leaves the folder, a link,
/// encryption, a zip bomb, a checksum that fails).
///
/// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <holdfast/export.hpp>

namespace holdfast {

/// By name in the zip: the file that holds its bytes. Stored without compression, with fixed times and modes.
using ArchiveFiles = std::map<std::string, std::filesystem::path>;

/// Whole or not at all: a temporary name, fsync, rename. An earlier file of that name is replaced.
HOLDFAST_EXPORT void write_archive(const std::filesystem::path& zip, const ArchiveFiles& files);

/// Writes every file below `folder`, which must be there, and makes them durable. An entry larger than `max_bytes`, or
/// all of them together, is CorruptArtifact; what was written before a refusal stays for the caller to remove.
HOLDFAST_EXPORT void extract_archive(const std::filesystem::path& zip, const std::filesystem::path& folder,
                                     std::int64_t max_bytes = std::int64_t{1} << 44);

}  // namespace holdfast

/// Layout: what every package has, directory or zip, and what its files may be called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/package/package.hpp>

namespace holdfast::detail {

inline constexpr std::string_view manifest_name = "manifest.json";
inline constexpr std::string_view reference_name = "reference.profile";
inline constexpr std::string_view signatures_name = "signatures.json";
inline constexpr std::size_t max_package_files = 4096;
inline constexpr std::int64_t max_manifest_bytes = std::int64_t{16} << 20;

using PackageFiles = std::map<std::string, std::vector<std::byte>, std::less<>>;

/// Why no file of a package may have this name; empty where one may. Absolute paths, "..", backslashes, colons,
/// control characters, names over 255 bytes and paths over 8 parts are refused.
[[nodiscard]] std::string refused_name(std::string_view name);

/// CorruptArtifact with the package's name in front.
[[noreturn]] void corrupt(std::string_view package, const std::string& message);

/// The files of a package that lie somewhere, before they are believed.
struct Source {
    std::string name;                           ///< for messages
    std::map<std::string, std::int64_t> sizes;  ///< what is there
    /// The file's bytes, at most `max_bytes`.
    std::function<std::vector<std::byte>(const std::string& file, std::int64_t max_bytes)> read;
};

struct Verified {
    Manifest manifest;
    PackageFiles files;  ///< with the manifest
    std::vector<KeySignature> signatures{};
};

/// What a signature of the package with this identity signs.
[[nodiscard]] std::string signed_message(const Digest& identity);
[[nodiscard]] std::string write_signatures(const std::vector<KeySignature>& signatures);
/// CorruptArtifact for anything but signatures as they are written.
[[nodiscard]] std::vector<KeySignature> read_signatures(std::string_view package, std::span<const std::byte> bytes);

/// Reads the manifest, then every listed file; a file that is missing, unlisted, of another size or hash is
/// CorruptArtifact.
[[nodiscard]] Verified verify(const Source& source, std::int64_t max_bytes);

[[nodiscard]] Verified read_directory(const std::filesystem::path& path, std::int64_t max_bytes);
[[nodiscard]] Verified read_zip(std::span<const std::byte> bytes, std::string_view name, std::int64_t max_bytes);
/// Sorted names, fixed times and modes, stored: the bytes are a function of the files alone.
[[nodiscard]] std::vector<std::byte> write_zip(const PackageFiles& files);

}  // namespace holdfast::detail

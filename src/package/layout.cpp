#include "package/layout.hpp"

#include <algorithm>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/base/id.hpp>

namespace holdfast::detail {
namespace {

constexpr std::size_t max_name_bytes = 255;
constexpr int max_name_parts = 8;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string refused_part(std::string_view part) {
    if (part.empty()) return "an empty part";
    if (part == "." || part == "..") return "the part " + in_quotes(part);
    return {};
}

Manifest read_manifest(std::string_view package, std::span<const std::byte> bytes) {
    Json json;
    try {
        json = Json::parse(as_text(bytes));
    } catch (const InvalidArgument& error) {
        corrupt(package, in_quotes(manifest_name) + ": " + error.what());
    }
    if (json.canonical() != as_text(bytes))
        corrupt(package, in_quotes(manifest_name) + ": canonical JSON (RFC 8785) wanted, other text seen");
    try {
        return Manifest::from_json(json);
    } catch (const CorruptArtifact& error) {
        corrupt(package, error.what());
    }
}

void check_sizes(const Source& source, const Manifest& manifest, std::int64_t max_bytes) {
    std::int64_t total = 0;
    for (const auto& [name, entry] : manifest.files) {
        const auto found = source.sizes.find(name);
        if (found == source.sizes.end()) corrupt(source.name, "file " + in_quotes(name) + " is listed and missing");
        if (found->second != entry.size)
            corrupt(source.name, "file " + in_quotes(name) + ": " + std::to_string(found->second) + " bytes seen, " +
                                     std::to_string(entry.size) + " wanted");
        if (entry.size > max_bytes - total)
            throw InvalidArgument("package " + in_quotes(source.name) + ": files of over " + std::to_string(max_bytes) +
                                  " bytes together, which is the limit");
        total += entry.size;
    }
    for (const auto& [name, size] : source.sizes)
        if (name != manifest_name && name != signatures_name && !manifest.files.contains(name))
            corrupt(source.name, "file " + in_quotes(name) + " is there and not listed in " + in_quotes(manifest_name));
}

}  // namespace

std::string refused_name(std::string_view name) {
    if (name.empty() || name.size() > max_name_bytes) return "1 to 255 bytes wanted";
    if (!is_utf8(name)) return "UTF-8 wanted";
    if (name.front() == '/') return "an absolute path";
    for (const char c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\' || c == ':')
            return "a backslash, colon or control character";
    int parts = 0;
    for (std::size_t begin = 0; begin <= name.size(); ++parts) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        if (std::string why = refused_part(name.substr(begin, end - begin)); !why.empty()) return why;
        begin = end + 1;
    }
    return parts > max_name_parts ? "more than 8 parts" : "";
}

void corrupt(std::string_view package, const std::string& message) {
    throw CorruptArtifact("package " + in_quotes(package) + ": " + message);
}

Verified verify(const Source& source, std::int64_t max_bytes) {
    const std::string manifest_file(manifest_name);
    if (!source.sizes.contains(manifest_file)) corrupt(source.name, in_quotes(manifest_name) + " is missing");
    if (source.sizes.at(manifest_file) > max_manifest_bytes)
        corrupt(source.name, in_quotes(manifest_name) + ": " + std::to_string(source.sizes.at(manifest_file)) +
                                 " bytes seen, at most " + std::to_string(max_manifest_bytes) + " wanted");
    Verified verified;
    auto& manifest_bytes = verified.files[manifest_file] = source.read(manifest_file, max_manifest_bytes);
    verified.manifest = read_manifest(source.name, manifest_bytes);
    check_sizes(source, verified.manifest, max_bytes);
    for (const auto& [name, entry] : verified.manifest.files) {
        auto bytes = source.read(name, entry.size);
        if (static_cast<std::int64_t>(bytes.size()) != entry.size)
            corrupt(source.name, "file " + in_quotes(name) + ": " + std::to_string(bytes.size()) + " bytes read, " +
                                     std::to_string(entry.size) + " wanted");
        const Digest seen = sha256(bytes);
        if (seen != entry.sha256)
            corrupt(source.name,
                    "file " + in_quotes(name) + ": SHA-256 " + seen.hex() + " seen, " + entry.sha256.hex() + " wanted");
        verified.files.emplace(name, std::move(bytes));
    }
    if (const std::string file(signatures_name); source.sizes.contains(file))
        verified.signatures = read_signatures(source.name, source.read(file, max_manifest_bytes));
    return verified;
}

}  // namespace holdfast::detail

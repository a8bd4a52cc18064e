#include <algorithm>
#include <array>

#include <holdfast/base/error.hpp>
#include <holdfast/package/package.hpp>

#include "package/layout.hpp"

namespace holdfast {
namespace {

/// Runs `read(member)`; what it refuses is CorruptArtifact with the member's name.
template <class Read>
auto read_member(const Json& json, std::string_view key, Read&& read) {
    try {
        return read(json.at(key));
    } catch (const InvalidArgument& error) {
        throw CorruptArtifact("manifest.json: member \"" + std::string(key) + "\": " + error.what());
    }
}

std::string text(const Json& json) { return json.as_string(); }

void check_members(const Json& json) {
    if (!json.is_object()) throw CorruptArtifact("manifest.json: a JSON object wanted");
    const std::int64_t format = read_member(json, "format", [](const Json& member) { return member.as_int(); });
    if (format > Manifest::format)
        throw Unsupported("manifest.json: format " + std::to_string(format) + " given, at most " +
                          std::to_string(Manifest::format) + " known; a newer Holdfast wrote it");
    if (format < 1) throw CorruptArtifact("manifest.json: format " + std::to_string(format) + " given, 1 wanted");
    static constexpr std::array known{"files", "format", "lineage", "metrics", "model_file", "name", "signature"};
    for (const auto& [key, value] : json.as_object())
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw CorruptArtifact("manifest.json: unknown member \"" + key + "\"");
}

FileEntry file_entry(const std::string& name, const Json& json) {
    if (const std::string why = detail::refused_name(name); !why.empty())
        throw CorruptArtifact("manifest.json: file \"" + name + "\": " + why);
    if (name == detail::manifest_name) throw CorruptArtifact("manifest.json: lists itself");
    if (name == detail::signatures_name) throw CorruptArtifact("manifest.json: lists its own signatures");
    FileEntry entry{json.at("size").as_int(), Digest::from_hex(json.at("sha256").as_string())};
    if (entry.size < 0) throw CorruptArtifact("manifest.json: file \"" + name + "\": a negative size");
    if (json.as_object().size() != 2)
        throw CorruptArtifact("manifest.json: file \"" + name + "\": \"size\" and \"sha256\" wanted alone");
    return entry;
}

std::map<std::string, FileEntry> read_files(const Json& json) {
    if (json.as_object().size() > detail::max_package_files)
        throw CorruptArtifact("manifest.json: " + std::to_string(json.as_object().size()) + " files listed, at most " +
                              std::to_string(detail::max_package_files) + " wanted");
    std::map<std::string, FileEntry> files;
    for (const auto& [name, entry] : json.as_object()) files.emplace(name, file_entry(name, entry));
    return files;
}

/// "a" and "a/b" cannot both be files.
void check_folders(const std::map<std::string, FileEntry>& files) {
    for (const auto& [name, entry] : files)
        for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
            if (files.contains(name.substr(0, slash)) || name.substr(0, slash) == detail::manifest_name)
                throw CorruptArtifact("manifest.json: file \"" + name + "\": \"" + name.substr(0, slash) +
                                      "\" is a file, too");
}

}  // namespace

Json Manifest::to_json() const {
    Json metrics_json = Json::object({});
    for (const auto& [metric, value] : metrics) metrics_json[metric] = stats::to_json(value);
    Json files_json = Json::object({});
    for (const auto& [file, entry] : files)
        files_json[file] = Json::object({{"size", entry.size}, {"sha256", entry.sha256.hex()}});
    return Json::object({{"format", format},
                         {"name", name},
                         {"signature", signature.to_json()},
                         {"model_file", model_file},
                         {"metrics", std::move(metrics_json)},
                         {"lineage", lineage},
                         {"files", std::move(files_json)}});
}

Manifest Manifest::from_json(const Json& json) {
    check_members(json);
    Manifest manifest;
    manifest.name = read_member(json, "name", text);
    if (const std::string why = detail::refused_name(manifest.name); !why.empty())
        throw CorruptArtifact("manifest.json: name \"" + manifest.name + "\": " + why);
    manifest.signature =
        read_member(json, "signature", [](const Json& member) { return Signature::from_json(member); });
    manifest.model_file = read_member(json, "model_file", text);
    manifest.metrics = read_member(json, "metrics", [](const Json& member) {
        std::map<std::string, stats::MetricValue> metrics;
        for (const auto& [metric, value] : member.as_object())
            metrics.emplace(metric, stats::metric_value_from_json(value));
        return metrics;
    });
    manifest.lineage = read_member(json, "lineage", [](const Json& member) { return Json(member.as_object()); });
    manifest.files = read_member(json, "files", read_files);
    check_folders(manifest.files);
    if (!manifest.files.contains(manifest.model_file))
        throw CorruptArtifact("manifest.json: model_file \"" + manifest.model_file + "\" is not among the files");
    return manifest;
}

Digest Manifest::identity() const { return sha256(to_json().canonical()); }

}  // namespace holdfast

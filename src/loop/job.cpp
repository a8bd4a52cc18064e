#include "job.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

namespace holdfast::detail {

namespace {

Json to_json(const std::vector<std::string>& texts) {
    Json::Array items(texts.begin(), texts.end());
    return Json(std::move(items));
}

std::vector<std::string> strings(const Json& json) {
    std::vector<std::string> texts;
    for (const Json& item : json.as_array()) texts.push_back(item.as_string());
    return texts;
}

store::InteractionTable all_labelled(const Workspace& workspace, std::string_view endpoint, std::int64_t transaction) {
    store::InteractionQuery query;
    query.endpoint = endpoint;
    query.labelled = true;
    query.up_to = transaction;
    store::InteractionTable table;
    workspace.store().read([&](const store::Session& session) { table = session.interactions(query); });
    return table;
}

std::unordered_set<std::string> seen_by(const Workspace& workspace, const std::optional<Version>& version) {
    if (!version) return {};
    const auto digest = samples_of(workspace, version->manifest.lineage);
    if (!digest) return {};
    SampleManifest manifest = load_samples(workspace, *digest);
    return {manifest.samples.begin(), manifest.samples.end()};
}

}  // namespace

Json Job::to_json() const {
    return Json::object({{"id", id},
                         {"transaction", transaction},
                         {"time", to_micros(time)},
                         {"attempts", attempts},
                         {"samples", samples},
                         {"champion", champion},
                         {"challenger", challenger}});
}

Job Job::from_json(const Json& json) {
    Job job;
    job.id = json.at("id").as_string();
    job.transaction = json.at("transaction").as_int();
    job.time = from_micros(json.at("time").as_int());
    job.attempts = json.at("attempts").as_int();
    job.samples = json.at("samples").as_string();
    job.champion = json.at("champion").as_int();
    job.challenger = json.at("challenger").as_int();
    return job;
}

std::filesystem::path job_folder(const Workspace& workspace, std::string_view id) {
    return workspace.folder() / "jobs" / workspace.store().name_space() / id;
}

std::filesystem::path attempt_folder(const Workspace& workspace, std::string_view id, std::int64_t attempt) {
    return job_folder(workspace, id) / std::to_string(attempt);
}

Json SampleManifest::to_json() const {
    return Json::object({{"format", 1},
                         {"endpoint", endpoint},
                         {"samples", detail::to_json(samples)},
                         {"holdout", detail::to_json(holdout)}});
}

SampleManifest SampleManifest::from_json(const Json& json) {
    SampleManifest manifest;
    manifest.endpoint = json.at("endpoint").as_string();
    manifest.samples = strings(json.at("samples"));
    manifest.holdout = strings(json.at("holdout"));
    return manifest;
}

Digest SampleManifest::digest() const { return sha256(to_json().canonical()); }

std::optional<std::string> samples_of(const Workspace& workspace, const Json& lineage) {
    const Json* samples = lineage.find("samples");
    const Json* job = lineage.find("job");
    if (samples == nullptr || !samples->is_string()) return std::nullopt;
    bool ours = false;
    if (job != nullptr && job->is_string()) {
        workspace.store().read(
            [&](const store::Session& session) { ours = session.job(job->as_string()).has_value(); });
    }
    try {
        const auto path =
            workspace.store().artifact_path(Digest::from_hex(samples->as_string()), sample_manifest_ending);
        ours = ours || std::filesystem::exists(path);
    } catch (const InvalidArgument&) {
        return std::nullopt;  // no digest
    }
    return ours ? std::optional(samples->as_string()) : std::nullopt;
}

SampleManifest choose_samples(const Workspace& workspace, std::string_view endpoint, std::int64_t transaction,
                              const Selection& select, double share, const std::optional<Version>& champion) {
    const store::InteractionTable table = all_labelled(workspace, endpoint, transaction);
    const std::int64_t labelled = table.rows.rows();
    const auto held_out = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(labelled)));
    const std::int64_t candidates = labelled - held_out;

    SampleManifest manifest;
    manifest.endpoint = endpoint;
    if (labelled == 0) return manifest;
    const Column& ids = table.rows.column("id");
    for (const std::int64_t row : select.choose(candidates)) manifest.samples.emplace_back(ids.text(row));
    const auto seen = seen_by(workspace, champion);
    for (std::int64_t row = candidates; row < labelled; ++row) {
        std::string id{ids.text(row)};
        if (!seen.contains(id)) manifest.holdout.push_back(std::move(id));
    }
    return manifest;
}

void store_samples(const Workspace& workspace, const SampleManifest& manifest) {
    const std::string text = manifest.to_json().canonical();
    workspace.store().put_artifact(sha256(text), sample_manifest_ending, as_bytes(text));
}

SampleManifest load_samples(const Workspace& workspace, std::string_view digest) {
    const Digest name = Digest::from_hex(digest);
    const auto bytes = workspace.store().artifact(name, sample_manifest_ending);
    const Digest seen = sha256(bytes);
    if (seen != name) {
        throw CorruptArtifact("sample manifest \"" +
                              workspace.store().artifact_path(name, sample_manifest_ending).string() + "\": SHA-256 " +
                              seen.hex() + " seen, " + name.hex() + " wanted");
    }
    return SampleManifest::from_json(Json::parse(as_text(bytes)));
}

store::InteractionTable labelled_rows(const Workspace& workspace, std::string_view endpoint, std::int64_t transaction,
                                      const std::vector<std::string>& ids) {
    store::InteractionTable table = all_labelled(workspace, endpoint, transaction);
    const std::unordered_set<std::string_view> wanted(ids.begin(), ids.end());
    std::vector<std::int64_t> positions;
    if (table.rows.rows() > 0) {
        const Column& column = table.rows.column("id");
        for (std::int64_t row = 0; row < column.size(); ++row) {
            if (wanted.contains(column.text(row))) positions.push_back(row);
        }
    }
    if (positions.size() != ids.size()) {
        throw NotFound("endpoint \"" + std::string(endpoint) + "\": " + std::to_string(positions.size()) +
                       " labelled interactions found, " + std::to_string(ids.size()) +
                       " of the sample manifest wanted");
    }
    table.rows = table.rows.take(positions);
    return table;
}

}  // namespace holdfast::detail

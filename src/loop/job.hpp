/// Job: what a retraining has come to so far, as it stands in the controller's state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/base/hash.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/policy/selection.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast::detail {

struct Job {
    std::string id;
    std::int64_t transaction = 0;  ///< labelled rows up to this one are its material
    Time time{};                   ///< of the decision to retrain
    std::int64_t attempts = 0;     ///< trainings that failed; the next is number attempts + 1
    std::string samples;           ///< hex digest of its sample manifest
    std::int64_t champion = 0;     ///< version that was live when it was evaluated; 0 before
    std::int64_t challenger = 0;   ///< version it made; 0 before

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Job from_json(const Json& json);
};

/// Where a job's files are, and those of one attempt; removed with the job's end.
[[nodiscard]] std::filesystem::path job_folder(const Workspace& workspace, std::string_view id);
[[nodiscard]] std::filesystem::path attempt_folder(const Workspace& workspace, std::string_view id,
                                                   std::int64_t attempt);

/// Kills the programs of all attempts of a job that are running.
void stop_programs(const Workspace& workspace, std::string_view id);

/// What a job that ended has printed, from its artifact; CorruptArtifact where that is damaged. The row has a log.
[[nodiscard]] std::string kept_output(const Workspace& workspace, const store::JobRow& row);

/// Which interactions a job trains on and which it is judged on, by id: an artifact, named by its hash. No
/// transaction's number is in it: a run that was killed and resumed counts others, and shall make the same package.
struct SampleManifest {
    std::string endpoint;
    std::vector<std::string> samples;
    std::vector<std::string> holdout;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static SampleManifest from_json(const Json& json);
    [[nodiscard]] Digest digest() const;
};

inline constexpr std::string_view sample_manifest_ending = ".samples.json";

/// The hash of the sample manifest in a package's lineage, where it is one of this workspace: a job of it made the
/// package, or the manifest is here. What a package from elsewhere, or a person, calls its samples is their business.
[[nodiscard]] std::optional<std::string> samples_of(const Workspace& workspace, const Json& lineage);

/// The newest `share` of the labelled rows up to `transaction` is the holdout, without rows that `champion` was trained
/// on; of the others `select` chooses the samples.
[[nodiscard]] SampleManifest choose_samples(const Workspace& workspace, std::string_view endpoint,
                                            std::int64_t transaction, const Selection& select, double share,
                                            const std::optional<Version>& champion);
void store_samples(const Workspace& workspace, const SampleManifest& manifest);
[[nodiscard]] SampleManifest load_samples(const Workspace& workspace, std::string_view digest);

/// The labelled rows of `ids`, in order of time, as they were up to `transaction`.
[[nodiscard]] store::InteractionTable labelled_rows(const Workspace& workspace, std::string_view endpoint,
                                                    std::int64_t transaction, const std::vector<std::string>& ids);

}  // namespace holdfast::detail

#include <holdfast/loop/care.hpp>

#include <set>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/loop/jobs.hpp>
#include <holdfast/policy/decision.hpp>
#include <holdfast/workspace/logged.hpp>

#include "job.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;
using store::Verification;

/// Rows against artifacts, one namespace at a time.
class Verifying {
  public:
    Verifying(const fs::path& folder, std::shared_ptr<Clock> clock, Verification& found)
        : folder_(folder), clock_(std::move(clock)), found_(found) {}

    void name_space(const std::string& name) {
        Workspace workspace(folder_, {.name_space = name, .clock = clock_, .create = false});
        where_ = name == "default" ? "" : " in namespace \"" + name + "\"";
        std::vector<std::string> endpoints;
        std::vector<store::VersionRow> versions;
        workspace.store().read([&](const store::Session& session) {
            versions = session.versions("");
            for (const auto& endpoint : session.endpoints()) endpoints.push_back(endpoint.name);
        });
        for (const auto& version : versions) package(workspace, version);
        for (const auto& endpoint : endpoints) decisions(workspace, endpoint);
        for (const auto& job : jobs(workspace)) output(workspace, job);
    }

    void note_unnamed_files() {
        std::error_code error;
        fs::recursive_directory_iterator files(folder_ / "artifacts", error);
        for (const fs::recursive_directory_iterator end; !error && files != end; files.increment(error)) {
            if (!files->is_regular_file(error)) continue;
            ++found_.checked["files"];
            if (!named_.contains(files->path())) {
                found_.notes.push_back("nothing names \"" + files->path().lexically_relative(folder_).string() + "\"");
            }
        }
    }

  private:
    void package(Workspace& workspace, const store::VersionRow& row) {
        const std::string thing = "version " + row.model + "@" + std::to_string(row.version) + where_;
        const fs::path path = workspace.store().artifact_path(row.package, package_ending);
        named_.insert(path);
        ++found_.checked["packages"];
        try {
            Version version;
            version.model = row.model;
            version.number = row.version;
            version.package = row.package;
            const Package opened = workspace.registry().package(version);
            if (opened.manifest().to_json() != row.manifest)
                found_.find(thing, "another manifest than that of its package", "the same");
            if (opened.manifest().name != row.model)
                found_.find(thing, "a package of model \"" + opened.manifest().name + "\"", "\"" + row.model + "\"");
        } catch (const Error& error) {
            found_.find(thing, error.what(), "its package");
        }
        if (const Json* lineage = row.manifest.find("lineage"); lineage != nullptr && lineage->is_object()) {
            if (const auto named = detail::samples_of(workspace, *lineage)) samples(workspace, thing, *named);
        }
    }

    void output(const Workspace& workspace, const store::JobRow& row) {
        if (!row.log) return;
        named_.insert(workspace.store().artifact_path(*row.log, job_output_ending));
        ++found_.checked["job outputs"];
        try {
            static_cast<void>(detail::kept_output(workspace, row));
        } catch (const Error& error) {
            found_.find("job \"" + row.id + "\"" + where_, error.what(), "its output");
        }
    }

    void decisions(const Workspace& workspace, const std::string& endpoint) {
        std::int64_t sequence = 0;
        std::optional<store::DecisionRow> row;
        do {
            ++sequence;
            workspace.store().read([&](const store::Session& session) { row = session.decision(endpoint, sequence); });
            if (row) decision(workspace, *row);
        } while (row);
    }

    void decision(const Workspace& workspace, const store::DecisionRow& row) {
        const std::string thing =
            "decision " + std::to_string(row.sequence) + " of endpoint \"" + row.endpoint + "\"" + where_;
        try {
            const Decision decision = Decision::from_json(row.decision);
            const std::string seen = sha256(row.observation.canonical()).hex();
            if (!row.observation.is_null() && decision.observation_hash != seen)
                found_.find(thing, "an observation of hash " + seen, decision.observation_hash);
            if (decision.transaction > row.stamp.transaction)
                found_.find(thing, "rows up to transaction " + std::to_string(decision.transaction),
                            "at most " + std::to_string(row.stamp.transaction) + ", its own");
        } catch (const Error& error) {
            found_.find(thing, error.what(), "a decision");
        }
        const Json* subject = row.observation.is_object() ? row.observation.find("subject") : nullptr;
        if (subject != nullptr && subject->is_object()) {
            if (const Json* named = subject->find("samples")) samples(workspace, thing, *named);
        }
    }

    void samples(const Workspace& workspace, const std::string& thing, const Json& digest) {
        if (!digest.is_string() || digest.as_string().empty()) return;
        try {
            const Digest name = Digest::from_hex(digest.as_string());
            const fs::path path = workspace.store().artifact_path(name, detail::sample_manifest_ending);
            if (!named_.insert(path).second) return;
            ++found_.checked["sample manifests"];
            static_cast<void>(detail::load_samples(workspace, digest.as_string()));
        } catch (const Error& error) {
            found_.find(thing, error.what(), "its sample manifest");
        }
    }

    const fs::path& folder_;
    std::shared_ptr<Clock> clock_;
    Verification& found_;
    std::string where_;
    std::set<fs::path> named_;
};

}  // namespace

store::Verification verify(const Workspace& workspace) {
    Verification found;
    workspace.store().verify(found);
    // What cannot be read is a finding above; packages are looked for where it can.
    try {
        Verifying verifying(workspace.folder(), workspace.clock(), found);
        for (const std::string& name : workspace.store().name_spaces()) verifying.name_space(name);
        verifying.note_unnamed_files();
    } catch (const CorruptArtifact& error) {
        found.find("database", error.what(), "rows that can be read");
    } catch (const InvalidArgument& error) {
        found.find("database", error.what(), "rows that can be read");
    }
    return found;
}

store::Verification verify(const fs::path& folder) {
    try {
        return verify(Workspace(folder, {.create = false}));
    } catch (const CorruptArtifact& error) {
        Verification found;
        found.find("workspace", error.what(), "a database that can be opened");
        return found;
    }
}

}  // namespace holdfast

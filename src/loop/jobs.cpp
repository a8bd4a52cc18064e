#include <holdfast/loop/jobs.hpp>

#include <filesystem>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "job.hpp"

namespace holdfast {

std::vector<store::JobRow> jobs(const Workspace& workspace, std::string_view endpoint) {
    std::vector<store::JobRow> rows;
    workspace.store().read([&](const store::Session& session) { rows = session.jobs(endpoint); });
    return rows;
}

store::JobRow job(const Workspace& workspace, std::string_view id) {
    std::optional<store::JobRow> row;
    workspace.store().read([&](const store::Session& session) { row = session.job(id); });
    if (!row) throw NotFound("job \"" + std::string(id) + "\": not in this workspace");
    return *row;
}

std::string job_output(const Workspace& workspace, std::string_view id) {
    const store::JobRow row = job(workspace, id);
    if (row.state == "running") {
        const auto path = detail::attempt_folder(workspace, row.id, row.attempt) / "output";
        return std::filesystem::exists(path) ? std::string(as_text(read_file(path))) : std::string();
    }
    if (!row.log) return {};
    const auto bytes = workspace.store().artifact(*row.log, job_output_ending);
    if (const Digest seen = sha256(bytes); seen != *row.log) {
        throw CorruptArtifact("output of job \"" + row.id + "\": SHA-256 " + seen.hex() + " seen, " + row.log->hex() +
                              " wanted");
    }
    return std::string(as_text(bytes));
}

}  // namespace holdfast

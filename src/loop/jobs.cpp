#include <holdfast/loop/jobs.hpp>

#include <filesystem>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "job.hpp"
#include "supervisor.hpp"

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

void cancel(const Workspace& workspace, std::string_view id, std::string_view reason, std::string_view by) {
    workspace.store().write([&](store::Session& session) {
        auto row = session.job(id);
        if (!row) throw NotFound("job \"" + std::string(id) + "\": not in this workspace");
        if (row->state != "queued" && row->state != "running") {
            throw Conflict("job \"" + row->id + "\": " + row->state +
                           " already, so it cannot be cancelled; queued or running wanted");
        }
        row->state = "cancelled";
        row->ended = workspace.clock()->now();
        row->error = "cancelled" + (by.empty() ? std::string() : " by " + std::string(by)) +
                     (reason.empty() ? std::string() : ": " + std::string(reason));
        session.put_job(*row);
    });
    detail::stop_programs(workspace, id);
}

void detail::stop_programs(const Workspace& workspace, std::string_view id) {
    std::error_code none;
    for (const auto& attempt : std::filesystem::directory_iterator(job_folder(workspace, id), none))
        kill(attempt.path());
}

std::string job_output(const Workspace& workspace, std::string_view id) {
    const store::JobRow row = job(workspace, id);
    if (row.state == "running") {
        const auto path = detail::attempt_folder(workspace, row.id, row.attempt) / "output";
        return std::filesystem::exists(path) ? std::string(as_text(read_file(path))) : std::string();
    }
    return row.log ? detail::kept_output(workspace, row) : std::string();
}

std::string detail::kept_output(const Workspace& workspace, const store::JobRow& row) {
    const auto bytes = workspace.store().artifact(row.log.value(), job_output_ending);
    if (const Digest seen = sha256(bytes); seen != *row.log) {
        throw CorruptArtifact("output of job \"" + row.id + "\": SHA-256 " + seen.hex() + " seen, " + row.log->hex() +
                              " wanted");
    }
    return std::string(as_text(bytes));
}

}  // namespace holdfast

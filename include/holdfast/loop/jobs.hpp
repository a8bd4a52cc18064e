/// Jobs: every training that a loop has asked for, as it stands; seen from any process.
///
/// Errors: NotFound, naming the job; CorruptArtifact.
///
/// Thread safety: free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/store/rows.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast {

/// Oldest first; empty endpoint: of all.
[[nodiscard]] HOLDFAST_EXPORT std::vector<store::JobRow> jobs(const Workspace& workspace,
                                                              std::string_view endpoint = {});
[[nodiscard]] HOLDFAST_EXPORT store::JobRow job(const Workspace& workspace, std::string_view id);
/// Ends a job that is queued or running, for those who run no loop: its program is killed, and whoever steps the loop
/// next goes back to monitoring. Conflict where the job has ended.
HOLDFAST_EXPORT void cancel(const Workspace& workspace, std::string_view id, std::string_view reason = {},
                            std::string_view by = {});
/// What the program of its newest attempt printed, up to the trainer's limit, or the message of what its function
/// raised; empty where there was none. These are the trainer's own words: they may hold secrets, and are nowhere else.
[[nodiscard]] HOLDFAST_EXPORT std::string job_output(const Workspace& workspace, std::string_view id);

/// Ending of a job's output as artifact.
inline constexpr std::string_view job_output_ending = ".log";

}  // namespace holdfast

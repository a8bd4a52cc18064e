/// Cancelling a job: its row says so, and whoever works on it finds out.
#pragma once

#include <string_view>

#include <holdfast/workspace/workspace.hpp>

namespace holdfast::detail {

/// NotFound; Conflict unless it is queued or running.
void cancel_job(const Workspace& workspace, std::string_view id, std::string_view reason, std::string_view by);

}  // namespace holdfast::detail

#include "cancel.hpp"

#include <holdfast/base/error.hpp>

namespace holdfast::detail {

void cancel_job(const Workspace& workspace, std::string_view id, std::string_view reason, std::string_view by) {
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
}

}  // namespace holdfast::detail

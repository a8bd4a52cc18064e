#include "progress.hpp"

#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/jobs.hpp>

#include "words.hpp"

namespace holdfast::detail {

ProgressWriter::ProgressWriter(Workspace workspace, const store::JobRow& row, std::string owner, std::int64_t fence,
                               Duration lease)
    : workspace_(std::move(workspace)),
      id_(row.id),
      endpoint_(row.endpoint),
      owner_(std::move(owner)),
      lease_(lease),
      fence_(fence) {}

void ProgressWriter::write(double share, std::string_view note) {
    if (!(share >= 0.0 && share <= 1.0)) {
        throw InvalidArgument("progress of job \"" + id_ + "\": share " + std::to_string(share) +
                              " given, one from 0 to 1 wanted");
    }
    const std::lock_guard lock(mutex_);
    const Duration now = workspace_.clock()->steady_now();
    if (written_ && share < 1.0 && now - *written_ < std::chrono::seconds(1)) return;
    written_ = now;
    workspace_.store().write([&](store::Session& session) {
        auto row = session.job(id_);
        if (!row || row->state != "running") {
            throw Conflict("job \"" + id_ + "\": " + (row ? row->state + " seen" : "no such row") +
                           ", running wanted; its work is for nothing");
        }
        row->progress = share;
        row->note = legible(note, longest_note);
        session.put_job(*row);
        const auto leader = session.controller(endpoint_);
        if (!leader || leader->owner != owner_ || leader->fence != fence_) return;
        if (const auto fence = session.take_lease(endpoint_, owner_, workspace_.clock()->now() + lease_))
            fence_ = *fence;
    });
}

store::JobRow ProgressWriter::row() const { return job(workspace_, id_); }

std::int64_t ProgressWriter::fence() const {
    const std::lock_guard lock(mutex_);
    return fence_;
}

}  // namespace holdfast::detail

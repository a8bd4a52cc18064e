#include "workspace/dropped_rows.hpp"

#include <utility>

#include "workspace/summarise.hpp"

namespace holdfast::detail {
namespace {

constexpr std::size_t enough_rows = 1000, enough_bytes = std::size_t{1} << 20;
constexpr std::size_t most_profiled = 64;  // parts

}  // namespace

void DroppedRows::add(LogGroup& one, DropReason reason) {
    Waiting full;
    {
        const std::lock_guard lock(mutex_);
        waiting_.reasons.insert(waiting_.reasons.end(), one.requests.size(), reason);
        waiting_.group.append(one, 0);
        if (waiting_.group.rows.size() < enough_rows && waiting_.group.bytes.size() < enough_bytes) return;
        std::swap(full, waiting_);
    }
    Parts parts = summed_up(full);
    const std::lock_guard lock(mutex_);
    merge(std::move(parts));
}

std::vector<DroppedPart> DroppedRows::take() {
    Waiting rest;
    {
        const std::lock_guard lock(mutex_);
        std::swap(rest, waiting_);
    }
    Parts parts = summed_up(rest);
    const std::lock_guard lock(mutex_);
    merge(std::move(parts));
    std::vector<DroppedPart> taken;
    for (auto& [key, part] : parts_) taken.push_back(std::move(part));
    parts_.clear();
    return taken;
}

DroppedRows::Parts DroppedRows::summed_up(const Waiting& waiting) {
    const LogGroup& group = waiting.group;
    Parts parts;
    std::map<Key, std::vector<std::span<const std::byte>>> blobs;
    for (std::size_t r = 0; r < group.requests.size(); ++r) {
        const LogGroup::Request& request = group.requests[r];
        for (const LogGroup::Row& row : group.rows_of(request)) {
            const Time bucket = bucket_of(row.time, request.options->bucket);
            const Key key{request.stream.get(), request.plan.get(), request.version, bucket};
            DroppedPart& part = parts[key];
            if (part.stream == nullptr) part = {request.stream, request.plan, request.version, bucket, {}};
            ++part.summary.counts.rows;
            ++part.summary.counts.dropped[std::string(to_string(waiting.reasons[r]))];
            blobs[key].push_back(group.data(row.data));
        }
    }
    for (auto& [key, part] : parts) add_to(part.summary, summary_of(*part.plan, blobs[key]));
    return parts;
}

void DroppedRows::merge(Parts&& parts) {
    for (auto& [key, part] : parts) {
        auto known = parts_.find(key);
        if (known == parts_.end() && parts_.size() < most_profiled) {
            parts_.emplace(key, std::move(part));
            continue;
        }
        if (known == parts_.end()) {
            SummaryCounts counts = std::move(part.summary.counts);
            counts.unprofiled = counts.rows;
            part.summary = {};
            part.summary.counts = std::move(counts);
            known = parts_.try_emplace({part.stream.get(), nullptr, part.version, part.bucket}).first;
            if (known->second.stream == nullptr) known->second = {part.stream, nullptr, part.version, part.bucket, {}};
        }
        add_to(known->second.summary, part.summary);
    }
}

}  // namespace holdfast::detail

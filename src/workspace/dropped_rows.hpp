// DroppedRows: what the log had no room for is summed up where it is dropped, so that summaries know of it.
//
// Rows are gathered until there are many, and then profiled by the caller who brought the last of them, without a lock:
// about as much work a row as the writer has, and less than logging it. Memory is bounded: beyond so many buckets rows
// are counted and not profiled.
//
// Thread safety: all calls are safe from several threads. `mutex_` is taken on the way of drops alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include <holdfast/workspace/summary.hpp>

#include "workspace/log_group.hpp"

namespace holdfast::detail {

/// Dropped rows of one bucket, version and plan.
struct DroppedPart {
    std::shared_ptr<LogStream> stream;
    std::shared_ptr<const RowPlan> plan;  // null: counts alone
    std::int64_t version = 0;
    Time bucket{};
    Summary summary;
};

class DroppedRows {
  public:
    /// Takes over the requests of `one`.
    void add(LogGroup& one, DropReason reason);
    /// All of it, which is forgotten here.
    [[nodiscard]] std::vector<DroppedPart> take();

  private:
    using Key = std::tuple<const LogStream*, const RowPlan*, std::int64_t, Time>;
    using Parts = std::map<Key, DroppedPart>;
    struct Waiting {
        LogGroup group;
        std::vector<DropReason> reasons;  // by request
    };
    [[nodiscard]] static Parts summed_up(const Waiting& waiting);
    void merge(Parts&& parts);  // with mutex_ held

    std::mutex mutex_;
    Waiting waiting_;
    Parts parts_;
};

}  // namespace holdfast::detail

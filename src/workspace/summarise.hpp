// Summaries of time buckets: what a group adds to each, and what a stretch of time comes to.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <holdfast/store/store.hpp>
#include <holdfast/workspace/summary.hpp>

#include "workspace/log_group.hpp"

namespace holdfast::detail {

struct DroppedPart;

/// What one transaction adds, a part a bucket.
class GroupSummaries {
  public:
    void add(const LogGroup& group, const LogGroup::Request& request, std::int64_t schema, const LogGroup::Row& row);
    void add(const LogGroup::Failure& failure);
    void add(store::Session& session, const DroppedPart& dropped);
    /// The rows of a batch that were added.
    void add(store::Session& session, const store::InteractionBatch& batch, std::span<const store::Written> became);
    /// Parts that have become many are merged to one.
    void write(store::Session& session);

  private:
    struct Part {
        const RowPlan* plan = nullptr;
        std::vector<std::span<const std::byte>> rows;  // BLOBs, and behind them what was left out
        Summary more;                                  // what was summed up already
        SummaryCounts counts;
    };
    struct Key {
        std::string_view endpoint, role = "live";
        std::int64_t bucket = 0, version = 0, schema = 0;
        auto operator<=>(const Key&) const = default;
    };
    [[nodiscard]] Part& part(const Key& key);

    std::map<Key, Part> parts_;
    std::pair<const Key, Part>* last_ = nullptr;
};

/// Of encoded rows: profiles and predicted labels; no other counts.
[[nodiscard]] Summary summary_of(const RowPlan& plan, std::span<const std::span<const std::byte>> rows);
void add_to(Summary& all, const Summary& more);

/// The rows and buckets of (after, until], of one version or of all.
[[nodiscard]] Summary summarise(const store::Session& session, const std::string& endpoint, Time after, Time until,
                                std::optional<std::int64_t> version);

/// Has no summary tell of rows that were erased: what remains of their buckets is profiled anew from the rows there.
void forget_in_summaries(store::Session& session, std::span<const store::EntityRow> erased);

}  // namespace holdfast::detail

// Upkeep: what is done to a workspace's log from time to time: sums of labels, and retention. In transactions so small
// that rows which wait to be logged do not wait long.
//
// Processes that do it at once do no harm: each transaction does what is left to do then.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/store/store.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast::detail {

/// The oldest `most` rows that retention does not keep, in one transaction, and in sums before they go; nothing, and no
/// transaction, where it keeps all.
std::optional<store::RemovalRow> remove_oldest(store::Store& store, std::string_view endpoint,
                                               const Retention& retention, std::int64_t most);

class Upkeep {
  public:
    explicit Upkeep(std::shared_ptr<store::Store> store) : store_(std::move(store)) {}

    /// One transaction of what is to be done; false where nothing is left.
    bool sum_labels();
    bool retain();

    /// How long until there may be something to do again: a bucket of the endpoints that have retention.
    [[nodiscard]] Duration pause() const noexcept { return pause_; }
    /// Whether any endpoint had retention at the last look; true before it.
    [[nodiscard]] bool retains() const noexcept { return retains_; }

  private:
    const std::shared_ptr<store::Store> store_;
    Duration pause_ = std::chrono::minutes(1);
    bool retains_ = true;
};

}  // namespace holdfast::detail

/// Looks at an endpoint's traffic that do not overlap, so that however often one looks the errors add up to a stated
/// rate.
///
/// A look judges the last complete window of a fixed grid. A duration's windows end at its multiples since 1970 UTC, in
/// event time. The windows of rows(n) are n rows each in the order of the endpoint's rows (event time, transaction,
/// id), counted from its first one; rows that were removed since keep their places. Between two grid points every look
/// sees the same window and says the same; rows that come late change a window that has been looked at.
///
/// Thread safety: pure functions of the session's snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <holdfast/base/window.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>
#include <holdfast/monitor/drift.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/store/store.hpp>

namespace holdfast {

/// Of a window of time at most so many rows are judged, the newest.
inline constexpr std::int64_t most_rows_looked_at = 100'000;

struct Look {
    Table features;      ///< in time order; without rows where no window is complete yet
    std::string window;  ///< which rows or times, in words
};

/// Event times up to `now`, transactions up to `up_to`. `interactions`: the endpoint's rows of role live up to `up_to`,
/// where they are known already.
[[nodiscard]] HOLDFAST_EXPORT Look last_complete_window(const store::Session& session, std::string_view endpoint,
                                                        const Window& over, Time now,
                                                        std::optional<std::int64_t> up_to = {},
                                                        std::optional<std::int64_t> interactions = {});

/// Judges the window at false_alarms / 1,000 for all columns together, its rows counted for what they are worth in time
/// order: without drift at most so many of 1,000 windows say drift. `insufficient`, with a note, where no window is
/// complete. InvalidArgument: false_alarms outside (0, 1000).
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const stats::Profile& reference, const Look& look, double false_alarms,
                                                DriftOptions options = {});

}  // namespace holdfast

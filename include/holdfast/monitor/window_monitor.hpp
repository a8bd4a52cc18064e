/// WindowMonitor: the last rows that went by and the last that were labelled, in memory, for display and alarms.
///
/// Its answers are quick and forgotten on exit; a policy looks at none of them, but at what is computed from committed
/// rows. Memory is bounded by the limits. Columns that borrow memory are copied.
///
/// Thread safety: every call is safe from several threads.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/time.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>
#include <holdfast/monitor/drift.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/quality.hpp>

namespace holdfast {

struct WindowLimits {
    std::int64_t rows = 10'000;      ///< newest rows kept
    std::int64_t labelled = 10'000;  ///< newest labelled rows kept
    std::int64_t points = 10'000;    ///< newest points kept of each series
};

struct SeriesPoint {
    Time time;
    double value = 0.0;
};

class HOLDFAST_EXPORT WindowMonitor {
  public:
    /// InvalidArgument: a limit below 1.
    explicit WindowMonitor(const WindowLimits& limits = {});

    /// Rows in the order they came. InvalidArgument: other columns than before.
    void add(const Table& rows);
    /// Labelled rows; probabilities on all of them or on none, of as many classes as before (InvalidArgument).
    void add_labelled(const stats::ScoredRows& rows);
    void record(std::string_view series, Time time, double value);

    [[nodiscard]] std::int64_t rows() const;
    [[nodiscard]] std::int64_t labelled() const;
    [[nodiscard]] Table last(std::int64_t n) const;  ///< at most n of the newest rows; without columns before the first
    /// One look at options.alpha; looks at rows that overlap do not keep a rate of false alarms.
    [[nodiscard]] DriftReport drift(const stats::Profile& reference, std::int64_t last_rows,
                                    const DriftOptions& options = {}) const;
    /// Any metric over the newest `last_rows` labelled rows; see stats::score.
    [[nodiscard]] stats::QualityValue metric(std::string_view name, std::int64_t last_rows) const;
    [[nodiscard]] std::vector<SeriesPoint> series(
        std::string_view name) const;  ///< oldest first; empty where there is none

  private:
    void drop_old_rows();

    WindowLimits limits_;
    mutable std::mutex mutex_;
    std::deque<Table> pieces_;
    std::int64_t rows_ = 0;
    std::deque<double> truth_, prediction_, probability_;
    std::int64_t classes_ = 0, scored_classes_ = 0;  // scored: 0 without probabilities
    std::map<std::string, std::deque<SeriesPoint>, std::less<>> series_;
};

}  // namespace holdfast

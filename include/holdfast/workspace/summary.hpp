/// Summary: what an endpoint answered in a stretch of time, in memory that does not grow with its traffic.
/// LabelSummary: how right it was, by the labels recorded in a stretch of time.
///
/// Thread safety: values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/score_sums.hpp>

namespace holdfast {

struct HOLDFAST_EXPORT SummaryCounts {
    std::int64_t rows = 0;                          ///< answered: kept, sampled out and dropped
    std::int64_t sampled_out = 0;                   ///< of them, not kept as rows
    std::map<std::string, std::int64_t> dropped{};  ///< of them, neither, by reason
    std::int64_t unprofiled = 0;                    ///< of the rows, those in no profile any more, or never
    std::map<std::string, std::int64_t> labels{};   ///< a classifier's rows, by predicted label
    std::int64_t failures = 0;                      ///< requests without an answer

    SummaryCounts& operator+=(const SummaryCounts& other);
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static SummaryCounts from_json(const Json& json);
    bool operator==(const SummaryCounts&) const = default;
};

/// Columns that are hashed, left out or the entity are there with their counts alone.
struct Summary {
    /// What it covers: (after, until] as asked for, or the whole buckets in it where retention took the rows at an
    /// edge.
    Time after{}, until{};
    SummaryCounts counts;
    stats::Profile features;
    stats::Profile outputs;
    stats::Profile left_out;  ///< of whole buckets alone: rows do not have them
};

/// Interactions whose newest label was recorded in the stretch.
struct LabelSummary {
    Time after{}, until{};                         ///< as in Summary
    std::int64_t labelled = 0;                     ///< interactions
    std::int64_t unjudged = 0;                     ///< of them, those whose label or version cannot be compared
    std::map<std::string, std::int64_t> labels{};  ///< a classifier's, by true label
    std::map<std::pair<std::string, std::string>, std::int64_t> confusion{};  ///< by true and predicted label
    stats::ScoreSums scores;
};

}  // namespace holdfast

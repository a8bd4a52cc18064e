/// Summary: what an endpoint answered in a stretch of time, in memory that does not grow with its traffic.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/profile.hpp>

namespace holdfast {

struct HOLDFAST_EXPORT SummaryCounts {
    std::int64_t rows = 0;                          ///< in the profiles: kept and sampled out
    std::int64_t sampled_out = 0;                   ///< of them, not kept as rows
    std::map<std::string, std::int64_t> labels{};   ///< a classifier's rows, by predicted label
    std::map<std::string, std::int64_t> dropped{};  ///< rows in no profile, by reason
    std::int64_t failures = 0;                      ///< requests without an answer

    SummaryCounts& operator+=(const SummaryCounts& other);
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static SummaryCounts from_json(const Json& json);
    bool operator==(const SummaryCounts&) const = default;
};

/// Columns that are hashed, left out or the entity are there with their counts alone.
struct Summary {
    SummaryCounts counts;
    stats::Profile features;
    stats::Profile outputs;
    stats::Profile left_out;  ///< of whole buckets alone: rows do not have them
};

}  // namespace holdfast

/// ScoreHistogram: how the scores of one class's rows, and of the others, are spread: enough for ROC and PR areas, with
/// a bound on what the bins hide.
///
/// 1,474 bins that are the same everywhere, so that histograms merge to the bit. They are 1/32 of an octave wide,
/// towards 0 and, in the same way, towards 1: a score of 0.3 and one of 0.301 share a bin, 0.001 and 0.0011 do not.
/// Below 2^-24, and above 1 - 2^-24, there is one bin each. At most 24 KB, whatever the number of rows.
///
/// Thread safety: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>

namespace holdfast::stats {

class HOLDFAST_EXPORT ScoreHistogram {
  public:
    static constexpr std::size_t bins = 1474;

    /// `rows`: 1, or -1 to take a row out that was added. Scores are not NaN.
    void count(double score, bool of_class, std::int64_t rows);
    ScoreHistogram& operator+=(const ScoreHistogram& other);
    bool operator==(const ScoreHistogram& other) const = default;

    [[nodiscard]] std::int64_t of_class() const noexcept { return of_class_; }
    [[nodiscard]] std::int64_t of_rest() const noexcept { return of_rest_; }

    /// An area as the rows' own scores would give it: at least `least` and at most `most`, for any order within bins.
    /// There are rows on both sides.
    struct Area {
        double value = 0.0, least = 0.0, most = 0.0;
        double variance = 0.0;  ///< of `auc` alone: DeLong's, rows of a bin taken as ties
    };
    [[nodiscard]] Area auc() const;
    [[nodiscard]] Area average_precision() const;

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static ScoreHistogram from_json(const Json& json);  ///< CorruptArtifact

  private:
    std::vector<std::int64_t> counts_;  // empty, or bins of the class and then bins of the rest
    std::int64_t of_class_ = 0, of_rest_ = 0;
};

}  // namespace holdfast::stats

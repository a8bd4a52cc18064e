/// Slices: a metric of parts of the rows, by what one column says, beside that of all of them.
///
/// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/column.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/quality.hpp>

namespace holdfast::stats {

inline constexpr std::int64_t default_slices = 100;

/// Which slice each row is in.
struct Slices {
    std::vector<std::string> names;     ///< in order; the values as text; rows without a value are in one of their own
    std::vector<std::int64_t> of_rows;  ///< a position in names, one a row
};
/// By the column's values. InvalidArgument, naming `column` as `name`: numbers that are not whole, timestamps, or more
/// than `most` values.
[[nodiscard]] HOLDFAST_EXPORT Slices slices_of(const Column& column, std::string_view name,
                                               std::int64_t most = default_slices);

struct QualitySlice {
    std::string slice;
    QualityValue quality;
};

/// A metric of all rows, which slices do not change, and of each slice.
struct SlicedQuality {
    QualityValue whole;
    std::vector<QualitySlice> slices;
};

/// The metric of each slice's rows, as stats::quality gives it, the worst first: in the order of what a metric is at
/// its best by its interval, so that no slice leads for its few rows alone; those without a value come last. The
/// intervals are each slice's own, and not widened for their number.
[[nodiscard]] HOLDFAST_EXPORT std::vector<QualitySlice> quality_by(const Slices& slices, std::string_view metric,
                                                                   const ScoredRows& rows,
                                                                   std::span<const double> weights = {},
                                                                   const QualityOptions& options = {},
                                                                   std::span<const std::int64_t> entities = {});

}  // namespace holdfast::stats

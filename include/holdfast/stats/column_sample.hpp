/// ColumnSample: one column as the drift tests see it, made from raw rows (exact) or from a profile (bounded).
///
/// A raw column is copied, sorted once and feeds every test; a profile's kept values stand for those they were kept
/// for, off by at most `rank_error`. Both have the counts and moments of all rows, exactly.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/data/column.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/profile.hpp>

namespace holdfast::stats {

struct HOLDFAST_EXPORT ColumnSample {
    ColumnType type = ColumnType::float64;
    bool is_raw = false;
    bool is_private = false;
    std::int64_t rows = 0;        ///< all
    std::int64_t missing = 0;     ///< nulls and NaN
    std::int64_t non_finite = 0;  ///< infinities: in no test but `missing`
    double min = 0.0, max = 0.0;  ///< of finite values; NaN when there are none
    double mean = 0.0, m2 = 0.0;  ///< and the sum of squared differences from it

    // Numeric and timestamp columns.
    std::vector<double> values;         ///< finite, ascending
    std::vector<std::int64_t> weights;  ///< rows that each value stands for; empty: one each
    double rank_error = 0.0;            ///< 99 % bound over the whole distribution function; 0: exact
    double point_rank_error = 0.0;      ///< at one point of it
    int sketch_k = 0;
    std::vector<double> edges;       ///< of a histogram that a profile has; empty: none
    std::vector<std::int64_t> bins;  ///< finite values up to the first edge, above it up to the second, ...

    // Text and boolean columns.
    std::map<std::string, std::int64_t, std::less<>> items;
    std::int64_t other = 0;            ///< rows that no count in `items` holds
    std::int64_t item_error = 0;       ///< what a count may be too low by
    std::optional<double> distinct{};  ///< values that there are, estimated, where few rows' were kept out of a file

    /// `memory`: what `values` of an earlier sample held, used again.
    [[nodiscard]] static ColumnSample of(const Column& column, std::vector<double> memory = {});
    [[nodiscard]] static ColumnSample of(const ColumnProfile& profile);

    [[nodiscard]] ColumnKind kind() const noexcept { return kind_of(type); }
    [[nodiscard]] std::int64_t present() const noexcept { return rows - missing; }
    [[nodiscard]] std::int64_t finite() const noexcept { return rows - missing - non_finite; }
    [[nodiscard]] double variance() const noexcept;  ///< unbiased; 0 below two values
    /// Almost only distinct values, as ids and free text have: no distribution to compare.
    [[nodiscard]] bool almost_distinct() const;
};

}  // namespace holdfast::stats

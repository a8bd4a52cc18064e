/// ColumnCounts: two columns as counts over the same categories or bins.
#pragma once

#include <vector>

#include <holdfast/stats/column_sample.hpp>

namespace holdfast::stats::detail {

struct ColumnCounts {
    std::vector<double> reference, current;
    double slack = 0.0;      ///< share of rows (of both sides together) whose value is not known
    double bin_error = 0.0;  ///< what a bin's share may be off by, of both sides together
};

/// The smallest value with i of k parts of the rows at or below it.
[[nodiscard]] double quantile(const ColumnSample& sample, std::int64_t i, std::int64_t k);
/// Items; what is kept on neither side is "other"; missing is a category, too.
[[nodiscard]] ColumnCounts item_counts(const ColumnSample& reference, const ColumnSample& current);
/// The reference's histogram, or its deciles: exact for rows and for a histogram on the same edges, else what the
/// sketch kept; missing and infinite values are left out.
[[nodiscard]] ColumnCounts binned_counts(const ColumnSample& reference, const ColumnSample& current);
/// Finite, missing, infinite.
[[nodiscard]] ColumnCounts missing_counts(const ColumnSample& reference, const ColumnSample& current);

}  // namespace holdfast::stats::detail

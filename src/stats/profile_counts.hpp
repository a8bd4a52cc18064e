/// ProfileCounts: two columns' profiles as counts over the same categories or bins.
#pragma once

#include <vector>

#include <holdfast/stats/profile.hpp>

namespace holdfast::stats {

struct ProfileCounts {
    std::vector<double> reference, current;
    double slack = 0.0;      ///< share of rows (of both sides together) whose value is not known
    double bin_error = 0.0;  ///< what a bin's share may be off by, of both sides together
};

/// Items; what is kept on neither side is "other"; missing is a category, too.
[[nodiscard]] ProfileCounts item_counts(const ColumnProfile& reference, const ColumnProfile& current);
/// The reference's deciles; missing and infinite values are left out.
[[nodiscard]] ProfileCounts binned_counts(const ColumnProfile& reference, const ColumnProfile& current);
/// Finite, missing, infinite.
[[nodiscard]] ProfileCounts missing_counts(const ColumnProfile& reference, const ColumnProfile& current);

}  // namespace holdfast::stats

/// What the rules ask of a column as a whole.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/data/column.hpp>

namespace holdfast::detail {

/// Nulls and NaNs.
[[nodiscard]] std::int64_t missing_values(const Column& column);
[[nodiscard]] bool is_missing(const Column& column, std::int64_t row);
/// Rows whose value an earlier row has.
[[nodiscard]] std::vector<std::int64_t> repeated_values(const Column& column);
/// Rows of a column of times that lie before an earlier row's.
[[nodiscard]] std::vector<std::int64_t> late_values(const Column& column);

}  // namespace holdfast::detail

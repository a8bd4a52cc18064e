/// One Arrow array as a Column.
#pragma once

#include <string>

#include <holdfast/data/arrow.hpp>
#include <holdfast/data/column.hpp>

namespace holdfast::detail {

/// Rows [offset, offset + size) of `array`, counted from its own offset. `owner` keeps the buffers alive.
[[nodiscard]] Column import_column(const ArrowSchema& schema, const ArrowArray& array, std::int64_t offset,
                                   std::int64_t size, const std::string& name, const Owner& owner);

/// The column without rows that an array of this schema would give.
[[nodiscard]] Column empty_column(const ArrowSchema& schema, const std::string& name);

}  // namespace holdfast::detail

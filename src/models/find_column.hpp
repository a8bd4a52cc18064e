/// Where a table has a column that a model wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <holdfast/data/table.hpp>

namespace holdfast::detail {

/// Table::find, after a look at the position `likely`: most tables have a model's columns in its order.
[[nodiscard]] inline std::int64_t find_column(const Table& table, const std::string& name, std::size_t likely) {
    const auto& names = table.names();
    return likely < names.size() && names[likely] == name ? static_cast<std::int64_t>(likely) : table.find(name);
}

}  // namespace holdfast::detail

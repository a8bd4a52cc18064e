/// Which column type an element type becomes, and the copy that widens it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/data/column.hpp>

namespace holdfast::detail {

/// The type a column stores for elements of T.
template <class T>
using Stored =
    std::conditional_t<std::is_floating_point_v<T>, T,
                       std::conditional_t<std::is_same_v<T, bool>, bool,
                                          std::conditional_t<(sizeof(T) < 4 || std::is_same_v<T, std::int32_t>),
                                                             std::int32_t, std::int64_t>>>;

/// True where a column can lie over T's memory as it is.
template <class T>
inline constexpr bool direct = std::is_same_v<T, Stored<T>>;

template <class T>
inline constexpr ColumnType column_type_of = std::is_same_v<Stored<T>, float>          ? ColumnType::float32
                                             : std::is_same_v<Stored<T>, double>       ? ColumnType::float64
                                             : std::is_same_v<Stored<T>, bool>         ? ColumnType::boolean
                                             : std::is_same_v<Stored<T>, std::int32_t> ? ColumnType::int32
                                                                                       : ColumnType::int64;

/// A column of `size` values, read by `at(row)`. `valid`: as Column::of takes it.
template <class T, class At>
[[nodiscard]] Column widened(std::int64_t size, std::string_view name, const std::vector<bool>& valid, At at) {
    std::vector<Stored<T>> values(static_cast<std::size_t>(size));
    for (std::int64_t row = 0; row < size; ++row) {
        const auto i = static_cast<std::size_t>(row);
        if (!valid.empty() && !valid[i]) continue;
        const T value = at(row);
        if constexpr (std::is_same_v<T, std::uint64_t>) {
            if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
                throw InvalidArgument("column \"" + std::string(name) + "\": uint64 " + std::to_string(value) +
                                      " given at row " + std::to_string(row) + ", values below 2^63 wanted");
            }
        }
        values[i] = static_cast<Stored<T>>(value);
    }
    if constexpr (std::is_same_v<T, bool>) {
        return Column::booleans(values, valid);
    } else {
        return Column::of(std::move(values), valid);
    }
}

}  // namespace holdfast::detail

/// What a Profile does to one of its columns.
#pragma once

#include <holdfast/data/column.hpp>
#include <holdfast/stats/profile.hpp>

namespace holdfast::stats::detail {

void add_values(ColumnProfile& profile, const Column& column);
/// Both of one kind, checked by the caller.
void merge_into(ColumnProfile& profile, const ColumnProfile& other);
/// Keeps at most max_items / 2 items once there are more than max_items.
void shrink_items(ColumnProfile& profile);

void encode(const ColumnProfile& profile, std::vector<std::byte>& out);
[[nodiscard]] ColumnProfile decode_column(std::span<const std::byte>& bytes);
[[nodiscard]] Json to_json(const ColumnProfile& profile);

}  // namespace holdfast::stats::detail

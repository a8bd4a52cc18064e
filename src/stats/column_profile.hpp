/// What a Profile does to one of its columns.
#pragma once

#include <span>

#include <holdfast/data/column.hpp>
#include <holdfast/stats/profile.hpp>

#include "stats/hashing.hpp"

namespace holdfast::stats::detail {

/// An empty one of a column of `options`; InvalidArgument for edges that are not ascending, or of text.
[[nodiscard]] ColumnProfile empty_column(std::string_view name, ColumnType type, const ProfileOptions& options);

/// `salted`: what the profile's salt comes to, for private columns.
void add_values(ColumnProfile& profile, const Column& column, const SaltedKey& salted);
/// Numbers, NaN where missing. They are moved about.
void add_numbers(ColumnProfile& profile, std::span<double> values, const SaltedKey& salted);
/// Both of one kind, checked by the caller.
void merge_into(ColumnProfile& profile, const ColumnProfile& other);
/// Keeps at most max_items / 2 items once there are more than max_items.
void shrink_items(ColumnProfile& profile);
/// Moves text items of fewer rows to `other`.
void withhold_items(ColumnProfile& profile, std::int64_t min_count);
/// Begins a histogram on the deciles of the sketch, with nothing in it.
void take_deciles(ColumnProfile& profile);
void count_bins(ColumnProfile& profile, std::span<const double> finite);

void encode(const ColumnProfile& profile, std::vector<std::byte>& out);
[[nodiscard]] ColumnProfile decode_column(std::span<const std::byte>& bytes, std::uint32_t format);
[[nodiscard]] Json to_json(const ColumnProfile& profile);
/// Raw values that the encoded column reveals, each once.
[[nodiscard]] Json contents(const ColumnProfile& profile);

}  // namespace holdfast::stats::detail

/// A table as CSV (RFC 4180): what a shell script, R and everything else can read without a library.
///
/// Doubles are the shortest text that reads back to the same bits; times are RFC 3339 in UTC; a missing value is an
/// empty field, an empty string is "" in quotes.
#pragma once

#include <string>

#include <holdfast/data/table.hpp>

namespace holdfast::detail {

[[nodiscard]] std::string to_csv(const Table& table);

}  // namespace holdfast::detail

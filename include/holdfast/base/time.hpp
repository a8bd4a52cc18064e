/// Time as it is stored and spoken: int64 microseconds since 1970 UTC, durations in Prometheus' grammar.
///
/// Thread safety: values and pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<std::chrono::microseconds>;

[[nodiscard]] constexpr std::int64_t to_micros(Time time) noexcept { return time.time_since_epoch().count(); }
[[nodiscard]] constexpr Time from_micros(std::int64_t micros) noexcept { return Time{Duration{micros}}; }

/// Parses Prometheus' duration grammar ("5m", "1h30m", "7d", "150ms"; units ms s m h d w y, each at most
/// once and in falling order; "0" alone). Throws InvalidArgument.
/// Source: Prometheus documentation, "Querying basics", time durations.
[[nodiscard]] HOLDFAST_EXPORT Duration parse_duration(std::string_view text);

/// Text that parses back to the same duration, as Prometheus writes it: "1h30m", "0s"; weeks and years only where
/// they divide it. Negative durations and sub-millisecond parts, which the grammar cannot say, are InvalidArgument.
[[nodiscard]] HOLDFAST_EXPORT std::string format_duration(Duration duration);

/// RFC 3339 in UTC with as many fractional digits (0, 3 or 6) as needed: "2021-07-01T00:00:00Z".
/// Years outside 0000 to 9999 are InvalidArgument.
[[nodiscard]] HOLDFAST_EXPORT std::string format_time(Time time);
/// Parses RFC 3339 (also a space for the T, and no zone = UTC); finer than microseconds is floored. Throws
/// InvalidArgument.
[[nodiscard]] HOLDFAST_EXPORT Time parse_time(std::string_view text);

}  // namespace holdfast

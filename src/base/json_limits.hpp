/// Bounds that reading and writing JSON share.
#pragma once

#include <cstdint>
#include <string>

namespace holdfast::detail {

inline constexpr std::size_t max_json_depth = 256;
inline constexpr std::size_t max_json_bytes = std::size_t{1} << 30;
/// Beyond 2^53 a double no longer tells neighbouring integers apart.
inline constexpr std::int64_t max_exact_int = std::int64_t{1} << 53;

/// Number::toString of ECMA-262 (RFC 8785, section 3.2.2.3); `value` is finite.
[[nodiscard]] std::string format_json_double(double value);

}  // namespace holdfast::detail

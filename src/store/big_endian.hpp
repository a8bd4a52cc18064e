/// Four bytes as SQLite's files hold a number.
#pragma once

#include <cstdint>

namespace holdfast::store::detail {

[[nodiscard]] inline std::uint32_t big_endian(const unsigned char* at) noexcept {
    return (std::uint32_t{at[0]} << 24) + (std::uint32_t{at[1]} << 16) + (std::uint32_t{at[2]} << 8) + at[3];
}

}  // namespace holdfast::store::detail

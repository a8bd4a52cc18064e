/// Arrow's validity bitmaps, made from flags and packed anew.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/data/column.hpp>

namespace holdfast::detail {

/// A bitmap of `size` ones.
[[nodiscard]] inline std::vector<std::uint8_t> full_bitmap(std::int64_t size) {
    return std::vector<std::uint8_t>(static_cast<std::size_t>((size + 7) / 8), 0xFF);
}

inline void clear_bit(std::vector<std::uint8_t>& bits, std::int64_t row) noexcept {
    bits[static_cast<std::size_t>(row >> 3)] &= static_cast<std::uint8_t>(~(1U << (row & 7)));
}

[[nodiscard]] inline bool bit_at(const std::uint8_t* bits, std::int64_t i) noexcept {
    return ((bits[i >> 3] >> (i & 7)) & 1) != 0;
}

/// The bitmap that begins at bit 0; rows beyond `size` are zero bits.
[[nodiscard]] inline std::vector<std::uint8_t> packed(const Validity& validity, std::int64_t size) {
    std::vector<std::uint8_t> bits(static_cast<std::size_t>((size + 7) / 8), 0);
    for (std::int64_t row = 0; row < size; ++row) {
        if (validity.at(row)) bits[static_cast<std::size_t>(row >> 3)] |= static_cast<std::uint8_t>(1U << (row & 7));
    }
    return bits;
}

}  // namespace holdfast::detail

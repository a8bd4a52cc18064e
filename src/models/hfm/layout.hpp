/// How an `.hfm` file lies, versions 1 and 2. All numbers are little-endian.
///
///     8 bytes   magic
///     4 bytes   version
///     4 bytes   zero
///     8 bytes   length of the payload, which ends the file
///     32 bytes  SHA-256 of everything before it and of the payload
///     payload   text: the signature's canonical JSON; text: source; u64: number of nodes; the nodes
///
/// A node is: text: form; u32 and texts: inputs; u32 and texts: outputs; u32: number of fields; the fields. A field is:
/// text: name; u8: Kind; its value. Text is u32: length, and the bytes. A list is u64: length, and the elements.
/// This head is the same in every version, so that a newer file is told from a damaged one. Version 2 has forms, fields
/// and enumerators that version 1 had not (form_fields.hpp); a graph is written in the least version that has it all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace holdfast::hfm {

inline constexpr std::array<unsigned char, 8> magic{0x89, 'H', 'F', 'M', '\r', '\n', 0x1a, '\n'};
inline constexpr std::uint32_t version = 2;  // the newest
inline constexpr std::size_t digest_at = 24;
inline constexpr std::size_t head_size = 56;

enum class Kind : std::uint8_t {
    boolean = 1,
    int64 = 2,
    float64 = 3,
    enumerator = 4,  ///< u8
    dtype = 5,       ///< text: its name
    int64s = 16,
    int32s = 17,
    uint8s = 18,
    float64s = 19,
    enumerators = 20,  ///< u8 each
    texts = 21,
};

}  // namespace holdfast::hfm

/// ByteWriter and ByteReader: little-endian fields of the stored formats of this room.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <holdfast/base/error.hpp>

namespace holdfast::stats::detail {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian and copied as they lie");

inline void put_bytes(std::vector<std::byte>& out, const void* bytes, std::size_t size) {
    if (size == 0) return;
    const std::size_t before = out.size();
    out.resize(before + size);
    std::memcpy(out.data() + before, bytes, size);
}

template <class T>
void put(std::vector<std::byte>& out, T value) {
    static_assert(std::is_arithmetic_v<T>);
    put_bytes(out, &value, sizeof(T));
}

inline void put_text(std::vector<std::byte>& out, std::string_view text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    put_bytes(out, text.data(), text.size());
}

/// Throws CorruptArtifact when fewer bytes are left than `wanted`.
inline std::span<const std::byte> take(std::span<const std::byte>& bytes, std::size_t wanted, std::string_view what) {
    if (bytes.size() < wanted) {
        throw CorruptArtifact(std::string(what) + ": " + std::to_string(bytes.size()) + " bytes left, " +
                              std::to_string(wanted) + " wanted");
    }
    const auto taken = bytes.first(wanted);
    bytes = bytes.subspan(wanted);
    return taken;
}

template <class T>
T get(std::span<const std::byte>& bytes, std::string_view what) {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(bytes, sizeof(T), what).data(), sizeof(T));
    return value;
}

inline std::string get_text(std::span<const std::byte>& bytes, std::size_t longest, std::string_view what) {
    const auto size = get<std::uint32_t>(bytes, what);
    if (size > longest) {
        throw CorruptArtifact(std::string(what) + ": a text of " + std::to_string(size) + " bytes, at most " +
                              std::to_string(longest) + " wanted");
    }
    const auto taken = take(bytes, size, what);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

}  // namespace holdfast::stats::detail

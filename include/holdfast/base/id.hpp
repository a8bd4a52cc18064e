/// Id: names an interaction. UTF-8, 1 to 64 bytes; integers as decimal text; a UUIDv7 where the caller gives none.
///
/// Thread safety: a value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include <holdfast/base/rng.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT Id {
  public:
    static constexpr std::int64_t max_bytes = 64;

    /// Throws InvalidArgument when empty, longer than 64 bytes, or not UTF-8.
    explicit Id(std::string_view text);
    explicit Id(std::int64_t number);

    /// RFC 9562, section 5.7: 48 bits of `time` in milliseconds, then random bits of `rng`.
    [[nodiscard]] static Id uuid7(Time time, Rng& rng);

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), static_cast<std::size_t>(size_)}; }
    bool operator==(const Id& other) const noexcept { return view() == other.view(); }
    auto operator<=>(const Id& other) const noexcept { return view() <=> other.view(); }

  private:
    std::array<char, max_bytes> bytes_{};
    std::uint8_t size_ = 0;
};

/// True where `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
[[nodiscard]] HOLDFAST_EXPORT bool is_utf8(std::string_view text) noexcept;

}  // namespace holdfast

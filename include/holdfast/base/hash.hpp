/// SHA-256 (FIPS 180-4), by OpenSSL: the identity of packages, schemas and observations. Short
/// checksums are its first bytes, so that there is one hash in the house.
///
/// Thread safety: Sha256 one thread at a time; Digest is a value.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

struct HOLDFAST_EXPORT Digest {
    std::array<std::byte, 32> bytes{};

    [[nodiscard]] std::string hex() const;                        ///< 64 lower-case digits
    [[nodiscard]] static Digest from_hex(std::string_view text);  ///< InvalidArgument unless 64 hex digits
    auto operator<=>(const Digest&) const = default;
};

class HOLDFAST_EXPORT Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    Sha256& update(std::span<const std::byte> bytes);
    Sha256& update(std::string_view bytes);
    [[nodiscard]] Digest finish();  ///< may be called once

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

[[nodiscard]] HOLDFAST_EXPORT Digest sha256(std::span<const std::byte> bytes);
[[nodiscard]] HOLDFAST_EXPORT Digest sha256(std::string_view bytes);

}  // namespace holdfast

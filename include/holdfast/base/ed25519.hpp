/// Ed25519 (RFC 8032), by OpenSSL: who vouches for bytes.
///
/// Keys are PEM: `openssl genpkey -algorithm ed25519`, and `openssl pkey -pubout` for the public half. Messages never
/// hold a private key.
///
/// Errors: InvalidArgument for text that is no such key, and for one that is encrypted.
///
/// Thread safety: values and free functions.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

struct HOLDFAST_EXPORT PublicKey {
    std::array<std::byte, 32> bytes{};

    [[nodiscard]] std::string hex() const;                           ///< 64 lower-case digits
    [[nodiscard]] static PublicKey from_hex(std::string_view text);  ///< InvalidArgument unless 64 hex digits
    [[nodiscard]] static PublicKey from_pem(std::string_view pem);
    auto operator<=>(const PublicKey&) const = default;
};

/// A signature with the key that it is to be checked by.
struct KeySignature {
    PublicKey key;
    std::array<std::byte, 64> bytes{};
    auto operator<=>(const KeySignature&) const = default;
};

[[nodiscard]] HOLDFAST_EXPORT KeySignature sign(std::string_view private_key_pem, std::string_view message);
[[nodiscard]] HOLDFAST_EXPORT bool verifies(const KeySignature& signature, std::string_view message);

}  // namespace holdfast

/// Private keys to sign with: those of RFC 8032, section 7.1, tests 1 and 2, wrapped as PEM (RFC 8410).
#pragma once

#include <string_view>

namespace holdfast::testing {

inline constexpr std::string_view first_pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr std::string_view second_pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJso/5banW2Z4T5RiP8HIbrnP5uKxp2Z8aN8Sp+7\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace holdfast::testing

// The hashes behind distinct counts and coins, the same on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::stats::detail {

/// The finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

struct HashKey {
    std::uint64_t first = 0, second = 0;
};

/// SipHash-2-4 (Aumasson, Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012).
[[nodiscard]] std::uint64_t siphash(HashKey key, std::string_view bytes) noexcept;

/// What a secret salt comes to: the key that values are hashed with, and a name for it that does not tell it.
struct SaltedKey {
    HashKey key;
    std::uint64_t name = 0;
};
[[nodiscard]] SaltedKey key_of(std::string_view salt);

}  // namespace holdfast::stats::detail

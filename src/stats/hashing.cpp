#include "stats/hashing.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string>

#include <holdfast/base/hash.hpp>

namespace holdfast::stats::detail {
namespace {

using State = std::array<std::uint64_t, 4>;

void round(State& v) noexcept {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = std::rotl(v[1], 13) ^ v[0];
    v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] = std::rotl(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = std::rotl(v[1], 17) ^ v[2];
    v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] = std::rotl(v[2], 32);
}

void take(State& v, std::uint64_t word) noexcept {
    v[3] ^= word;
    round(v);
    round(v);
    v[0] ^= word;
}

std::uint64_t word_at(const std::byte* bytes) noexcept {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

}  // namespace

std::uint64_t siphash(HashKey key, std::string_view bytes) noexcept {
    State v{key.first ^ 0x736f6d6570736575U, key.second ^ 0x646f72616e646f6dU, key.first ^ 0x6c7967656e657261U,
            key.second ^ 0x7465646279746573U};
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) take(v, word_at(reinterpret_cast<const std::byte*>(bytes.data()) + at));
    std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
    for (int shift = 0; at < bytes.size(); ++at, shift += 8)
        last |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at])) << shift;
    take(v, last);
    v[2] ^= 0xff;
    for (int i = 0; i < 4; ++i) round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

SaltedKey key_of(std::string_view salt) {
    const Digest digest = sha256("holdfast.profile.salt/1\n" + std::string(salt));
    return {{word_at(&digest.bytes[0]), word_at(&digest.bytes[8])}, word_at(&digest.bytes[16]) | 1U};
}

}  // namespace holdfast::stats::detail

#include <holdfast/base/rng.hpp>

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>

namespace holdfast {
namespace {

void append_little_endian(std::string& text, std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) text += static_cast<char>((value >> shift) & 0xFFU);
}

std::array<std::uint64_t, 4> words_of(const Digest& digest) {
    std::array<std::uint64_t, 4> words{};
    for (std::size_t i = 0; i < 32; ++i)
        words[i / 8] |= std::to_integer<std::uint64_t>(digest.bytes[i]) << (8 * (i % 8));
    return words;
}

// Stored ids and samples depend on this: seed and the purpose's length as 8 little-endian bytes each, so that
// ("ab", "c") and ("a", "bc") differ.
std::array<std::uint64_t, 4> seeded(std::uint64_t seed, std::string_view purpose, std::string_view key) {
    std::string text;
    append_little_endian(text, seed);
    append_little_endian(text, purpose.size());
    text.append(purpose).append(key);
    return words_of(sha256(text));
}

}  // namespace

Rng::Rng(std::uint64_t seed, std::string_view purpose, std::string_view key) : state_(seeded(seed, purpose, key)) {}

Rng Rng::from_system() {
    std::array<std::uint64_t, 4> state{};
    auto* bytes = reinterpret_cast<unsigned char*>(state.data());
    std::size_t filled = 0;
    while (filled < sizeof state) {
        const auto got = ::getrandom(bytes + filled, sizeof state - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw IoError("the system gave no random bytes");
        filled += static_cast<std::size_t>(got);
    }
    state[0] |= 1;  // all zero is the one state that xoshiro never leaves
    return Rng(state);
}

std::uint64_t Rng::operator()() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

double Rng::uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

std::int64_t Rng::below(std::int64_t bound) noexcept {
    __extension__ using Wide = unsigned __int128;
    const auto range = static_cast<std::uint64_t>(bound < 1 ? 1 : bound);
    Wide product = static_cast<Wide>((*this)()) * range;
    if (static_cast<std::uint64_t>(product) < range) {
        const std::uint64_t threshold = (0 - range) % range;
        while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>((*this)()) * range;
    }
    return static_cast<std::int64_t>(product >> 64);
}

}  // namespace holdfast

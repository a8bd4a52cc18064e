#include <holdfast/base/id.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include <holdfast/base/error.hpp>

namespace holdfast {

Id::Id(std::string_view text) {
    if (text.empty()) throw InvalidArgument("id: empty text given, 1 to 64 bytes wanted");
    if (text.size() > static_cast<std::size_t>(max_bytes))
        throw InvalidArgument("id: " + std::to_string(text.size()) + " bytes given, at most 64 wanted");
    if (!is_utf8(text)) throw InvalidArgument("id: text is not UTF-8");
    std::copy(text.begin(), text.end(), bytes_.begin());
    size_ = static_cast<std::uint8_t>(text.size());
}

Id::Id(std::int64_t number) {
    const auto end = std::to_chars(bytes_.data(), bytes_.data() + bytes_.size(), number).ptr;
    size_ = static_cast<std::uint8_t>(end - bytes_.data());
}

Id Id::uuid7(Time time, Rng& rng) {
    // The field is unsigned: times before 1970 all become its zero.
    const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const auto milliseconds =
        static_cast<std::uint64_t>(std::clamp<std::int64_t>(since_epoch, 0, (std::int64_t{1} << 48) - 1));
    const std::uint64_t high = (milliseconds << 16) | 0x7000U | (rng() >> 52);
    const std::uint64_t low = 0x8000000000000000U | (rng() >> 2);

    std::array<char, 36> text{};
    std::size_t end = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[end++] = '-';
        const std::uint64_t half = nibble < 16 ? high : low;
        text[end++] = "0123456789abcdef"[(half >> (60 - 4 * (nibble % 16))) & 15U];
    }
    return Id(std::string_view(text.data(), end));
}

bool is_utf8(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    std::size_t i = 0;
    while (i < text.size()) {
        const unsigned lead = byte(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        // The bounds of the second byte exclude overlong forms, surrogates and what is beyond U+10FFFF.
        std::size_t length = 0;
        unsigned low = 0x80;
        unsigned high = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            length = 2;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            length = 3;
            if (lead == 0xE0) low = 0xA0;
            if (lead == 0xED) high = 0x9F;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            length = 4;
            if (lead == 0xF0) low = 0x90;
            if (lead == 0xF4) high = 0x8F;
        } else {
            return false;
        }
        if (text.size() - i < length) return false;
        if (byte(i + 1) < low || byte(i + 1) > high) return false;
        for (std::size_t k = 2; k < length; ++k)
            if ((byte(i + k) & 0xC0U) != 0x80) return false;
        i += length;
    }
    return true;
}

}  // namespace holdfast

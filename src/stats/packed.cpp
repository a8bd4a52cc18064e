#include "stats/packed.hpp"

#include <array>
#include <bit>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast::stats::detail {
namespace {

// Base 32, the lowest digit first; in a count, 32 more where digits follow.
constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";
constexpr std::uint8_t no_digit = 64;
constexpr auto digit_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < digits.size(); ++i)
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    return values;
}();
constexpr int digits_of_64_bits = 13;

}  // namespace

// Twice its size, and one less where it is negative.
void PackedWriter::count(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    std::uint64_t rest = value < 0 ? ~(bits << 1) : bits << 1;
    for (; rest >= 32; rest /= 32) text_ += digits[32 + rest % 32];
    text_ += digits[rest];
}

void PackedWriter::number(double value) {
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < digits_of_64_bits; ++i, bits /= 32) text_ += digits[bits % 32];
}

void PackedWriter::numbers(const std::vector<double>& values) {
    count(static_cast<std::int64_t>(values.size()));
    for (const double value : values) number(value);
}

void PackedReader::refuse(const std::string& why) const { throw CorruptArtifact(std::string(what_) + ": " + why); }

std::uint64_t PackedReader::digit() {
    if (at_ == text_.size()) refuse("its text ends within a number");
    const std::uint8_t value = digit_values[static_cast<unsigned char>(text_[at_])];
    if (value == no_digit) refuse("character " + std::to_string(at_) + " of its text is none of a number");
    ++at_;
    return value;
}

std::int64_t PackedReader::count() {
    std::uint64_t bits = 0;
    for (int shift = 0; shift < 65; shift += 5) {
        const std::uint64_t next = digit();
        bits |= (next % 32) << shift;
        if (next >= 32) continue;
        const std::uint64_t size = bits >> 1;
        return static_cast<std::int64_t>(bits % 2 == 0 ? size : ~size);
    }
    refuse("a count in its text is beyond 64 bits");
}

double PackedReader::number() {
    std::uint64_t bits = 0;
    for (int i = 0; i < digits_of_64_bits; ++i) bits |= (digit() % 32) << (5 * i);
    return std::bit_cast<double>(bits);
}

std::vector<double> PackedReader::numbers() {
    const std::int64_t size = count();
    if (size < 0 || size > static_cast<std::int64_t>(text_.size())) refuse(std::to_string(size) + " numbers announced");
    std::vector<double> values;
    for (std::int64_t i = 0; i < size; ++i) values.push_back(number());
    return values;
}

}  // namespace holdfast::stats::detail

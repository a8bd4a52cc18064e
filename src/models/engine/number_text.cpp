#include "models/engine/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace holdfast::engine {
namespace {

// to_chars, not printf: the host's locale must not reach the answer.
std::string digits(double value, int precision) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "INF" : "-INF";
    std::array<char, 64> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, precision);
    return std::string(text.data(), end.ptr);
}

}  // namespace

std::string number_text(bool value) { return value ? "1" : "0"; }
std::string number_text(std::int64_t value) { return std::to_string(value); }
std::string number_text(float value) { return digits(static_cast<double>(value), 8); }
std::string number_text(double value) { return digits(value, 17); }

}  // namespace holdfast::engine

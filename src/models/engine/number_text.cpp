#include "models/engine/number_text.hpp"

#include <charconv>
#include <cmath>

namespace holdfast::engine {
namespace {

// to_chars, not printf: the host's locale must not reach the answer.
template <class... How>
std::string_view digits(NumberText& room, How... how) {
    const auto end = std::to_chars(room.data(), room.data() + room.size(), how...);
    return {room.data(), static_cast<std::size_t>(end.ptr - room.data())};
}

std::string_view real(double value, int precision, NumberText& room) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "INF" : "-INF";
    return digits(room, value, std::chars_format::general, precision);
}

}  // namespace

std::string_view number_text(bool value, NumberText&) { return value ? "1" : "0"; }
std::string_view number_text(std::int64_t value, NumberText& room) { return digits(room, value); }
std::string_view number_text(float value, NumberText& room) { return real(static_cast<double>(value), 8, room); }
std::string_view number_text(double value, NumberText& room) { return real(value, 17, room); }

}  // namespace holdfast::engine

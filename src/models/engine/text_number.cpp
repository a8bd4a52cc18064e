#include "models/engine/text_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <holdfast/base/error.hpp>

#include "models/text.hpp"

namespace holdfast::engine {
namespace {

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    text.remove_suffix(text.size() - (text.find_last_not_of(blanks) + 1));
    return text;
}

// from_chars, not strtod: the host's locale must not reach the answer.
template <class T>
bool parse(std::string_view text, T& number) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end;
}

}  // namespace

template <class T>
T text_number(std::string_view text) {
    const std::string_view trimmed = without_blanks(text);
    T number{};
    if (parse(trimmed, number)) return number;
    if constexpr (std::is_same_v<T, std::int64_t>) {
        if (double fraction = 0.0; parse(trimmed, fraction) && std::fabs(fraction) < 0x1p63)
            return static_cast<std::int64_t>(fraction);
    }
    throw InvalidArgument("cast: " + detail::quoted(text.substr(0, 200)) + " given, a number wanted");
}

template float text_number(std::string_view);
template double text_number(std::string_view);
template std::int64_t text_number(std::string_view);

}  // namespace holdfast::engine

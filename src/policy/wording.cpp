#include "policy/wording.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <holdfast/base/json.hpp>

namespace holdfast::detail {
namespace {

std::string digits_text(double value, int digits) {
    std::array<char, 64> buffer{};
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, digits);
    return {buffer.data(), end};
}

bool same_side(double a, double b, double limit) { return (a < limit) == (b < limit) && (a > limit) == (b > limit); }

}  // namespace

std::string exact_text(double value) {
    std::array<char, 64> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end};
}

std::string rounded_text(double value, double limit) {
    for (const int digits : {4, 6, 9, 12}) {
        const std::string text = digits_text(value, digits);
        double shown = 0.0;
        std::from_chars(text.data(), text.data() + text.size(), shown);
        if (same_side(shown, value, limit)) return text;
    }
    return exact_text(value);
}

std::string counted(std::int64_t count, std::string_view noun) {
    std::string digits = std::to_string(count);
    const std::size_t first = count < 0 ? 1 : 0;
    for (std::size_t place = digits.size(); place > first + 3;) {
        place -= 3;
        digits.insert(place, ",");
    }
    return digits + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string over_text(const Window& window) {
    if (window.is_rows()) return "over the last " + counted(window.row_count(), "row");
    return "over " + duration_text(window.duration());
}

std::string duration_text(Duration duration) {
    const auto days = std::chrono::floor<std::chrono::days>(duration);
    const Duration rest = std::chrono::floor<std::chrono::milliseconds>(duration - days);
    if (days.count() == 0) return format_duration(rest);
    return std::to_string(days.count()) + "d" + (rest.count() == 0 ? "" : format_duration(rest));
}

Duration elapsed(Time earlier, Time later) noexcept {
    if (later <= earlier) return Duration{0};
    std::int64_t micros = 0;
    if (__builtin_sub_overflow(to_micros(later), to_micros(earlier), &micros)) return Duration::max();
    return Duration{micros};
}

std::string quoted_json(std::string_view text) { return Json(text).canonical(); }

std::string python_window(const Window& window) {
    return window.is_rows() ? "hf." + window.to_string() : quoted_json(window.to_string());
}

}  // namespace holdfast::detail

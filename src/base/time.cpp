#include <holdfast/base/time.hpp>

#include <array>
#include <cstdio>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t micros;
    bool only_whole;  ///< written only where it divides the duration
};

constexpr std::int64_t ms = 1000;
constexpr std::int64_t second = 1000 * ms;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::array<Unit, 7> units{{{"y", 365 * day, true},
                                     {"w", 7 * day, true},
                                     {"d", day, false},
                                     {"h", hour, false},
                                     {"m", minute, false},
                                     {"s", second, false},
                                     {"ms", ms, false}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

[[noreturn]] void refuse_duration(std::string_view text, const std::string& wanted) {
    throw InvalidArgument("duration \"" + std::string(text) + "\": " + wanted);
}

/// Reads a text from its front; each step throws when the text is not what it wants.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text), rest_(text) {}

    [[noreturn]] void refuse(const std::string& wanted) const {
        throw InvalidArgument("time \"" + std::string(text_) + "\" at byte " +
                              std::to_string(text_.size() - rest_.size()) + ": " + wanted + " wanted");
    }
    [[nodiscard]] bool done() const { return rest_.empty(); }
    [[nodiscard]] bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
    char take() {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    [[nodiscard]] bool skip_any(std::string_view choices) {
        if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) return false;
        take();
        return true;
    }
    void expect(std::string_view choices) {
        if (!skip_any(choices)) refuse("\"" + std::string(choices.substr(0, 1)) + "\"");
    }
    int number(int digits, int low, int high, const char* what) {
        int value = 0;
        for (int i = 0; i < digits; ++i) {
            if (!at_digit()) refuse(std::to_string(digits) + " digits of the " + what);
            value = value * 10 + (take() - '0');
        }
        if (value < low || value > high)
            refuse(std::string(what) + " from " + std::to_string(low) + " to " + std::to_string(high));
        return value;
    }

  private:
    std::string_view text_;
    std::string_view rest_;
};

std::int64_t read_fraction(Reader& reader) {
    if (!reader.skip_any(".")) return 0;
    if (!reader.at_digit()) reader.refuse("a digit");
    std::int64_t micros = 0;
    std::int64_t unit = 100'000;
    while (reader.at_digit()) {
        micros += (reader.take() - '0') * unit;
        unit /= 10;
    }
    return micros;
}

std::int64_t read_offset(Reader& reader) {
    if (reader.done() || reader.skip_any("Zz")) return 0;
    const std::int64_t sign = reader.skip_any("-") ? -1 : 1;
    if (sign > 0 && !reader.skip_any("+")) reader.refuse("Z, an offset such as +02:00, or the end");
    const int hours = reader.number(2, 0, 23, "offset's hour");
    reader.expect(":");
    return sign * (hours * hour + reader.number(2, 0, 59, "offset's minute") * minute);
}

}  // namespace

Duration parse_duration(std::string_view text) {
    if (text == "0") return Duration::zero();
    if (text.empty()) refuse_duration(text, "a text such as 5m or 1h30m wanted");
    std::int64_t total = 0;
    std::size_t at = 0;
    std::size_t next_unit = 0;
    while (at < text.size()) {
        std::int64_t count = 0;
        const std::size_t digits_begin = at;
        bool overflow = false;
        for (; at < text.size() && is_digit(text[at]); ++at) {
            overflow |= __builtin_mul_overflow(count, std::int64_t{10}, &count);
            overflow |= __builtin_add_overflow(count, std::int64_t{text[at] - '0'}, &count);
        }
        if (at == digits_begin) refuse_duration(text, "a whole number wanted before each unit");
        std::size_t unit_end = at;
        while (unit_end < text.size() && !is_digit(text[unit_end])) ++unit_end;
        const std::string_view name = text.substr(at, unit_end - at);
        std::size_t unit = next_unit;
        while (unit < units.size() && units[unit].name != name) ++unit;
        if (unit == units.size())
            refuse_duration(text, "units y, w, d, h, m, s, ms wanted, each at most once and in this order");
        overflow |= __builtin_mul_overflow(count, units[unit].micros, &count);
        overflow |= __builtin_add_overflow(total, count, &total);
        if (overflow) refuse_duration(text, "too long for 64 bits of microseconds");
        next_unit = unit + 1;
        at = unit_end;
    }
    return Duration{total};
}

std::string format_duration(Duration duration) {
    std::int64_t rest = duration.count();
    if (rest < 0 || rest % ms != 0)
        throw InvalidArgument("duration of " + std::to_string(rest) +
                              " microseconds: whole milliseconds from 0 wanted");
    if (rest == 0) return "0s";
    std::string text;
    for (const auto& unit : units) {
        if (rest < unit.micros || (unit.only_whole && rest % unit.micros != 0)) continue;
        text += std::to_string(rest / unit.micros);
        text += unit.name;
        rest %= unit.micros;
    }
    return text;
}

std::string format_time(Time time) {
    // First of all: the calendar's years are 16 bits wide, and rounding the least time down to a day overflows.
    constexpr Time first{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
    constexpr Time end{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};
    if (time < first || time >= end)
        throw InvalidArgument("time of " + std::to_string(to_micros(time)) +
                              " microseconds since 1970: a year from 0000 to 9999 wanted");
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::int64_t in_day = (time - days).count();
    const std::chrono::year_month_day date{days};
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(in_day / hour), static_cast<int>(in_day / minute % 60),
                  static_cast<int>(in_day / second % 60));
    std::string result = text;
    const int micros = static_cast<int>(in_day % second);
    if (micros != 0) {
        if (micros % 1000 == 0) {
            std::snprintf(text, sizeof text, ".%03d", micros / 1000);
        } else {
            std::snprintf(text, sizeof text, ".%06d", micros);
        }
        result += text;
    }
    return result + "Z";
}

Time parse_time(std::string_view text) {
    Reader reader(text);
    const std::chrono::year year{reader.number(4, 0, 9999, "year")};
    reader.expect("-");
    const auto month = static_cast<unsigned>(reader.number(2, 1, 12, "month"));
    reader.expect("-");
    const auto day_of_month = static_cast<unsigned>(reader.number(2, 1, 31, "day"));
    const auto date = year / static_cast<int>(month) / static_cast<int>(day_of_month);
    if (!date.ok()) reader.refuse("a day that the month has");
    reader.expect("Tt ");
    std::int64_t micros = reader.number(2, 0, 23, "hour") * hour;
    reader.expect(":");
    micros += reader.number(2, 0, 59, "minute") * minute;
    reader.expect(":");
    micros += reader.number(2, 0, 59, "second") * second;
    micros += read_fraction(reader);
    micros -= read_offset(reader);
    if (!reader.done()) reader.refuse("the end");
    return Time{std::chrono::sys_days{date}} + Duration{micros};
}

}  // namespace holdfast

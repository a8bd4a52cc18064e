#include <holdfast/base/window.hpp>

#include <charconv>

#include <holdfast/base/error.hpp>

namespace holdfast {

Window::Window(Rows rows) : extent_(rows) {
    if (rows.count < 1)
        throw InvalidArgument("window: rows(" + std::to_string(rows.count) + ") given, 1 row or more wanted");
}

Window::Window(Duration duration) : extent_(duration) {
    if (duration <= Duration::zero() || duration % std::chrono::milliseconds(1) != Duration::zero())
        throw InvalidArgument("window: " + std::to_string(duration.count()) +
                              " microseconds given, whole milliseconds above 0 wanted");
}

Window Window::parse(std::string_view text) {
    constexpr std::string_view prefix = "rows(";
    if (!text.starts_with(prefix)) return Window{parse_duration(text)};
    std::int64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + prefix.size(), end, count);
    if (error != std::errc{} || stop == end || *stop != ')' || stop + 1 != end)
        throw InvalidArgument("window: \"" + std::string(text) + "\" given, rows(n) or a duration such as 5m wanted");
    return Window{Rows{count}};
}

std::string Window::to_string() const {
    return is_rows() ? "rows(" + std::to_string(row_count()) + ")" : format_duration(duration());
}

}  // namespace holdfast

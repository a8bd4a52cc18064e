/// Wording: numbers and windows as sentences for people say them. The same on every machine, whatever the locale.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/base/time.hpp>
#include <holdfast/base/window.hpp>

namespace holdfast::detail {

/// As few digits as read back to the same double: 0.65.
[[nodiscard]] std::string exact_text(double value);
/// Four digits, or as many more as keep `value` on its side of `limit`.
[[nodiscard]] std::string rounded_text(double value, double limit);
/// "1,344 labels", "1 label".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);
/// "over 14d", "over the last 1,000 rows".
[[nodiscard]] std::string over_text(const Window& window);
/// "14d", "2m30s": days and no weeks or years; parts below a millisecond are left out.
[[nodiscard]] std::string duration_text(Duration duration);

/// later - earlier, never below zero and never beyond what a Duration holds.
[[nodiscard]] Duration elapsed(Time earlier, Time later) noexcept;

// Source text in Python.
[[nodiscard]] std::string quoted_json(std::string_view text);
[[nodiscard]] std::string python_window(const Window& window);

}  // namespace holdfast::detail

/// Window: "the last n" or "the last while", one type everywhere.
///
/// `rows(n)` is the last n interactions (for a metric that needs labels: the last n labelled). A duration d ends at
/// the observation's time t and is half-open, (t-d, t]: over event time, or, for a metric that needs labels, over the
/// time the label was recorded.
///
/// Thread safety: a value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

struct Rows {
    std::int64_t count = 0;
    auto operator<=>(const Rows&) const = default;
};

class HOLDFAST_EXPORT Window {
  public:
    Window(Rows rows);          // NOLINT(google-explicit-constructor) count >= 1, else InvalidArgument
    Window(Duration duration);  // NOLINT(google-explicit-constructor) > 0, whole milliseconds, else InvalidArgument
    template <class Rep, class Period>
    Window(std::chrono::duration<Rep, Period> duration)  // NOLINT(google-explicit-constructor)
        : Window(std::chrono::duration_cast<Duration>(duration)) {}

    /// "rows(500)" or a duration: "5m". Throws InvalidArgument.
    [[nodiscard]] static Window parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] bool is_rows() const noexcept { return std::holds_alternative<Rows>(extent_); }
    [[nodiscard]] std::int64_t row_count() const { return std::get<Rows>(extent_).count; }
    [[nodiscard]] Duration duration() const { return std::get<Duration>(extent_); }

    bool operator==(const Window&) const = default;

  private:
    std::variant<Rows, Duration> extent_;
};

[[nodiscard]] inline Window rows(std::int64_t count) { return Window{Rows{count}}; }

}  // namespace holdfast

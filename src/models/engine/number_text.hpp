/// Numbers as text, as ONNX Runtime's Cast writes them: 8 digits of a float32, 17 of a float64; "NaN", "INF", "-INF".
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace holdfast::engine {

/// Room for any of them.
using NumberText = std::array<char, 64>;

/// Written into `room`, or constant.
[[nodiscard]] std::string_view number_text(bool value, NumberText& room);
[[nodiscard]] std::string_view number_text(std::int64_t value, NumberText& room);
[[nodiscard]] std::string_view number_text(float value, NumberText& room);
[[nodiscard]] std::string_view number_text(double value, NumberText& room);

}  // namespace holdfast::engine

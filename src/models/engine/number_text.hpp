/// Numbers as text: 8 digits of a float32, as ONNX Runtime's Cast writes them, and "NaN", "INF", "-INF". Of a float64
/// 17, so that what differs stays different; ONNX Runtime 1.31 writes 8 of these too.
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

/// Numbers as text, as ONNX Runtime's Cast writes them: 8 digits of a float32, 17 of a float64; "NaN", "INF", "-INF".
#pragma once

#include <cstdint>
#include <string>

namespace holdfast::engine {

[[nodiscard]] std::string number_text(bool value);
[[nodiscard]] std::string number_text(std::int64_t value);
[[nodiscard]] std::string number_text(float value);
[[nodiscard]] std::string number_text(double value);

}  // namespace holdfast::engine

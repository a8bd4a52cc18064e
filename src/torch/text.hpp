/// Pieces of this room's error messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::torch_backend {

[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    std::string out("\"");
    out += text;
    return out += '"';
}

/// "[rows, 8]"; an open extent is "any".
[[nodiscard]] inline std::string shape_text(std::span<const std::int64_t> shape) {
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i > 0) out += ", ";
        out += shape[i] >= 0 ? std::to_string(shape[i]) : i == 0 ? "rows" : "any";
    }
    return out += "]";
}

}  // namespace holdfast::torch_backend

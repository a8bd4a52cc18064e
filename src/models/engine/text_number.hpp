/// Text as numbers, as ONNX's Cast reads it: plain and scientific numbers, "inf" and "nan" in any case, with blanks
/// around; fractions are cut to whole numbers. InvalidArgument for other text, and for what T cannot hold.
#pragma once

#include <string_view>

namespace holdfast::engine {

/// T: float, double, std::int64_t.
template <class T>
[[nodiscard]] T text_number(std::string_view text);

}  // namespace holdfast::engine

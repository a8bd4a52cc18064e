/// Bounds on what a graph may ask for: a hostile file must not make us allocate what its size does not warrant.
#pragma once

#include <cstdint>

#include <holdfast/data/dtype.hpp>

namespace holdfast::engine {

inline constexpr std::int64_t max_width = std::int64_t{1} << 20;      // columns of one value
inline constexpr std::int64_t max_row_width = std::int64_t{1} << 24;  // columns of all values together
inline constexpr std::int64_t max_nodes = std::int64_t{1} << 16;
inline constexpr std::int64_t max_classes = 1024;  // of one-against-one machines
inline constexpr std::int64_t max_size = (std::int64_t{1} << 31) - 1;

[[nodiscard]] constexpr bool is_value_dtype(DType dtype) noexcept {
    return dtype == DType::boolean || dtype == DType::int64 || dtype == DType::float32 || dtype == DType::float64 ||
           dtype == DType::string;
}

}  // namespace holdfast::engine

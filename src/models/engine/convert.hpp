/// Conversions between numbers, element by element: C's, with a defined answer where C has none.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include <holdfast/base/error.hpp>
#include <holdfast/data/dtype.hpp>

namespace holdfast::engine {

template <class To, class From>
[[nodiscard]] To convert(From value) noexcept {
    if constexpr (std::is_same_v<To, bool>) {
        return value != From{};
    } else if constexpr (std::is_same_v<To, std::int64_t> && std::is_floating_point_v<From>) {
        constexpr From end = static_cast<From>(9223372036854775808.0);
        return value >= -end && value < end ? static_cast<std::int64_t>(value)
                                            : std::numeric_limits<std::int64_t>::min();
    } else {
        return static_cast<To>(value);
    }
}

template <class T>
struct Tag {
    using type = T;
};

/// Calls `f(Tag<T>{})` with the type of a numeric dtype's elements.
template <class F>
void with_number(DType dtype, F&& f) {
    switch (dtype) {
        case DType::boolean: return f(Tag<bool>{});
        case DType::int8: return f(Tag<std::int8_t>{});
        case DType::int16: return f(Tag<std::int16_t>{});
        case DType::int32: return f(Tag<std::int32_t>{});
        case DType::int64: return f(Tag<std::int64_t>{});
        case DType::uint8: return f(Tag<std::uint8_t>{});
        case DType::uint16: return f(Tag<std::uint16_t>{});
        case DType::uint32: return f(Tag<std::uint32_t>{});
        case DType::uint64: return f(Tag<std::uint64_t>{});
        case DType::float32: return f(Tag<float>{});
        case DType::float64: return f(Tag<double>{});
        case DType::string: break;
    }
    throw InternalError("text where a number was wanted");
}

/// The same for the dtypes that numeric values of a graph have.
template <class F>
void with_value(DType dtype, F&& f) {
    switch (dtype) {
        case DType::boolean: return f(Tag<bool>{});
        case DType::int64: return f(Tag<std::int64_t>{});
        case DType::float32: return f(Tag<float>{});
        case DType::float64: return f(Tag<double>{});
        default: throw InternalError("a value of dtype " + std::string(to_string(dtype)));
    }
}

/// The same for all dtypes that values of a graph have.
template <class F>
void with_any_value(DType dtype, F&& f) {
    if (dtype == DType::string) return f(Tag<std::string_view>{});
    with_value(dtype, f);
}

}  // namespace holdfast::engine

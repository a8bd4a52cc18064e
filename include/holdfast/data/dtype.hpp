/// DType: the element types of tensors, and ColumnType: the types of table columns.
///
/// Thread safety: values and pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

enum class DType : std::uint8_t {
    boolean,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float32,
    float64,
    string
};

/// Bytes of one element; a string element is a std::string_view into memory that outlives the tensor.
[[nodiscard]] HOLDFAST_EXPORT std::int64_t size_of(DType dtype) noexcept;
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(
    DType dtype) noexcept;                                               ///< numpy's name: "float32"; "bool", "string"
[[nodiscard]] HOLDFAST_EXPORT DType parse_dtype(std::string_view name);  ///< InvalidArgument

template <class T>
struct dtype_of_t;
template <>
struct dtype_of_t<bool> {
    static constexpr DType value = DType::boolean;
};
template <>
struct dtype_of_t<std::int8_t> {
    static constexpr DType value = DType::int8;
};
template <>
struct dtype_of_t<std::int16_t> {
    static constexpr DType value = DType::int16;
};
template <>
struct dtype_of_t<std::int32_t> {
    static constexpr DType value = DType::int32;
};
template <>
struct dtype_of_t<std::int64_t> {
    static constexpr DType value = DType::int64;
};
template <>
struct dtype_of_t<std::uint8_t> {
    static constexpr DType value = DType::uint8;
};
template <>
struct dtype_of_t<std::uint16_t> {
    static constexpr DType value = DType::uint16;
};
template <>
struct dtype_of_t<std::uint32_t> {
    static constexpr DType value = DType::uint32;
};
template <>
struct dtype_of_t<std::uint64_t> {
    static constexpr DType value = DType::uint64;
};
template <>
struct dtype_of_t<float> {
    static constexpr DType value = DType::float32;
};
template <>
struct dtype_of_t<double> {
    static constexpr DType value = DType::float64;
};
template <>
struct dtype_of_t<std::string_view> {
    static constexpr DType value = DType::string;
};
template <class T>
inline constexpr DType dtype_of = dtype_of_t<T>::value;

/// What a column holds. Narrower integers are widened on the way in (uint32 to int64; uint64 where it fits).
enum class ColumnType : std::uint8_t {
    float32,
    float64,
    int32,
    int64,
    boolean,      ///< one byte a value
    string,       ///< UTF-8
    categorical,  ///< int32 codes into a list of strings
    timestamp,    ///< int64 microseconds since 1970 UTC
};
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(ColumnType type) noexcept;
[[nodiscard]] HOLDFAST_EXPORT ColumnType parse_column_type(std::string_view name);  ///< InvalidArgument
[[nodiscard]] constexpr bool is_numeric(ColumnType type) noexcept { return type <= ColumnType::int64; }

}  // namespace holdfast

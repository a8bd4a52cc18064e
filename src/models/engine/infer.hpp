/// What the checks of forms share; each throws InvalidArgument naming the field.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>

#include "models/engine/step.hpp"

namespace holdfast::engine {

[[noreturn]] inline void refuse(const std::string& what) { throw InvalidArgument(what); }

inline void expect(bool fits, const char* field, std::int64_t seen, const std::string& wanted) {
    if (!fits) refuse(std::string(field) + ": " + std::to_string(seen) + " given, " + wanted + " wanted");
}

template <class T>
inline void expect_size(const char* field, const std::vector<T>& values, std::int64_t wanted) {
    const auto seen = static_cast<std::int64_t>(values.size());
    expect(seen == wanted, field, seen, std::to_string(wanted) + " values");
}

template <class T>
inline void expect_size_or_empty(const char* field, const std::vector<T>& values, std::int64_t wanted) {
    if (!values.empty()) expect_size(field, values, wanted);
}

inline void expect_columns(const char* field, const std::vector<std::int64_t>& columns, std::int64_t width) {
    for (const std::int64_t column : columns)
        expect(column >= 0 && column < width, field, column, "a column from 0 to " + std::to_string(width - 1));
}

[[nodiscard]] inline ValueType numeric(std::span<const ValueType> inputs) {
    if (inputs[0].dtype == DType::string) refuse("text given, numbers wanted");
    return inputs[0];
}

[[nodiscard]] inline DType compute_dtype(DType dtype) {
    if (dtype != DType::float32 && dtype != DType::float64)
        refuse("compute: " + std::string(holdfast::to_string(dtype)) + " given, float32 or float64 wanted");
    return dtype;
}

// The forms of tensors and of keys, in infer_tensor.cpp.
[[nodiscard]] ValueType infer_form(const forms::Elementwise& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Constant& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Math& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Reduce& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Product& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::TopK& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Pick& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Choose& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Encode& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::OneHot& form, std::span<const ValueType> in);
[[nodiscard]] ValueType infer_form(const forms::Numbers& form, std::span<const ValueType> in);

}  // namespace holdfast::engine

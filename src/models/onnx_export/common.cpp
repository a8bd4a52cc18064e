#include <limits>
#include <numeric>

#include "models/onnx_export/forms.hpp"

namespace holdfast::onnx_export {

std::string operand(File& file, const Operand& x, DType compute) {
    DType dtype = x.type.dtype;
    std::string name = x.name;
    if (compute == DType::float32) {
        name = file.cast(name, dtype, DType::float32);
        dtype = DType::float32;
    }
    return file.cast(name, dtype, DType::float64);
}

std::string result(File& file, const std::string& y, DType compute) { return file.cast(y, DType::float64, compute); }

std::string is_nan(File& file, const std::string& x, DType dtype) {
    if (dtype == DType::float32 || dtype == DType::float64) return file.add("IsNaN", {x});
    return file.add("Not", {file.add("Equal", {x, x})});
}

std::string any_nan(File& file, const std::string& x, DType dtype, std::int64_t axes) {
    const std::string flags = file.cast(is_nan(file, x, dtype), DType::boolean, DType::float64);
    return file.add("Greater", {reduced(file, "ReduceMax", flags, axes), file.number(0.0)});
}

std::string position_of_best(File& file, const std::string& x, DType dtype, std::int64_t axes, bool greatest,
                             bool last) {
    const auto best = [&](const std::string& of, bool of_greatest, bool of_last) {
        return file.add(
            of_greatest ? "ArgMax" : "ArgMin", {of},
            {{"axis", axes - 1}, {"keepdims", std::int64_t{0}}, {"select_last_index", std::int64_t{of_last}}});
    };
    const std::string numbers = dtype == DType::boolean ? file.cast(x, dtype, DType::int64) : x;
    const std::string position = best(numbers, greatest, last);
    if (dtype != DType::float32 && dtype != DType::float64) return position;
    const std::string flags = file.cast(is_nan(file, x, dtype), DType::boolean, DType::int64);
    return file.add("Where", {any_nan(file, x, dtype, axes), best(flags, true, false), position});
}

std::string reduced(File& file, std::string_view type, const std::string& x, std::int64_t axes, bool keep) {
    return file.add(type, {x, file.integers({axes - 1})}, {{"keepdims", std::int64_t{keep}}});
}

std::string counting(File& file, std::int64_t size) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(size));
    std::iota(values.begin(), values.end(), std::int64_t{0});
    return file.integers(std::move(values));
}

}  // namespace holdfast::onnx_export

// Cast, Select, Concat, Scale, Impute, Normalize, Linear.
#include <algorithm>
#include <numeric>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/engine/float_step.hpp"
#include "models/onnx_export/forms.hpp"

namespace holdfast::onnx_export {
namespace {

std::string columns_of(File& file, const std::string& x, const std::vector<std::int64_t>& columns, std::int64_t width) {
    const auto count = static_cast<std::int64_t>(columns.size());
    bool all = count == width;
    for (std::int64_t i = 0; all && i < width; ++i) all = columns[static_cast<std::size_t>(i)] == i;
    return all ? x : file.add("Gather", {x, file.integers(columns)}, {{"axis", std::int64_t{1}}});
}

/// The numbers as constants of `dtype`, converted as the engine does.
std::string numbers_of(File& file, const std::vector<double>& values, DType dtype) {
    const auto size = static_cast<std::int64_t>(values.size());
    if (dtype == DType::float32 || dtype == DType::float64) return file.numbers(values, {size}, dtype);
    std::vector<std::int64_t> whole;
    for (const double value : values) whole.push_back(engine::convert<std::int64_t>(value));
    return file.integers(std::move(whole));
}

}  // namespace

std::string write(File& file, const forms::Cast& form, Operands in) {
    if (in[0].type.dtype == DType::float64 && form.to == DType::string)
        throw Unsupported("float64 to text: ONNX Runtime writes eight digits of it; float32 to text is covered");
    return file.cast(in[0].name, in[0].type.dtype, form.to);
}

std::string write(File& file, const forms::Select& form, Operands in) {
    return columns_of(file, in[0].name, form.columns, in[0].type.width);
}

std::string write(File& file, const forms::Concat&, Operands in) {
    Names names;
    for (const Operand& part : in) names.push_back(part.name);
    return file.add("Concat", names, {{"axis", std::int64_t{1}}});
}

std::string write(File& file, const forms::Scale& form, Operands in) {
    std::string y = operand(file, in[0], form.compute);
    const auto constant = [&](const std::vector<double>& values) {
        return file.numbers(engine::rounded(values, form.compute), {in[0].type.width});
    };
    if (!form.offset.empty()) y = file.add("Sub", {y, constant(form.offset)});
    if (!form.scale.empty()) y = file.add(form.divide ? "Div" : "Mul", {y, constant(form.scale)});
    return result(file, y, form.compute);
}

std::string write(File& file, const forms::Impute& form, Operands in) {
    const auto [dtype, width] = in[0].type;
    const auto is_missing = [&](const std::string& x) {
        if (form.missing_is_nan) return is_nan(file, x, dtype);
        return file.add("Equal", {file.cast(x, dtype, DType::float64), file.number(form.missing_value)});
    };
    Names parts;
    if (!form.kept.empty()) {
        const std::string kept = columns_of(file, in[0].name, form.kept, width);
        parts.push_back(file.add("Where", {is_missing(kept), numbers_of(file, form.fill, dtype), kept}));
    }
    if (!form.indicators.empty() || parts.empty()) {
        const std::string flagged = columns_of(file, in[0].name, form.indicators, width);
        parts.push_back(file.cast(is_missing(flagged), DType::boolean, dtype));
    }
    return parts.size() == 1 ? parts[0] : file.add("Concat", parts, {{"axis", std::int64_t{1}}});
}

std::string write(File& file, const forms::Normalize& form, Operands in) {
    const std::string x = operand(file, in[0], form.compute);
    std::string length;
    switch (form.norm) {
        case forms::Norm::l1: length = reduced(file, "ReduceSum", file.add("Abs", {x}), 2, true); break;
        case forms::Norm::l2:
            length = file.add("Sqrt", {reduced(file, "ReduceSum", file.add("Mul", {x, x}), 2, true)});
            break;
        case forms::Norm::max: length = reduced(file, "ReduceMax", file.add("Abs", {x}), 2, true); break;
    }
    const std::string is_zero = file.add("Equal", {length, file.number(0.0)});
    const std::string divisor = file.add("Where", {is_zero, file.number(1.0), length});
    return result(file, file.add("Div", {x, divisor}), form.compute);
}

std::string write(File& file, const forms::Linear& form, Operands in) {
    const std::string x = operand(file, in[0], form.compute);
    const std::string weights =
        file.numbers(engine::rounded(form.weights, form.compute), {form.outputs, form.features});
    const std::string intercept = file.numbers(engine::rounded(form.intercept, form.compute), {form.outputs});
    return result(file, file.add("Gemm", {x, weights, intercept}, {{"transB", std::int64_t{1}}}), form.compute);
}

}  // namespace holdfast::onnx_export

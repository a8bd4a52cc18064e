// PostTransform, ArgMax, Threshold, Lookup.
#include <holdfast/base/error.hpp>

#include "models/onnx_export/forms.hpp"

namespace holdfast::onnx_export {
namespace {

using forms::Transform;

std::string softmax_zero(File& file, const std::string& x) {
    const std::string greatest = reduced(file, "ReduceMax", x, 2, true);
    const std::string counts = file.add("Greater", {file.add("Abs", {x}), file.number(1e-7)});
    const std::string power = file.add("Exp", {file.add("Sub", {x, greatest})});
    const std::string shrunk = file.add("Mul", {x, file.add("Exp", {file.add("Neg", {greatest})})});
    const std::string sum = reduced(file, "ReduceSum", file.add("Where", {counts, power, file.number(0.0)}), 2, true);
    const std::string divisor = file.add("Where", {file.add("Equal", {sum, file.number(0.0)}), file.number(1.0), sum});
    return file.add("Div", {file.add("Where", {counts, power, shrunk}), divisor});
}

std::string normalized(File& file, const std::string& x, std::int64_t width) {
    const std::string sum = reduced(file, "ReduceSum", x, 2, true);
    const std::string is_zero = file.add("Equal", {sum, file.number(0.0)});
    return file.add("Where", {is_zero, file.number(1.0 / static_cast<double>(width)), file.add("Div", {x, sum})});
}

std::string beside(File& file, const std::string& left, const std::string& right) {
    return file.add("Concat", {left, right}, {{"axis", std::int64_t{1}}});
}

std::string transformed(File& file, Transform transform, const std::string& x, std::int64_t width) {
    const auto one = [&] { return file.number(1.0); };
    switch (transform) {
        case Transform::softmax: return file.add("Softmax", {x}, {{"axis", std::int64_t{1}}});
        case Transform::softmax_zero: return softmax_zero(file, x);
        case Transform::logistic: {
            const std::string power = file.add("Exp", {file.add("Neg", {x})});
            return file.add("Div", {one(), file.add("Add", {one(), power})});
        }
        case Transform::probit: throw Unsupported("transform \"probit\": ONNX has no normal quantile");
        case Transform::complement: return beside(file, file.add("Sub", {one(), x}), x);
        case Transform::negate_pair: return beside(file, file.add("Neg", {x}), x);
        case Transform::normalize_rows: return normalized(file, x, width);
        case Transform::exp: return file.add("Exp", {x});
        case Transform::log: return file.add("Log", {x});
        case Transform::absolute: return file.add("Abs", {x});
    }
    throw InternalError("ONNX export: a transform without a name");
}

}  // namespace

std::string write(File& file, const forms::PostTransform& form, Operands in) {
    const std::string x = operand(file, in[0], form.compute);
    return result(file, transformed(file, form.transform, x, in[0].type.width), form.compute);
}

std::string write(File& file, const forms::ArgMax&, Operands in) {
    return file.reshape(position_of_best(file, in[0].name, in[0].type.dtype, 2, true, false), {0, 1});
}

std::string write(File& file, const forms::Threshold& form, Operands in) {
    const std::string x = file.cast(in[0].name, in[0].type.dtype, DType::float64);
    const std::string above = file.add(form.or_equal ? "GreaterOrEqual" : "Greater", {x, file.number(form.value)});
    return file.cast(above, DType::boolean, DType::int64);
}

// Both look the position up; a LabelEncoder says that what it gives are labels, a Gather refuses positions outside.
std::string write_lookup(File& file, const forms::Lookup& form, Operands in, bool are_classes) {
    const std::int64_t count = size(form.labels);
    const DType dtype = form.labels.index() == 0 ? DType::int64 : DType::string;
    if (!are_classes) return file.add("Gather", {file.constant({dtype, {count}, {}, form.labels}), in[0].name});
    std::vector<std::int64_t> positions;
    for (std::int64_t i = 0; i < count; ++i) positions.push_back(i);
    Attributes attributes{{"keys_int64s", positions}};
    if (const auto* whole = std::get_if<0>(&form.labels)) attributes.emplace_back("values_int64s", *whole);
    if (const auto* texts = std::get_if<1>(&form.labels)) attributes.emplace_back("values_strings", *texts);
    return file.add_ml("LabelEncoder", {in[0].name}, attributes);
}

}  // namespace holdfast::onnx_export

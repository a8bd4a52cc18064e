// Scaler, Imputer, Normalizer, LpNormalization: what happens to columns before a model sees them.
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "models/onnx/tensors.hpp"

namespace holdfast::onnx {
namespace {

/// One value for all columns, or one for each.
std::vector<double> for_columns(Operation& op, std::string_view name, const std::vector<float>& values,
                                std::int64_t width) {
    if (values.size() == 1) {
        op.builder().spend(width);
        return std::vector<double>(static_cast<std::size_t>(width), static_cast<double>(values[0]));
    }
    op.expect_size(name, values.size(), width);
    return {values.begin(), values.end()};
}

/// x / divisor, and x itself where the divisor is zero.
Value divided(Operation& op, const Value& x, const Value& divisor) {
    const Value is_zero = combined(op, forms::Operation::equal, divisor, op.builder().number(0.0, divisor.dtype));
    const Value one = broadcast(op, op.builder().number(1.0, divisor.dtype), divisor);
    const Value safe = op.builder().add_like(forms::Choose{}, {is_zero, one, divisor}, divisor);
    return combined(op, forms::Operation::divide, x, safe);
}

}  // namespace

// float32 is subtracted from and then multiplied in float32, rounding after each: tree thresholds behind see the same
// bits as in ONNX Runtime.
void translate_scaler(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const Value& x = op.value(0);
    const DType compute = x.dtype == DType::float64 ? DType::float64 : DType::float32;
    forms::Scale offset, scale;
    offset.offset = for_columns(op, "offset", op.numbers("offset"), x.width);
    scale.scale = for_columns(op, "scale", op.numbers("scale"), x.width);
    scale.divide = false;
    offset.compute = scale.compute = compute;
    const Value centred = builder.add(std::move(offset), {x}, compute, x.width);
    op.set_output(0, builder.cast(builder.add(std::move(scale), {centred}, compute, x.width), DType::float32));
}

void translate_imputer(Operation& op) {
    op.expect_inputs(1, 1);
    const Value& x = op.value(0);
    forms::Impute form;
    if (x.dtype == DType::float32 || x.dtype == DType::float64) {
        if (!op.has("replaced_value_float")) op.corrupt("has no replaced_value_float");
        form.missing_value = static_cast<double>(op.number("replaced_value_float", 0.0F));
        form.fill = for_columns(op, "imputed_value_floats", op.numbers("imputed_value_floats"), x.width);
    } else if (x.dtype == DType::int64) {
        if (!op.has("replaced_value_int64")) op.corrupt("has no replaced_value_int64");
        form.missing_value = static_cast<double>(op.integer("replaced_value_int64", 0));
        const std::vector<std::int64_t> values = op.integers("imputed_value_int64s");
        op.expect_size("imputed_value_int64s", values.size(), x.width);
        form.fill.assign(values.begin(), values.end());
    } else {
        op.refuse("of " + std::string(to_string(x.dtype)) + " is not covered");
    }
    form.missing_is_nan = std::isnan(form.missing_value);
    if (form.missing_is_nan) form.missing_value = 0.0;
    op.builder().spend(x.width);
    form.kept.resize(static_cast<std::size_t>(x.width));
    std::iota(form.kept.begin(), form.kept.end(), std::int64_t{0});
    op.set_output(0, op.builder().add(std::move(form), {x}, x.dtype, x.width));
}

// MAX divides by the greatest value, as the specification says; scikit-learn divides by the greatest size.
void translate_normalizer(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const std::string_view norm = op.text("norm", "MAX");
    if (norm != "L1" && norm != "L2" && norm != "MAX")
        op.corrupt("norm is \"" + std::string(norm.substr(0, 100)) + "\"");
    const Value x = op.value(0);
    if (norm != "MAX") {
        const forms::Normalize form{norm == "L1" ? forms::Norm::l1 : forms::Norm::l2, DType::float32};
        return op.set_output(0, builder.add(form, {x}, DType::float32, x.width));
    }
    const Value rounded = builder.cast(x, DType::float32);
    const Value greatest = reduced(op, forms::Reduction::maximum, rounded, {x.dims.size() - 1});
    op.set_output(0, divided(op, rounded, greatest));
}

void translate_lp_normalization(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    expect_float(op, x);
    const std::size_t axis = axis_of(op, op.integer("axis", -1), rank_of(x));
    const std::int64_t p = op.integer("p", 2);
    if (p != 1 && p != 2) op.corrupt("p is " + std::to_string(p) + ", 1 or 2 wanted");
    const auto norm = p == 1 ? forms::Reduction::sum_of_absolutes : forms::Reduction::length;
    op.set_output(0, divided(op, x, reduced(op, norm, x, {axis})));
}

}  // namespace holdfast::onnx

// Add, Sub, Mul, Div, Sum, Neg, Abs, Exp, Log, Sigmoid, comparisons, ReduceSum, Softmax, ArgMax.
#include <string>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

using forms::Operation::add;

const Value& float_value(const Operation& op, std::int64_t i) {
    const Value& x = op.value(i);
    if (x.dtype != DType::float32 && x.dtype != DType::float64)
        op.refuse("of " + std::string(to_string(x.dtype)) + " is not covered; float and double are");
    return x;
}

/// A constant that is the same for every row: one number, or one a column.
std::vector<double> row_constant(const Operation& op, std::int64_t i, std::int64_t width) {
    const TensorProto& tensor = op.constant(i);
    const bool rows = tensor.dims.size() > 2 || (tensor.dims.size() == 2 && tensor.dims[0] != 1);
    if (rows || (tensor.size() != 1 && tensor.size() != width))
        op.refuse("with a constant of " + std::to_string(tensor.size()) + " elements against " + std::to_string(width) +
                  " columns is not covered");
    return op.numbers_of_constant(i);
}

/// x with its one column repeated.
Value widened(Operation& op, const Value& x, std::int64_t width) {
    if (x.width == width) return x;
    if (x.width != 1) op.corrupt("joins " + std::to_string(x.width) + " columns with " + std::to_string(width));
    op.builder().spend(width);
    return op.builder().add(forms::Select{std::vector<std::int64_t>(static_cast<std::size_t>(width), 0)}, {x}, x.dtype,
                            width);
}

Value combined(Operation& op, forms::Operation operation, const Value& a, const Value& b) {
    if (a.dtype != b.dtype)
        op.corrupt("joins " + std::string(to_string(a.dtype)) + " with " + std::string(to_string(b.dtype)));
    const std::int64_t width = a.width == 1 ? b.width : a.width;
    return op.builder().add(forms::Elementwise{operation, {}, a.dtype}, {widened(op, a, width), widened(op, b, width)},
                            a.dtype, width);
}

forms::Operation operation_of(std::string_view type) {
    if (type == "Add") return add;
    if (type == "Sub") return forms::Operation::subtract;
    if (type == "Mul") return forms::Operation::multiply;
    return forms::Operation::divide;
}

Value with_constant(Operation& op, forms::Operation operation, bool constant_first) {
    Builder& builder = op.builder();
    const Value& x = float_value(op, constant_first ? 1 : 0);
    std::vector<double> constant = row_constant(op, constant_first ? 0 : 1, x.width);
    if (x.width == 1 && constant.size() != 1) op.refuse("that widens a column is not covered");
    Value left = x;
    if (constant_first && operation == forms::Operation::divide) op.refuse("of a constant by a value is not covered");
    if (constant_first && operation == forms::Operation::subtract) {
        left = builder.scaled(x, -1.0);
        operation = add;
    }
    return builder.add(forms::Elementwise{operation, std::move(constant), x.dtype}, {left}, x.dtype, x.width);
}

void expect_last_axis(const Operation& op, std::int64_t axis) {
    if (axis != 1 && axis != -1) op.refuse("along axis " + std::to_string(axis) + " is not covered; 1 is");
}

}  // namespace

void translate_arithmetic(Operation& op) {
    op.expect_inputs(2, 2);
    const forms::Operation operation = operation_of(op.type());
    if (op.is_constant(0) || op.is_constant(1)) {
        op.set_output(0, with_constant(op, operation, op.is_constant(0)));
    } else {
        op.set_output(0, combined(op, operation, float_value(op, 0), float_value(op, 1)));
    }
}

void translate_sum(Operation& op) {
    op.expect_inputs(1, 65536);
    Value sum = float_value(op, 0);
    for (std::int64_t i = 1; i < op.inputs(); ++i) sum = combined(op, add, sum, float_value(op, i));
    op.set_output(0, std::move(sum));
}

void translate_unary(Operation& op) {
    op.expect_inputs(1, 1);
    const Value& x = float_value(op, 0);
    Builder& builder = op.builder();
    if (op.type() == "Neg") return op.set_output(0, builder.scaled(x, -1.0));
    const forms::Transform transform = op.type() == "Abs"   ? forms::Transform::absolute
                                       : op.type() == "Exp" ? forms::Transform::exp
                                       : op.type() == "Log" ? forms::Transform::log
                                                            : forms::Transform::logistic;
    Value out = builder.transform(x, transform, x.dtype);
    if (transform == forms::Transform::logistic) out.meaning = Meaning::probability;
    op.set_output(0, std::move(out));
}

// x < c is -x > -c, also for NaN.
void translate_comparison(Operation& op) {
    op.expect_inputs(2, 2);
    Builder& builder = op.builder();
    const Value& x = float_value(op, 0);
    const std::vector<double> constant = row_constant(op, 1, 1);
    const bool less = op.type().starts_with("Less");
    const bool or_equal = op.type().ends_with("OrEqual");
    const forms::Threshold form{less ? -constant[0] : constant[0], or_equal};
    Value out = builder.add(form, {less ? builder.scaled(x, -1.0) : x}, DType::int64, x.width);
    out.meaning = Meaning::other;
    op.set_output(0, builder.cast(out, DType::boolean));
}

void translate_reduce_sum(Operation& op) {
    op.expect_inputs(1, 2);
    const Value& x = float_value(op, 0);
    const std::vector<std::int64_t>& axes = op.inputs() == 2 ? op.constant(1).integers : op.integers("axes");
    if (axes.size() != 1) op.refuse("along " + std::to_string(axes.size()) + " axes is not covered; 1 is");
    expect_last_axis(op, axes[0]);
    if (op.integer("keepdims", 1) != 1) op.refuse("without keepdims is not covered");
    op.ignore("noop_with_empty_axes");
    op.builder().spend(x.width);
    forms::Linear form{x.width, 1, std::vector<double>(static_cast<std::size_t>(x.width), 1.0), {0.0}, x.dtype};
    Value out = op.builder().add(std::move(form), {x}, x.dtype, 1);
    out.meaning = Meaning::other;
    op.set_output(0, std::move(out));
}

void translate_softmax(Operation& op) {
    op.expect_inputs(1, 1);
    expect_last_axis(op, op.integer("axis", -1));
    const Value& x = float_value(op, 0);
    Value out = op.builder().transform(x, forms::Transform::softmax, x.dtype);
    out.meaning = Meaning::probability;
    op.set_output(0, std::move(out));
}

void translate_arg_max(Operation& op) {
    op.expect_inputs(1, 1);
    expect_last_axis(op, op.integer("axis", 0));
    op.ignore("keepdims");
    if (op.integer("select_last_index", 0) != 0) op.refuse("with select_last_index is not covered");
    op.set_output(0, op.builder().arg_max(op.value(0)));
}

}  // namespace holdfast::onnx

// Element by element: Add, Sub, Mul, Div, Sum, Min, Max, Pow, Clip, functions of one number, comparisons, logic, Where.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "models/onnx/tensors.hpp"

namespace holdfast::onnx {
namespace {

using forms::Function;

forms::Operation operation_of(std::string_view type) {
    using enum forms::Operation;
    constexpr std::array<std::pair<std::string_view, forms::Operation>, 12> names{{{"Add", add},
                                                                                   {"Sub", subtract},
                                                                                   {"Mul", multiply},
                                                                                   {"Div", divide},
                                                                                   {"Equal", equal},
                                                                                   {"Less", less},
                                                                                   {"LessOrEqual", less_equal},
                                                                                   {"Greater", greater},
                                                                                   {"GreaterOrEqual", greater_equal},
                                                                                   {"And", both},
                                                                                   {"Or", either},
                                                                                   {"Xor", one_of}}};
    return std::ranges::find(names, type, &std::pair<std::string_view, forms::Operation>::first)->second;
}

Function function_of(std::string_view type) {
    constexpr std::array<std::pair<std::string_view, Function>, 13> names{{{"Neg", Function::negate},
                                                                           {"Abs", Function::absolute},
                                                                           {"Relu", Function::relu},
                                                                           {"Tanh", Function::tanh},
                                                                           {"Sqrt", Function::square_root},
                                                                           {"Erf", Function::erf},
                                                                           {"Softplus", Function::softplus},
                                                                           {"Sign", Function::sign},
                                                                           {"Floor", Function::floor},
                                                                           {"Ceil", Function::ceil},
                                                                           {"Round", Function::round_even},
                                                                           {"Reciprocal", Function::reciprocal},
                                                                           {"IsNaN", Function::is_nan}}};
    return std::ranges::find(names, type, &std::pair<std::string_view, Function>::first)->second;
}

/// Functions that the file may also ask for of integers.
bool is_whole(Function function) {
    return function == Function::negate || function == Function::absolute || function == Function::relu ||
           function == Function::sign;
}

Value without_meaning(Value x) {
    x.meaning = Meaning::other;
    return x;
}

}  // namespace

void translate_arithmetic(Operation& op) {
    op.expect_inputs(2, 2);
    const Value a = op.operand(0), b = op.operand(1);
    expect_number(op, a);
    op.set_output(0, combined(op, operation_of(op.type()), a, b));
}

void translate_sum(Operation& op) {
    op.expect_inputs(1, 65536);
    Value sum = op.operand(0);
    expect_float(op, sum);
    for (std::int64_t i = 1; i < op.inputs(); ++i) sum = combined(op, forms::Operation::add, sum, op.operand(i));
    op.set_output(0, std::move(sum));
}

void translate_extreme(Operation& op) {
    op.expect_inputs(1, 65536);
    const auto operation = op.type() == "Min" ? forms::Operation::minimum : forms::Operation::maximum;
    Value extreme = op.operand(0);
    expect_number(op, extreme);
    for (std::int64_t i = 1; i < op.inputs(); ++i) extreme = combined(op, operation, extreme, op.operand(i));
    op.set_output(0, std::move(extreme));
}

// The power of an integer by a number with a fraction is computed in double and cut.
void translate_power(Operation& op) {
    op.expect_inputs(2, 2);
    Builder& builder = op.builder();
    const Value x = op.operand(0), y = op.operand(1);
    expect_number(op, x);
    expect_number(op, y);
    const bool in_double = x.dtype == DType::int64 && is_float(y);
    const DType compute = in_double ? DType::float64 : x.dtype;
    Value base = builder.cast(x, compute), exponent = builder.cast(y, compute);
    base.whole32 = exponent.whole32 = x.whole32 && !in_double;
    Value out = builder.cast(combined(op, forms::Operation::power, base, exponent), x.dtype);
    out.whole32 = x.whole32;
    op.set_output(0, in_double ? wrapped(op, out) : std::move(out));
}

void translate_clip(Operation& op) {
    op.expect_inputs(1, op.since() < 11 ? 1 : 3);
    Value x = op.operand(0);
    expect_number(op, x);
    const auto bound = [&](std::int64_t i, std::string_view attribute, forms::Operation operation) {
        if (op.since() < 11 && op.has(attribute)) {
            x = combined(op, operation, x,
                         op.builder().number(static_cast<double>(op.number(attribute, 0.0F)), x.dtype));
        } else if (op.has_input(i)) {
            const Value given = op.operand(i);
            if (given.width != 1 || given.rows >= 0) op.corrupt("has a bound that is not one number");
            x = combined(op, operation, x, given);
        }
    };
    bound(1, "min", forms::Operation::maximum);
    bound(2, "max", forms::Operation::minimum);
    op.set_output(0, std::move(x));
}

void translate_unary(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    if (op.type() == "IsNaN") {
        op.ignore("detect_negative");
        expect_float(op, x);
        return op.set_output(0, without_meaning(applied(op, Function::is_nan, x)));
    }
    if (op.type() == "Exp" || op.type() == "Log" || op.type() == "Sigmoid") {
        expect_float(op, x);
        Value out = applied(op,
                            op.type() == "Exp"   ? forms::Transform::exp
                            : op.type() == "Log" ? forms::Transform::log
                                                 : forms::Transform::logistic,
                            x);
        if (op.type() == "Sigmoid") out.meaning = Meaning::probability;
        return op.set_output(0, std::move(out));
    }
    const Function function = function_of(op.type());
    if (is_whole(function)) {
        expect_number(op, x);
    } else {
        expect_float(op, x);
    }
    op.set_output(0, applied(op, function, x));
}

void translate_comparison(Operation& op) {
    op.expect_inputs(2, 2);
    const Value a = op.operand(0), b = op.operand(1);
    if (op.type() != "Equal") expect_number(op, a);
    op.set_output(0, combined(op, operation_of(op.type()), a, b));
}

void translate_logic(Operation& op) {
    op.expect_inputs(2, 2);
    const Value a = op.operand(0), b = op.operand(1);
    if (a.dtype != DType::boolean) op.corrupt("of " + std::string(to_string(a.dtype)) + ", bool wanted");
    op.set_output(0, combined(op, operation_of(op.type()), a, b));
}

void translate_not(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    if (x.dtype != DType::boolean) op.corrupt("of " + std::string(to_string(x.dtype)) + ", bool wanted");
    op.set_output(0, applied(op, Function::exclusive_not, x));
}

void translate_where(Operation& op) {
    op.expect_inputs(3, 3);
    const Value condition = op.operand(0);
    if (condition.dtype != DType::boolean)
        op.corrupt("chooses by " + std::string(to_string(condition.dtype)) + ", bool wanted");
    op.set_output(0, chosen(op, condition, op.operand(1), op.operand(2)));
}

}  // namespace holdfast::onnx

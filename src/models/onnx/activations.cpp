// What networks put behind their products: LeakyRelu, PRelu, Elu, Selu, HardSigmoid, Gelu; in double, rounded once.
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>

#include "models/onnx/tensors.hpp"

namespace holdfast::onnx {
namespace {

using enum forms::Operation;

Value number(Operation& op, double value) { return op.builder().number(value, DType::float64); }

Value attribute(Operation& op, std::string_view name, float otherwise) {
    return number(op, static_cast<double>(op.number(name, otherwise)));
}

/// x where it is not negative, else `below`.
Value rectified(Operation& op, const Value& x, const Value& below) {
    return chosen(op, combined(op, less, x, number(op, 0.0)), below, x);
}

Value exponential_below(Operation& op, const Value& x, float alpha) {
    const Value power = combined(op, subtract, applied(op, forms::Transform::exp, x), number(op, 1.0));
    return rectified(op, x, combined(op, multiply, power, attribute(op, "alpha", alpha)));
}

Value parametric(Operation& op, const Value& x) {
    const Value below = combined(op, multiply, x, op.builder().cast(op.operand(1), DType::float64));
    if (below.dims != x.dims) op.corrupt("has slopes that do not broadcast to what they are for");
    return rectified(op, x, below);
}

Value hard_sigmoid(Operation& op, const Value& x) {
    const Value line =
        combined(op, add, combined(op, multiply, x, attribute(op, "alpha", 0.2F)), attribute(op, "beta", 0.5F));
    return combined(op, minimum, combined(op, maximum, line, number(op, 0.0)), number(op, 1.0));
}

/// x Phi(x), or its approximation by tanh (Hendrycks and Gimpel, "Gaussian error linear units", 2016).
Value gaussian_error(Operation& op, const Value& x) {
    const std::string_view approximation = op.text("approximate", "none");
    Value share;
    if (approximation == "none") {
        share = applied(op, forms::Function::erf, combined(op, multiply, x, number(op, 1.0 / std::numbers::sqrt2)));
    } else if (approximation == "tanh") {
        const Value cube = combined(op, multiply, combined(op, multiply, x, x), x);
        const Value bent = combined(op, add, x, combined(op, multiply, cube, number(op, 0.044715)));
        share = applied(op, forms::Function::tanh,
                        combined(op, multiply, bent, number(op, std::sqrt(2.0 / std::numbers::pi))));
    } else {
        op.refuse("with approximate " + std::string(approximation) + " is not covered");
    }
    return combined(op, multiply, combined(op, add, share, number(op, 1.0)),
                    combined(op, multiply, x, number(op, 0.5)));
}

Value activated(Operation& op, const Value& x) {
    if (op.type() == "LeakyRelu") return rectified(op, x, combined(op, multiply, x, attribute(op, "alpha", 0.01F)));
    if (op.type() == "PRelu") return parametric(op, x);
    if (op.type() == "Elu") return exponential_below(op, x, 1.0F);
    if (op.type() == "Selu")
        return combined(op, multiply, exponential_below(op, x, 1.6732632F), attribute(op, "gamma", 1.050701F));
    if (op.type() == "HardSigmoid") return hard_sigmoid(op, x);
    return gaussian_error(op, x);
}

}  // namespace

void translate_activation(Operation& op) {
    const bool has_slopes = op.type() == "PRelu";
    op.expect_inputs(has_slopes ? 2 : 1, has_slopes ? 2 : 1);
    const Value x = op.operand(0);
    expect_float(op, x);
    if (has_slopes) expect_same_dtype(op, x, op.operand(1));
    op.set_output(0, op.builder().cast(activated(op, op.builder().cast(x, DType::float64)), x.dtype));
}

}  // namespace holdfast::onnx

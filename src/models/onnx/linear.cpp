// LinearClassifier, LinearRegressor, MatMul and Gemm.
#include <string>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

forms::Linear linear_of(const Operation& op, std::int64_t features, std::int64_t outputs,
                        const std::vector<float>& coefficients, const std::vector<float>& intercepts) {
    op.expect_size("coefficients", coefficients.size(), features * outputs);
    forms::Linear form;
    form.features = features;
    form.outputs = outputs;
    form.weights.assign(coefficients.begin(), coefficients.end());
    form.intercept.assign(intercepts.begin(), intercepts.end());
    if (form.intercept.empty()) form.intercept.assign(static_cast<std::size_t>(outputs), 0.0);
    op.expect_size("intercepts", form.intercept.size(), outputs);
    return form;
}

/// Constant 1 of a product, as (outputs, features).
forms::Linear product_with(Operation& op, const Value& x, bool transposed, double factor) {
    const TensorProto& matrix = op.constant(1);
    if (matrix.dims.size() != 2)
        op.refuse("with a constant of " + std::to_string(matrix.dims.size()) + " axes is not covered; 2 are");
    if (!matrix.is_float()) op.refuse("with a constant that is not of floats is not covered");
    const std::int64_t features = matrix.dims[transposed ? 1 : 0];
    const std::int64_t outputs = matrix.dims[transposed ? 0 : 1];
    if (features != x.width)
        op.corrupt("multiplies " + std::to_string(x.width) + " columns by " + std::to_string(features) + " rows");
    forms::Linear form;
    form.features = features;
    form.outputs = outputs;
    form.compute = x.dtype;
    form.intercept.assign(static_cast<std::size_t>(outputs), 0.0);
    form.weights.reserve(matrix.floats.size());
    for (std::int64_t i = 0; i < outputs; ++i) {
        for (std::int64_t j = 0; j < features; ++j)
            form.weights.push_back(
                factor * matrix.floats[static_cast<std::size_t>(transposed ? i * features + j : j * outputs + i)]);
    }
    return form;
}

void expect_float(const Operation& op, const Value& x) {
    if (x.dtype != DType::float32 && x.dtype != DType::float64)
        op.refuse("of " + std::string(to_string(x.dtype)) + " is not covered; float and double are");
}

void add_bias(Operation& op, forms::Linear& form, double factor) {
    const std::vector<double> bias = op.numbers_of_constant(2);
    if (bias.size() != 1) op.expect_size("input C", bias.size(), form.outputs);
    for (std::size_t i = 0; i < form.intercept.size(); ++i) form.intercept[i] = factor * bias[bias.size() == 1 ? 0 : i];
}

}  // namespace

void translate_linear_classifier(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const ClassLabels labels = op.labels("classlabels_ints", "classlabels_strings");
    const std::vector<float>& intercepts = op.numbers("intercepts");
    const std::int64_t classes = size(labels);
    // Scores are one a class whether the classes exclude each other or not.
    op.ignore("multi_class");
    if (static_cast<std::int64_t>(intercepts.size()) != classes || classes < 2)
        op.refuse("with " + std::to_string(intercepts.size()) + " intercepts for " + std::to_string(classes) +
                  " classes is not covered");

    const Value x = builder.cast(op.value(0), DType::float32);
    const Value scores = builder.add(linear_of(op, x.width, classes, op.numbers("coefficients"), intercepts), {x},
                                     DType::float64, classes);
    op.set_output(0, builder.label_of(builder.cast(scores, DType::float32), labels));
    op.set_output(1, post_transformed(op, scores, op.text("post_transform", "NONE")));
}

void translate_linear_regressor(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const std::int64_t targets = op.integer("targets", 1);
    if (targets < 1 || targets > (std::int64_t{1} << 20)) op.corrupt("targets is " + std::to_string(targets));
    if (op.text("post_transform", "NONE") != "NONE") op.refuse("with post_transform is not covered");
    const Value x = builder.cast(op.value(0), DType::float32);
    const Value y = builder.add(linear_of(op, x.width, targets, op.numbers("coefficients"), op.numbers("intercepts")),
                                {x}, DType::float64, targets);
    op.set_output(0, builder.cast(y, DType::float32));
}

void translate_matrix_product(Operation& op) {
    const bool gemm = op.type() == "Gemm";
    op.expect_inputs(2, gemm ? 3 : 2);
    const Value& x = op.value(0);
    expect_float(op, x);
    const bool transposed = gemm && op.integer("transB", 0) != 0;
    if (gemm && op.integer("transA", 0) != 0) op.refuse("with transA is not covered");
    const double alpha = gemm ? static_cast<double>(op.number("alpha", 1.0F)) : 1.0;
    const double beta = gemm ? static_cast<double>(op.number("beta", 1.0F)) : 1.0;
    forms::Linear form = product_with(op, x, transposed, alpha);
    if (op.inputs() == 3) add_bias(op, form, beta);
    const std::int64_t outputs = form.outputs;
    op.set_output(0, op.builder().add(std::move(form), {x}, x.dtype, outputs));
}

}  // namespace holdfast::onnx

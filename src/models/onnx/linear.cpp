// LinearClassifier, LinearRegressor, MatMul and Gemm.
#include <array>
#include <string>
#include <vector>

#include "models/onnx/tensors.hpp"

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

/// The constant matrix of a product, as (outputs, features).
forms::Linear product_with(const TensorProto& matrix, DType compute, bool transposed, double factor) {
    forms::Linear form;
    form.features = matrix.dims[transposed ? 1 : 0];
    form.outputs = matrix.dims[transposed ? 0 : 1];
    form.compute = compute;
    form.intercept.assign(static_cast<std::size_t>(form.outputs), 0.0);
    form.weights.reserve(matrix.floats.size());
    for (std::int64_t i = 0; i < form.outputs; ++i) {
        for (std::int64_t j = 0; j < form.features; ++j)
            form.weights.push_back(
                factor *
                matrix.floats[static_cast<std::size_t>(transposed ? i * form.features + j : j * form.outputs + i)]);
    }
    return form;
}

/// A row of columns times a constant matrix.
bool is_linear(const Value& a, const Value& b, bool transposed) {
    return a.literal == nullptr && b.literal != nullptr && b.rows < 0 && b.dims.size() == 2 && a.dims.size() == 2 &&
           a.rows == 0 && b.dims[transposed ? 1 : 0] == a.width && b.dims[transposed ? 0 : 1] >= 1;
}

/// A bias that is one number, or one an output.
bool is_bias(const Value& c, std::int64_t outputs) {
    const bool row = c.dims.size() < 2 || (c.dims.size() == 2 && c.dims[0] == 1);
    return c.literal != nullptr && c.rows < 0 && row && (c.width == 1 || c.width == outputs);
}

Value product(Operation& op, const Value& a, const Value& b) {
    if (a.dims.back() != b.dims[b.dims.size() - 2])
        op.corrupt("multiplies " + std::to_string(a.dims.back()) + " columns by " +
                   std::to_string(b.dims[b.dims.size() - 2]) + " rows");
    const auto batches = [](Value value) {
        const std::size_t batch_axes = value.dims.size() - 2;
        value.dims.resize(batch_axes);
        value.rows = value.rows < static_cast<std::int64_t>(batch_axes) ? value.rows : -1;
        return value;
    };
    const std::array<Value, 2> both{batches(a), batches(b)};
    Value like = joined(both);
    const std::int64_t m = a.dims[a.dims.size() - 2], k = a.dims.back(), n = b.dims.back(),
                       batch = size_of_dims(like.dims);
    if (m == 0 || k == 0 || n == 0 || batch == 0) op.refuse("of a tensor without elements is not covered");
    const auto spread = [&](const Value& value, std::int64_t rows, std::int64_t columns) {
        Value wanted = like;
        wanted.dims.insert(wanted.dims.end(), {rows, columns});
        return broadcast(op, value, wanted);
    };
    Value out = like;
    out.dims.insert(out.dims.end(), {m, n});
    const auto rank = static_cast<std::int64_t>(out.dims.size());
    const auto rows_of_matrix = [&](const Value& value, std::int64_t from_right) {
        return value.rows >= 0 && static_cast<std::int64_t>(value.dims.size()) - value.rows == from_right;
    };
    const bool rows_in_a = rows_of_matrix(a, 2), rows_in_b = rows_of_matrix(b, 1);
    if (rows_of_matrix(a, 1) || rows_of_matrix(b, 2) || (rows_in_a && b.rows >= 0) || (rows_in_b && a.rows >= 0))
        throw MixesRows();
    if (rows_in_a || rows_in_b) out.rows = rank - (rows_in_a ? 2 : 1);
    out.dtype = a.dtype;
    return op.builder().add_like(forms::Product{batch, m, k, n, a.dtype}, {spread(a, m, k), spread(b, k, n)}, out);
}

}  // namespace

void translate_linear_classifier(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const ClassLabels labels = op.labels("classlabels_ints", "classlabels_strings");
    const std::vector<float> intercepts = op.numbers("intercepts");
    const std::int64_t classes = size(labels);
    const std::string_view post_transform = op.text("post_transform", "NONE");
    // Scores are one a class whether the classes exclude each other or not.
    op.ignore("multi_class");
    const auto outputs = static_cast<std::int64_t>(intercepts.size());
    const bool margin = classes == 2 && outputs == 1 && post_transform == "LOGISTIC";
    if (!margin && (outputs != classes || classes < 2))
        op.refuse("with " + std::to_string(outputs) + " intercepts for " + std::to_string(classes) +
                  " classes is not covered; one a class is, and one for two classes with LOGISTIC");

    const Value x = builder.cast(op.value(0), DType::float32);
    Value scores = builder.add(linear_of(op, x.width, outputs, op.numbers("coefficients"), intercepts), {x},
                               DType::float64, outputs);
    if (margin) {
        const Value rounded = builder.cast(scores, DType::float32);
        op.set_output(0, builder.lookup(builder.add(forms::Threshold{}, {rounded}, DType::int64, 1), labels));
        scores = builder.transform(scores, forms::Transform::negate_pair, DType::float64);
    } else {
        op.set_output(0, builder.label_of(builder.cast(scores, DType::float32), labels));
    }
    op.set_output(1, post_transformed(op, scores, post_transform));
}

void translate_linear_regressor(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const std::int64_t targets = op.integer("targets", 1);
    if (targets < 1 || targets > (std::int64_t{1} << 20)) op.corrupt("targets is " + std::to_string(targets));
    const Value x = builder.cast(op.value(0), DType::float32);
    const Value y = builder.add(linear_of(op, x.width, targets, op.numbers("coefficients"), op.numbers("intercepts")),
                                {x}, DType::float64, targets);
    op.set_output(0, builder.cast(transformed_targets(op, y, op.text("post_transform", "NONE")), DType::float32));
}

// As numpy: a vector is a row on the left, a column on the right, and that axis goes from the result.
void translate_matrix_product(Operation& op) {
    op.expect_inputs(2, 2);
    Value a = op.operand(0), b = op.operand(1);
    expect_float(op, a);
    expect_same_dtype(op, a, b);
    if (a.dims.empty() || b.dims.empty()) op.corrupt("multiplies a number without axes");
    if (is_linear(a, b, false)) {
        forms::Linear form = product_with(*b.literal, a.dtype, false, 1.0);
        const std::int64_t outputs = form.outputs;
        return op.set_output(0, op.builder().add(std::move(form), {a}, a.dtype, outputs));
    }
    const bool row = a.dims.size() == 1, column = b.dims.size() == 1;
    if (row) {
        a.dims.insert(a.dims.begin(), 1);
        a.rows += a.rows >= 0 ? 1 : 0;
    }
    if (column) b.dims.push_back(1);
    Value out = product(op, a, b);
    const auto drop = [&](std::ptrdiff_t from_right) {
        const auto axis = static_cast<std::ptrdiff_t>(out.dims.size()) - from_right;
        out.dims.erase(out.dims.begin() + axis);
        if (out.rows > axis) --out.rows;
    };
    if (row) drop(2);
    if (column) drop(1);
    op.set_output(0, std::move(out));
}

void translate_gemm(Operation& op) {
    op.expect_inputs(2, 3);
    using enum forms::Operation;
    Value a = op.operand(0), b = op.operand(1);
    expect_float(op, a);
    expect_same_dtype(op, a, b);
    if (a.dims.size() != 2 || b.dims.size() != 2) op.corrupt("multiplies what are not matrices");
    const bool transpose_a = op.integer("transA", 0) != 0, transpose_b = op.integer("transB", 0) != 0;
    const auto alpha = static_cast<double>(op.number("alpha", 1.0F)),
               beta = static_cast<double>(op.number("beta", 1.0F));
    const bool has_bias = op.has_input(2);
    const std::int64_t outputs = b.dims[transpose_b ? 0 : 1];
    if (!transpose_a && is_linear(a, b, transpose_b) && (!has_bias || is_bias(op.operand(2), outputs))) {
        forms::Linear form = product_with(*b.literal, a.dtype, transpose_b, alpha);
        const std::vector<double> bias = has_bias ? op.numbers_of_constant(2) : std::vector<double>{0.0};
        for (std::size_t i = 0; i < form.intercept.size(); ++i)
            form.intercept[i] = beta * bias[bias.size() == 1 ? 0 : i];
        return op.set_output(0, op.builder().add(std::move(form), {a}, a.dtype, outputs));
    }
    if (transpose_a) a = transposed(op, a, {1, 0});
    if (transpose_b) b = transposed(op, b, {1, 0});
    Value out = product(op, a, b);
    if (alpha != 1.0) out = combined(op, multiply, out, op.builder().number(alpha, a.dtype));
    if (has_bias) {
        Value c = op.operand(2);
        if (beta != 1.0) c = combined(op, multiply, c, op.builder().number(beta, a.dtype));
        out = combined(op, add, out, c);
    }
    op.set_output(0, std::move(out));
}

}  // namespace holdfast::onnx

// SVMClassifier and SVMRegressor. Inputs are float32; kernels and sums run in double.
#include <cmath>
#include <string>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {
namespace {

forms::Kernel kernel_of(const Operation& op, std::string_view name) {
    if (name == "LINEAR") return forms::Kernel::linear;
    if (name == "POLY") return forms::Kernel::polynomial;
    if (name == "RBF") return forms::Kernel::rbf;
    if (name == "SIGMOID") return forms::Kernel::sigmoid;
    op.corrupt("kernel_type is \"" + std::string(name.substr(0, 100)) + "\"");
}

void keep_numbers(Operation& op, forms::Kernels& form, std::int64_t vectors) {
    const std::vector<float> support = op.numbers("support_vectors");
    op.expect_size("support_vectors", support.size(), vectors * form.features);
    form.support_vectors.assign(support.begin(), support.end());
    const std::vector<float> coefficients = op.numbers("coefficients");
    form.coefficients.assign(coefficients.begin(), coefficients.end());
    const std::vector<float> rho = op.numbers("rho");
    form.intercept.assign(rho.begin(), rho.end());
}

forms::Kernels read_machine(Operation& op, const Value& x, std::int64_t vectors) {
    forms::Kernels form;
    form.kernel = kernel_of(op, op.text("kernel_type", "LINEAR"));
    const std::vector<float> parameters = op.numbers("kernel_params");
    op.expect_size("kernel_params", parameters.size(), 3);
    form.gamma = static_cast<double>(parameters[0]);
    form.coef0 = static_cast<double>(parameters[1]);
    form.degree = static_cast<double>(parameters[2]);
    const bool whole = form.degree >= 0.0 && form.degree <= 1000.0 && form.degree == std::floor(form.degree);
    if (form.kernel == forms::Kernel::polynomial && !whole)
        op.refuse("with a kernel of degree " + std::to_string(form.degree) +
                  " is not covered; whole numbers to 1000 are");
    if (form.kernel != forms::Kernel::polynomial) form.degree = 3.0;

    form.features = x.width;
    keep_numbers(op, form, vectors);
    return form;
}

/// Without support vectors the coefficients are a linear model's, one row an output, and rho's first number is every
/// one's intercept.
Value linear_scores(Operation& op, const Value& x, std::int64_t outputs) {
    op.ignore("kernel_type");
    op.ignore("kernel_params");
    const std::vector<float> coefficients = op.numbers("coefficients");
    const std::vector<float> rho = op.numbers("rho");
    op.expect_size("support_vectors", op.numbers("support_vectors").size(), 0);
    op.expect_size("coefficients", coefficients.size(), outputs * x.width);
    if (rho.empty()) op.corrupt("has no rho");
    forms::Linear form;
    form.features = x.width;
    form.outputs = outputs;
    form.weights.assign(coefficients.begin(), coefficients.end());
    form.intercept.assign(static_cast<std::size_t>(outputs), static_cast<double>(rho[0]));
    return op.builder().add(std::move(form), {x}, DType::float64, outputs);
}

std::int64_t sum_of_counts(const Operation& op, const std::vector<std::int64_t>& counts) {
    std::int64_t sum = 0;
    for (const std::int64_t count : counts) {
        if (count < 0 || count > (std::int64_t{1} << 31))
            op.corrupt("vectors_per_class holds " + std::to_string(count));
        sum += count;
    }
    return sum;
}

// Two classes: ONNX Runtime transforms only the margins of LOGISTIC as the specification has it.
Value score_of(Operation& op, const Value& decisions, std::int64_t classes) {
    Builder& builder = op.builder();
    const std::string_view post_transform = op.text("post_transform", "NONE");
    const std::vector<float> a = op.numbers("prob_a");
    const std::vector<float> b = op.numbers("prob_b");
    const bool probabilities = !a.empty() || !b.empty();
    Value scores = decisions;
    if (probabilities) {
        op.expect_size("prob_a", a.size(), decisions.width);
        op.expect_size("prob_b", b.size(), decisions.width);
        forms::PairwiseProbability form{classes, {a.begin(), a.end()}, {b.begin(), b.end()}};
        scores = builder.add(std::move(form), {decisions}, DType::float64, classes);
    } else if (classes == 2) {
        if (post_transform != "NONE" && post_transform != "LOGISTIC")
            op.refuse("of two classes with post_transform " + std::string(post_transform.substr(0, 100)) +
                      " is not covered");
        scores = builder.transform(decisions, forms::Transform::negate_pair, DType::float64);
    }
    Value out = builder.cast(transformed(op, scores, post_transform), DType::float32);
    out.meaning = probabilities ? Meaning::probability : Meaning::decision;
    return out;
}

void translate_linear_machine(Operation& op, const Value& x, const ClassLabels& labels) {
    const std::int64_t classes = size(labels);
    // Runtimes disagree about which of two linear scores is the label.
    if (classes == 2) op.refuse("of two classes without support vectors is not covered");
    if (!op.numbers("prob_a").empty() || !op.numbers("prob_b").empty())
        op.refuse("with probabilities but without support vectors is not covered");
    const Value scores = linear_scores(op, x, classes);
    op.set_output(0, op.builder().label_of(scores, labels));
    Value out = op.builder().cast(transformed(op, scores, op.text("post_transform", "NONE")), DType::float32);
    out.meaning = Meaning::decision;
    op.set_output(1, std::move(out));
}

}  // namespace

void translate_svm_classifier(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const ClassLabels labels = op.labels("classlabels_ints", "classlabels_strings");
    const std::int64_t classes = size(labels);
    if (classes < 2 || classes > 1024)
        op.refuse("with " + std::to_string(classes) + " classes is not covered; 2 to 1024 are");
    const std::vector<std::int64_t> counts = op.integers("vectors_per_class");
    const std::int64_t vectors = sum_of_counts(op, counts);
    const Value x = builder.cast(op.value(0), DType::float32);
    if (vectors == 0) return translate_linear_machine(op, x, labels);
    op.expect_size("vectors_per_class", counts.size(), classes);

    forms::Kernels form = read_machine(op, x, vectors);
    const std::int64_t pairs = classes * (classes - 1) / 2;
    op.expect_size("coefficients", form.coefficients.size(), (classes - 1) * vectors);
    op.expect_size("rho", form.intercept.size(), pairs);
    form.vectors_a_class = counts;
    const Value decisions = builder.add(std::move(form), {x}, DType::float64, pairs);
    const Value votes = builder.add(forms::PairwiseVotes{classes, false}, {decisions}, DType::float64, classes);
    op.set_output(0, builder.label_of(votes, labels));
    op.set_output(1, score_of(op, decisions, classes));
}

void translate_svm_regressor(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    // ONNX Runtime leaves it out, which is not what the specification says.
    if (op.text("post_transform", "NONE") != "NONE") op.refuse("with post_transform is not covered");
    const std::int64_t vectors = op.integer("n_supports", 0);
    if (vectors < 0 || vectors > (std::int64_t{1} << 31)) op.corrupt("n_supports is " + std::to_string(vectors));
    const Value x = builder.cast(op.value(0), DType::float32);
    Value y;
    if (vectors == 0) {
        y = linear_scores(op, x, 1);
    } else {
        forms::Kernels form = read_machine(op, x, vectors);
        op.expect_size("coefficients", form.coefficients.size(), vectors);
        op.expect_size("rho", form.intercept.size(), 1);
        y = builder.add(std::move(form), {x}, DType::float64, 1);
    }
    if (op.integer("one_class", 0) != 0) {  // an outlier is -1
        const Value inside = builder.add(forms::Threshold{}, {y}, DType::int64, 1);
        return op.set_output(0, builder.add(forms::Numbers{{-1.0, 1.0}, DType::float32}, {inside}, DType::float32, 1));
    }
    op.set_output(0, builder.cast(y, DType::float32));
}

}  // namespace holdfast::onnx

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

forms::Kernels read_machine(Operation& op, const Value& x, std::int64_t vectors) {
    forms::Kernels form;
    form.kernel = kernel_of(op, op.text("kernel_type", "LINEAR"));
    const std::vector<float>& parameters = op.numbers("kernel_params");
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
    const std::vector<float>& support = op.numbers("support_vectors");
    op.expect_size("support_vectors", support.size(), vectors * x.width);
    form.support_vectors.assign(support.begin(), support.end());
    const std::vector<float>& coefficients = op.numbers("coefficients");
    form.coefficients.assign(coefficients.begin(), coefficients.end());
    const std::vector<float>& rho = op.numbers("rho");
    form.intercept.assign(rho.begin(), rho.end());
    if (op.text("post_transform", "NONE") != "NONE") op.refuse("with post_transform is not covered");
    return form;
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

Value score_of(Operation& op, const Value& decisions, std::int64_t classes) {
    Builder& builder = op.builder();
    const std::vector<float>& a = op.numbers("prob_a");
    const std::vector<float>& b = op.numbers("prob_b");
    if (!a.empty() || !b.empty()) {
        op.expect_size("prob_a", a.size(), decisions.width);
        op.expect_size("prob_b", b.size(), decisions.width);
        forms::PairwiseProbability form{classes, {a.begin(), a.end()}, {b.begin(), b.end()}};
        Value out = builder.cast(builder.add(std::move(form), {decisions}, DType::float64, classes), DType::float32);
        out.meaning = Meaning::probability;
        return out;
    }
    const Value scores =
        classes == 2 ? builder.transform(decisions, forms::Transform::negate_pair, DType::float64) : decisions;
    Value out = builder.cast(scores, DType::float32);
    out.meaning = Meaning::decision;
    return out;
}

}  // namespace

void translate_svm_classifier(Operation& op) {
    op.expect_inputs(1, 1);
    Builder& builder = op.builder();
    const ClassLabels labels = op.labels("classlabels_ints", "classlabels_strings");
    const std::int64_t classes = size(labels);
    if (classes < 2 || classes > 1024)
        op.refuse("with " + std::to_string(classes) + " classes is not covered; 2 to 1024 are");
    const std::vector<std::int64_t>& counts = op.integers("vectors_per_class");
    if (counts.empty()) op.refuse("without support vectors is not covered");
    op.expect_size("vectors_per_class", counts.size(), classes);

    const Value x = builder.cast(op.value(0), DType::float32);
    const std::int64_t vectors = sum_of_counts(op, counts);
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
    if (op.integer("one_class", 0) != 0) op.refuse("with one_class is not covered");
    const std::int64_t vectors = op.integer("n_supports", 0);
    if (vectors < 1 || vectors > (std::int64_t{1} << 31))
        op.refuse("with " + std::to_string(vectors) + " support vectors is not covered");
    const Value x = builder.cast(op.value(0), DType::float32);
    forms::Kernels form = read_machine(op, x, vectors);
    op.expect_size("coefficients", form.coefficients.size(), vectors);
    op.expect_size("rho", form.intercept.size(), 1);
    op.set_output(0, builder.cast(builder.add(std::move(form), {x}, DType::float64, 1), DType::float32));
}

}  // namespace holdfast::onnx

// Kernels, PairwiseVotes, PairwiseProbability: libsvm's machines in float64.
#include <cmath>
#include <limits>

#include "models/engine/float_step.hpp"
#include "models/onnx_export/forms.hpp"
#include "models/onnx_export/machines.hpp"

namespace holdfast::onnx_export {
namespace {

std::int64_t classes_of(const forms::Kernels& form) { return static_cast<std::int64_t>(form.vectors_a_class.size()); }

/// Squared distances as |x|^2 + |v|^2 - 2 x v, from a centre at which this loses least.
std::string squared_distances(File& file, const std::string& x, const Centred& machine, std::int64_t features) {
    const auto vectors = static_cast<std::int64_t>(machine.lengths.size());
    const std::string near = file.add("Sub", {x, file.numbers(machine.centre, {features})});
    const std::string length = reduced(file, "ReduceSum", file.add("Mul", {near, near}), 2, true);
    const std::string products = file.add(
        "Gemm", {near, file.numbers(machine.vectors, {vectors, features}), file.numbers(machine.lengths, {vectors})},
        {{"transB", std::int64_t{1}}, {"alpha", -2.0F}});
    const std::string distances = file.add("Max", {file.add("Add", {products, length}), file.number(0.0)});
    // A row that is infinitely far is far from every vector.
    const std::string infinity = file.number(std::numeric_limits<double>::infinity());
    return file.add("Where", {file.add("Equal", {length, infinity}), infinity, distances});
}

std::string kernel_values(File& file, const forms::Kernels& form, const std::string& x) {
    const std::vector<double> vectors = engine::rounded(form.support_vectors, form.compute);
    if (form.kernel == forms::Kernel::rbf) {
        const std::string distances = squared_distances(file, x, centred(form), form.features);
        return file.add("Exp", {file.add("Mul", {distances, file.number(-form.gamma)})});
    }
    const std::int64_t count = form.features == 0 ? 0 : static_cast<std::int64_t>(vectors.size()) / form.features;
    const std::string products =
        file.add("Gemm", {x, file.numbers(vectors, {count, form.features})}, {{"transB", std::int64_t{1}}});
    if (form.kernel == forms::Kernel::linear) return products;
    const std::string scaled = file.add("Mul", {products, file.number(form.gamma)});
    const std::string shifted = file.add("Add", {scaled, file.number(form.coef0)});
    if (form.kernel == forms::Kernel::sigmoid) return file.add("Tanh", {shifted});
    return file.add("Pow", {shifted, file.number(form.degree)});
}

/// (pairs, classes): `first` where the class is the first of the pair, `second` where it is the second.
std::vector<double> pairs_by_class(std::int64_t classes, double first, double second) {
    std::vector<double> table;
    for (std::int64_t i = 0; i < classes; ++i) {
        for (std::int64_t j = i + 1; j < classes; ++j) {
            for (std::int64_t of = 0; of < classes; ++of) table.push_back(of == i ? first : of == j ? second : 0.0);
        }
    }
    return table;
}

}  // namespace

Centred centred(const forms::Kernels& form) {
    const std::vector<double> vectors = engine::rounded(form.support_vectors, form.compute);
    const auto features = static_cast<std::size_t>(form.features);
    const std::size_t count = features == 0 ? 0 : vectors.size() / features;
    Centred out{std::vector<double>(features, 0.0), vectors, std::vector<double>(count, 0.0)};
    for (std::size_t i = 0; i < vectors.size(); ++i)
        out.centre[i % features] += vectors[i] / static_cast<double>(count);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        out.vectors[i] -= out.centre[i % features];
        out.lengths[i / features] += out.vectors[i] * out.vectors[i];
    }
    return out;
}

std::vector<double> decision_weights(const forms::Kernels& form, std::int64_t vectors) {
    const std::int64_t classes = classes_of(form), decisions = static_cast<std::int64_t>(form.intercept.size());
    const std::vector<double> coefficients = engine::rounded(form.coefficients, form.compute);
    if (classes == 0) return coefficients;
    std::vector<double> weights(static_cast<std::size_t>(vectors * decisions), 0.0);
    std::vector<std::int64_t> begin{0};
    for (const std::int64_t count : form.vectors_a_class) begin.push_back(begin.back() + count);
    std::int64_t pair = 0;
    const auto take = [&](std::int64_t of, std::int64_t row) {
        for (std::int64_t v = begin[static_cast<std::size_t>(of)]; v < begin[static_cast<std::size_t>(of) + 1]; ++v)
            weights[static_cast<std::size_t>(v * decisions + pair)] =
                coefficients[static_cast<std::size_t>(row * vectors + v)];
    };
    for (std::int64_t i = 0; i < classes; ++i) {
        for (std::int64_t j = i + 1; j < classes; ++j, ++pair) {
            take(i, j - 1);
            take(j, i);
        }
    }
    return weights;
}

std::string write(File& file, const forms::Kernels& form, Operands in) {
    const std::string x = operand(file, in[0], form.compute);
    const auto decisions = static_cast<std::int64_t>(form.intercept.size());
    const std::int64_t classes = classes_of(form);
    const std::int64_t vectors = static_cast<std::int64_t>(form.coefficients.size()) / (classes == 0 ? 1 : classes - 1);
    File::check_table(vectors, decisions);
    const std::string weights = file.numbers(decision_weights(form, vectors), {vectors, decisions});
    const std::string intercept = file.numbers(engine::rounded(form.intercept, form.compute), {decisions});
    return result(file, file.add("Gemm", {kernel_values(file, form, x), weights, intercept}), form.compute);
}

std::string write(File& file, const forms::PairwiseVotes& form, Operands in) {
    const std::int64_t classes = form.classes, pairs = in[0].type.width;
    File::check_table(pairs, classes);
    const auto by_class = [&](double first, double second) {
        return file.numbers(pairs_by_class(classes, first, second), {pairs, classes});
    };
    const std::string d = operand(file, in[0], DType::float64), zero = file.number(0.0), one = file.number(1.0);
    const std::string first =
        form.ovr ? file.add("Not", {file.add("Less", {d, zero})}) : file.add("Greater", {d, zero});
    const std::string won = file.cast(first, DType::boolean, DType::float64);
    const std::string lost = file.add("Sub", {one, won});
    const std::string votes = file.add(
        "Add", {file.add("MatMul", {won, by_class(1.0, 0.0)}), file.add("MatMul", {lost, by_class(0.0, 1.0)})});
    if (!form.ovr) return votes;
    const std::string confidence = file.add("MatMul", {d, by_class(1.0, -1.0)});
    const std::string size = file.add("Add", {file.add("Abs", {confidence}), one});
    const std::string bounded = file.add("Div", {confidence, file.add("Mul", {file.number(3.0), size})});
    return file.add("Add", {votes, bounded});
}

// ONNX has libsvm's coupling inside of SVMClassifier alone: a linear machine whose decision values are its input.
// Vector p is the unit vector of pair p, and stands with the pair's first class.
std::string write(File& file, const forms::PairwiseProbability& form, Operands in) {
    const std::int64_t classes = form.classes, pairs = in[0].type.width;
    File::check_table(pairs, pairs, DType::float32);
    const std::string d = operand(file, in[0], DType::float64);
    const std::string margin =
        file.add("Add", {file.add("Mul", {d, file.numbers(form.a, {pairs})}), file.numbers(form.b, {pairs})});
    const auto count = static_cast<std::size_t>(pairs);
    std::vector<float> units(count * count, 0.0F), coefficients(static_cast<std::size_t>(classes - 1) * count, 0.0F);
    std::vector<std::int64_t> counts(static_cast<std::size_t>(classes), 0), labels;
    std::size_t pair = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        labels.push_back(static_cast<std::int64_t>(i));
        for (std::size_t j = i + 1; j < counts.size(); ++j, ++pair) {
            units[pair * count + pair] = 1.0F;
            coefficients[(j - 1) * count + pair] = 1.0F;
            ++counts[i];
        }
    }
    const std::string probabilities =
        file.add_ml_second("SVMClassifier", {file.cast(margin, DType::float64, DType::float32)},
                           {{"kernel_type", std::string("LINEAR")},
                            {"kernel_params", std::vector<float>{0.0F, 0.0F, 3.0F}},
                            {"support_vectors", units},
                            {"coefficients", coefficients},
                            {"vectors_per_class", counts},
                            {"rho", std::vector<float>(count, 0.0F)},
                            {"prob_a", std::vector<float>(count, 1.0F)},
                            {"prob_b", std::vector<float>(count, 0.0F)},
                            {"classlabels_ints", labels}});
    return file.cast(probabilities, DType::float32, DType::float64);
}

}  // namespace holdfast::onnx_export

#include <cmath>
#include <string>

#include <holdfast/base/error.hpp>

#include "models/engine/infer.hpp"
#include "models/engine/limits.hpp"
#include "models/engine/trees_check.hpp"

namespace holdfast::engine {
namespace {

using std::to_string;

std::int64_t pairs_of(std::int64_t classes) {
    expect(classes >= 2 && classes <= max_classes, "classes", classes, "2 to " + to_string(max_classes));
    return classes * (classes - 1) / 2;
}

void expect_product(const char* field, const std::vector<double>& values, std::int64_t rows, std::int64_t columns) {
    expect(rows >= 0 && rows <= max_size && columns >= 0 && columns <= max_width, field, columns, "a size below 2^31");
    expect_size(field, values, rows * columns);
}

ValueType infer_form(const forms::Cast& form, std::span<const ValueType> in) {
    if (!is_value_dtype(form.to))
        refuse("to: " + std::string(holdfast::to_string(form.to)) +
               " given, bool, int64, float32, float64 or string wanted");
    if (in[0].dtype == DType::string && form.to == DType::boolean) refuse("text cannot become bool");
    return {form.to, in[0].width};
}

ValueType infer_form(const forms::Select& form, std::span<const ValueType> in) {
    expect_columns("columns", form.columns, in[0].width);
    return {in[0].dtype, static_cast<std::int64_t>(form.columns.size())};
}

ValueType infer_form(const forms::Concat&, std::span<const ValueType> in) {
    ValueType out{in[0].dtype, 0};
    for (const ValueType& type : in) {
        if (type.dtype != out.dtype)
            refuse("inputs of dtypes " + std::string(holdfast::to_string(out.dtype)) + " and " +
                   std::string(holdfast::to_string(type.dtype)) + " given, equal ones wanted");
        out.width += type.width;
        expect(out.width <= max_width, "width", out.width, "at most " + to_string(max_width));
    }
    return out;
}

ValueType infer_form(const forms::Scale& form, std::span<const ValueType> in) {
    const std::int64_t width = numeric(in).width;
    expect_size_or_empty("offset", form.offset, width);
    expect_size_or_empty("scale", form.scale, width);
    return {compute_dtype(form.compute), width};
}

ValueType infer_form(const forms::Impute& form, std::span<const ValueType> in) {
    const ValueType x = numeric(in);
    if (x.dtype == DType::boolean) refuse("bool given, float32, float64 or int64 wanted");
    expect_columns("kept", form.kept, x.width);
    expect_columns("indicators", form.indicators, x.width);
    expect_size("fill", form.fill, static_cast<std::int64_t>(form.kept.size()));
    return {x.dtype, static_cast<std::int64_t>(form.kept.size() + form.indicators.size())};
}

ValueType infer_form(const forms::Normalize& form, std::span<const ValueType> in) {
    return {compute_dtype(form.compute), numeric(in).width};
}

ValueType infer_form(const forms::Linear& form, std::span<const ValueType> in) {
    expect(form.features == numeric(in).width, "features", form.features, to_string(in[0].width));
    expect(form.outputs >= 1 && form.outputs <= max_width, "outputs", form.outputs, "1 to " + to_string(max_width));
    expect_product("weights", form.weights, form.outputs, form.features);
    expect_size("intercept", form.intercept, form.outputs);
    return {compute_dtype(form.compute), form.outputs};
}

ValueType infer_form(const forms::Trees& form, std::span<const ValueType> in) {
    expect(form.features == numeric(in).width, "features", form.features, to_string(in[0].width));
    check_trees(form);
    return {form.accumulate, form.outputs};
}

ValueType infer_form(const forms::Kernels& form, std::span<const ValueType> in) {
    expect(form.features == numeric(in).width, "features", form.features, to_string(in[0].width));
    const auto classes = static_cast<std::int64_t>(form.vectors_a_class.size());
    const std::int64_t decisions = classes == 0 ? 1 : pairs_of(classes);
    expect_size("intercept", form.intercept, decisions);
    const std::int64_t rows = classes == 0 ? 1 : classes - 1;
    const auto coefficients = static_cast<std::int64_t>(form.coefficients.size());
    expect(coefficients % rows == 0, "coefficients", coefficients, "a multiple of " + to_string(rows));
    const std::int64_t vectors = coefficients / rows;
    expect_product("support_vectors", form.support_vectors, vectors, form.features);
    std::int64_t left = vectors;
    for (const std::int64_t count : form.vectors_a_class) {
        expect(count >= 0 && count <= left, "vectors_a_class", count, "counts that add up to " + to_string(vectors));
        left -= count;
    }
    if (classes > 0)
        expect(left == 0, "vectors_a_class", vectors - left, "counts that add up to " + to_string(vectors));
    if (form.kernel == forms::Kernel::polynomial &&
        !(form.degree >= 0 && form.degree <= 1000 && form.degree == std::floor(form.degree)))
        refuse("degree: " + to_string(form.degree) + " given, a whole number from 0 to 1000 wanted");
    return {compute_dtype(form.compute), decisions};
}

ValueType infer_form(const forms::PairwiseVotes& form, std::span<const ValueType> in) {
    expect(numeric(in).width == pairs_of(form.classes), "width", in[0].width,
           to_string(pairs_of(form.classes)) + " pairs");
    return {DType::float64, form.classes};
}

ValueType infer_form(const forms::PairwiseProbability& form, std::span<const ValueType> in) {
    const std::int64_t pairs = pairs_of(form.classes);
    expect(numeric(in).width == pairs, "width", in[0].width, to_string(pairs) + " pairs");
    expect_size("a", form.a, pairs);
    expect_size("b", form.b, pairs);
    return {DType::float64, form.classes};
}

ValueType infer_form(const forms::PostTransform& form, std::span<const ValueType> in) {
    const bool pair = form.transform == forms::Transform::complement || form.transform == forms::Transform::negate_pair;
    const std::int64_t width = numeric(in).width;
    if (pair) expect(width == 1, "width", width, "1");
    return {compute_dtype(form.compute), pair ? 2 : width};
}

ValueType infer_form(const forms::ArgMax&, std::span<const ValueType> in) {
    expect(numeric(in).width >= 1, "width", in[0].width, "1 or more");
    return {DType::int64, 1};
}

ValueType infer_form(const forms::Threshold&, std::span<const ValueType> in) {
    return {DType::int64, numeric(in).width};
}

ValueType infer_form(const forms::Lookup& form, std::span<const ValueType> in) {
    if (in[0].dtype != DType::int64)
        refuse("positions of dtype " + std::string(holdfast::to_string(in[0].dtype)) + " given, int64 wanted");
    expect(size(form.labels) >= 1, "labels", 0, "one or more");
    return {form.labels.index() == 0 ? DType::int64 : DType::string, in[0].width};
}

/// How many inputs a form takes; -1: one or more.
std::int64_t inputs_of(const Form& form) {
    if (std::holds_alternative<forms::Concat>(form) || std::holds_alternative<forms::Elementwise>(form)) return -1;
    if (std::holds_alternative<forms::Product>(form) || std::holds_alternative<forms::Pick>(form)) return 2;
    return std::holds_alternative<forms::Choose>(form) ? 3 : 1;
}

}  // namespace

ValueType infer(const Form& form, std::span<const ValueType> inputs) {
    const std::int64_t wanted = inputs_of(form);
    const auto count = static_cast<std::int64_t>(inputs.size());
    expect(wanted < 0 ? count >= 1 : count == wanted, "inputs", count, wanted < 0 ? "1 or more" : to_string(wanted));
    return std::visit([&](const auto& one) { return infer_form(one, inputs); }, form);
}

}  // namespace holdfast::engine

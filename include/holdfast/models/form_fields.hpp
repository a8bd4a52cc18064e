/// The one table of the forms: each form's name and its fields by name, as `.hfm` files and the bindings know them.
///
///     forms::Describe<forms::Scale>::fields(scale, [](std::string_view name, auto& field) { ... });
///
/// Names are stored in files: they never change. What version 1 of `.hfm` did not have is marked: a form by `since` =
/// 2, a field by its name in `since_2`, an enumerator by its number, `enumerators_in_version_1` or more.
///
/// Thread safety: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include <holdfast/models/forms.hpp>
#include <holdfast/models/graph.hpp>

namespace holdfast::forms {

inline constexpr std::array<std::string_view, 3> norm_names{"l1", "l2", "max"};
inline constexpr std::array<std::string_view, 8> comparison_names{
    "less_equal", "less", "greater_equal", "greater", "equal", "not_equal", "in_set", "not_in_set"};
inline constexpr std::array<std::string_view, 5> missing_names{"none", "nan", "zero", "value", "nan_as_zero"};
inline constexpr std::array<std::string_view, 4> aggregate_names{"sum", "average", "minimum", "maximum"};
inline constexpr std::array<std::string_view, 4> kernel_names{"linear", "polynomial", "rbf", "sigmoid"};
inline constexpr std::array<std::string_view, 10> transform_names{
    "softmax",     "softmax_zero",   "logistic", "probit", "complement",
    "negate_pair", "normalize_rows", "exp",      "log",    "absolute"};
inline constexpr std::array<std::string_view, 15> operation_names{
    "add",  "subtract",   "multiply", "divide",        "power", "minimum", "maximum", "equal",
    "less", "less_equal", "greater",  "greater_equal", "both",  "either",  "one_of"};
inline constexpr std::array<std::string_view, 15> function_names{
    "relu",     "tanh",       "square_root", "sign",     "floor",  "ceil",          "round_even",    "erf",
    "softplus", "reciprocal", "negate",      "absolute", "is_nan", "exclusive_not", "wrap_to_32bits"};
inline constexpr std::array<std::string_view, 13> reduction_names{
    "sum",    "mean",    "product", "minimum",      "maximum",     "sum_of_squares", "log_sum_exp", "sum_of_absolutes",
    "length", "arg_min", "arg_max", "arg_min_last", "arg_max_last"};

// The names of an enumeration's values, in their order.
constexpr std::span<const std::string_view> names_of(Norm) { return norm_names; }
constexpr std::span<const std::string_view> names_of(Comparison) { return comparison_names; }
constexpr std::span<const std::string_view> names_of(Missing) { return missing_names; }
constexpr std::span<const std::string_view> names_of(Aggregate) { return aggregate_names; }
constexpr std::span<const std::string_view> names_of(Kernel) { return kernel_names; }
constexpr std::span<const std::string_view> names_of(Transform) { return transform_names; }
constexpr std::span<const std::string_view> names_of(Operation) { return operation_names; }
constexpr std::span<const std::string_view> names_of(Function) { return function_names; }
constexpr std::span<const std::string_view> names_of(Reduction) { return reduction_names; }

template <class E>
inline constexpr std::size_t enumerators_in_version_1 = names_of(E{}).size();
template <>
inline constexpr std::size_t enumerators_in_version_1<Comparison> = 7;
template <>
inline constexpr std::size_t enumerators_in_version_1<Missing> = 4;
template <>
inline constexpr std::size_t enumerators_in_version_1<Transform> = 10;
template <>
inline constexpr std::size_t enumerators_in_version_1<Operation> = 4;

template <class Form>
struct Describe;

/// The version of `.hfm` that first had the form.
template <class Form>
[[nodiscard]] constexpr std::uint32_t first_version() {
    if constexpr (requires { Describe<Form>::since; }) return Describe<Form>::since;
    return 1;
}

/// The version of `.hfm` that first had the field of that name of the form.
template <class Form>
[[nodiscard]] constexpr std::uint32_t first_version(std::string_view field) {
    if constexpr (requires { Describe<Form>::since_2; }) {
        for (const std::string_view name : Describe<Form>::since_2) {
            if (name == field) return 2;
        }
    }
    return first_version<Form>();
}

template <>
struct Describe<Cast> {
    static constexpr std::string_view name = "cast";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("to", form.to);
    }
};

template <>
struct Describe<Select> {
    static constexpr std::string_view name = "select";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("columns", form.columns);
    }
};

template <>
struct Describe<Concat> {
    static constexpr std::string_view name = "concat";
    template <class F, class Visit>
    static void fields(F&, Visit&&) {}
};

template <>
struct Describe<Scale> {
    static constexpr std::string_view name = "scale";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("offset", form.offset);
        visit("scale", form.scale);
        visit("divide", form.divide);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<Impute> {
    static constexpr std::string_view name = "impute";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("missing_is_nan", form.missing_is_nan);
        visit("missing_value", form.missing_value);
        visit("kept", form.kept);
        visit("fill", form.fill);
        visit("indicators", form.indicators);
    }
};

template <>
struct Describe<Normalize> {
    static constexpr std::string_view name = "normalize";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("norm", form.norm);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<Linear> {
    static constexpr std::string_view name = "linear";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("features", form.features);
        visit("outputs", form.outputs);
        visit("weights", form.weights);
        visit("intercept", form.intercept);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<Trees> {
    static constexpr std::string_view name = "trees";
    static constexpr std::array<std::string_view, 5> since_2{"missings", "linear_begin", "linear_feature",
                                                             "linear_weight", "linear_constant"};
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("features", form.features);
        visit("outputs", form.outputs);
        visit("input", form.input);
        visit("comparison", form.comparison);
        visit("comparisons", form.comparisons);
        visit("missing", form.missing);
        visit("missing_value", form.missing_value);
        visit("roots", form.roots);
        visit("left", form.left);
        visit("right", form.right);
        visit("feature", form.feature);
        visit("threshold", form.threshold);
        visit("default_left", form.default_left);
        visit("set_begin", form.set_begin);
        visit("sets", form.sets);
        visit("leaf_begin", form.leaf_begin);
        visit("leaf_output", form.leaf_output);
        visit("leaf_value", form.leaf_value);
        visit("base", form.base);
        visit("tree_weight", form.tree_weight);
        visit("aggregate", form.aggregate);
        visit("accumulate", form.accumulate);
        visit("missings", form.missings);
        visit("linear_begin", form.linear_begin);
        visit("linear_feature", form.linear_feature);
        visit("linear_weight", form.linear_weight);
        visit("linear_constant", form.linear_constant);
    }
};

template <>
struct Describe<Kernels> {
    static constexpr std::string_view name = "kernels";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("kernel", form.kernel);
        visit("gamma", form.gamma);
        visit("coef0", form.coef0);
        visit("degree", form.degree);
        visit("features", form.features);
        visit("support_vectors", form.support_vectors);
        visit("vectors_a_class", form.vectors_a_class);
        visit("coefficients", form.coefficients);
        visit("intercept", form.intercept);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<PairwiseVotes> {
    static constexpr std::string_view name = "pairwise_votes";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("classes", form.classes);
        visit("ovr", form.ovr);
    }
};

template <>
struct Describe<PairwiseProbability> {
    static constexpr std::string_view name = "pairwise_probability";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("classes", form.classes);
        visit("a", form.a);
        visit("b", form.b);
    }
};

template <>
struct Describe<PostTransform> {
    static constexpr std::string_view name = "post_transform";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("transform", form.transform);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<ArgMax> {
    static constexpr std::string_view name = "arg_max";
    template <class F, class Visit>
    static void fields(F&, Visit&&) {}
};

template <>
struct Describe<Threshold> {
    static constexpr std::string_view name = "threshold";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("value", form.value);
        visit("or_equal", form.or_equal);
    }
};

template <>
struct Describe<Lookup> {
    static constexpr std::string_view name = "lookup";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("labels", form.labels);
    }
};

template <>
struct Describe<Elementwise> {
    static constexpr std::string_view name = "elementwise";
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("operation", form.operation);
        visit("constant", form.constant);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<Constant> {
    static constexpr std::string_view name = "constant";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("dtype", form.dtype);
        visit("numbers", form.numbers);
        visit("items", form.items);
    }
};

template <>
struct Describe<Math> {
    static constexpr std::string_view name = "math";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("function", form.function);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<Reduce> {
    static constexpr std::string_view name = "reduce";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("reduction", form.reduction);
        visit("extent", form.extent);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<Product> {
    static constexpr std::string_view name = "product";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("batch", form.batch);
        visit("m", form.m);
        visit("k", form.k);
        visit("n", form.n);
        visit("compute", form.compute);
    }
};

template <>
struct Describe<TopK> {
    static constexpr std::string_view name = "top_k";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("extent", form.extent);
        visit("k", form.k);
        visit("largest", form.largest);
    }
};

template <>
struct Describe<Pick> {
    static constexpr std::string_view name = "pick";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("extent", form.extent);
    }
};

template <>
struct Describe<Choose> {
    static constexpr std::string_view name = "choose";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F&, Visit&&) {}
};

template <>
struct Describe<Encode> {
    static constexpr std::string_view name = "encode";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("keys", form.keys);
        visit("numbers", form.numbers);
        visit("items", form.items);
        visit("refuse_unknown", form.refuse_unknown);
    }
};

template <>
struct Describe<OneHot> {
    static constexpr std::string_view name = "one_hot";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("count", form.count);
        visit("to", form.to);
    }
};

template <>
struct Describe<Numbers> {
    static constexpr std::string_view name = "numbers";
    static constexpr std::uint32_t since = 2;
    template <class F, class Visit>
    static void fields(F& form, Visit&& visit) {
        visit("values", form.values);
        visit("to", form.to);
    }
};

/// A form of that name with its fields as they are by default.
template <std::size_t I = 0>
[[nodiscard]] std::optional<Form> form_named(std::string_view name) {
    if constexpr (I == std::variant_size_v<Form>) {
        return std::nullopt;
    } else {
        using One = std::variant_alternative_t<I, Form>;
        return name == Describe<One>::name ? std::optional<Form>(One{}) : form_named<I + 1>(name);
    }
}

[[nodiscard]] inline std::string_view name_of(const Form& form) {
    return std::visit([]<class One>(const One&) { return Describe<One>::name; }, form);
}

}  // namespace holdfast::forms

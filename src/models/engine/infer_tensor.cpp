// Checks of the forms of tensors (Elementwise, Constant, Math, Reduce, Product, TopK, Pick, Choose) and of keys
// (Encode, OneHot, Numbers).
#include "models/engine/infer.hpp"
#include "models/engine/limits.hpp"

namespace holdfast::engine {
namespace {

using forms::Function;
using forms::Operation;
using forms::Reduction;
using std::to_string;

[[noreturn]] void refuse_dtype(const char* field, DType dtype, const char* wanted) {
    refuse(std::string(field) + ": " + std::string(holdfast::to_string(dtype)) + " given, " + wanted + " wanted");
}

bool is_float(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }
bool is_logic(Operation operation) {
    return operation == Operation::both || operation == Operation::either || operation == Operation::one_of;
}

/// Pairs of values that are not floats are computed in their own dtype.
void expect_own_dtype(const forms::Elementwise& form, std::span<const ValueType> in) {
    expect(form.constant.empty(), "constant", static_cast<std::int64_t>(form.constant.size()), "none");
    for (const ValueType& type : in) {
        if (type.dtype != form.compute)
            refuse_dtype("an input", type.dtype, std::string(holdfast::to_string(form.compute)).c_str());
    }
    if (form.compute == DType::string && form.operation != Operation::equal)
        refuse_dtype("compute", form.compute, "for text, equal alone");
    if (form.compute == DType::boolean && form.operation != Operation::equal && !is_logic(form.operation))
        refuse_dtype("compute", form.compute, "for bool, equal, both, either or one_of");
}

/// The number of whole runs of `extent` columns.
std::int64_t runs_of(std::int64_t width, std::int64_t extent) {
    expect(extent >= 1 && extent <= max_width && width % extent == 0, "extent", extent,
           "a divisor of " + to_string(width));
    return width / extent;
}

/// Keys or elements, by their dtype; their number.
std::int64_t items_of(DType dtype, const std::vector<double>& numbers, const ClassLabels& items) {
    if (!is_value_dtype(dtype)) refuse_dtype("dtype", dtype, "bool, int64, float32, float64 or string");
    const bool text = dtype == DType::string;
    if (is_float(dtype)) {
        expect(size(items) == 0, "items", size(items), "none beside numbers");
        return static_cast<std::int64_t>(numbers.size());
    }
    expect(numbers.empty(), "numbers", static_cast<std::int64_t>(numbers.size()), "none beside items");
    if (size(items) > 0 && (items.index() == 1) != text) refuse_dtype("dtype", dtype, "the items'");
    return size(items);
}

bool gives_position(Reduction reduction) {
    return reduction == Reduction::arg_min || reduction == Reduction::arg_max || reduction == Reduction::arg_min_last ||
           reduction == Reduction::arg_max_last;
}

}  // namespace

ValueType infer_form(const forms::Elementwise& form, std::span<const ValueType> in) {
    const ValueType x = in[0];
    if (is_float(form.compute)) {
        static_cast<void>(numeric(in));
        if (is_logic(form.operation)) refuse_dtype("compute", form.compute, "bool");
    } else {
        if (form.compute != DType::int64 && form.compute != DType::boolean && form.compute != DType::string)
            refuse_dtype("compute", form.compute, "bool, int64, float32, float64 or string");
        if (form.compute == DType::int64 && is_logic(form.operation)) refuse_dtype("compute", form.compute, "bool");
        expect_own_dtype(form, in);
    }
    const auto constants = static_cast<std::int64_t>(form.constant.size());
    if (constants > 0) {
        expect(in.size() == 1, "inputs", static_cast<std::int64_t>(in.size()), "1 beside a constant");
        expect(constants == 1 || constants == x.width, "constant", constants, "1 or " + to_string(x.width) + " values");
    } else {
        expect(in.size() == 2, "inputs", static_cast<std::int64_t>(in.size()), "2");
        if (is_float(form.compute)) static_cast<void>(numeric(in.subspan(1)));
        expect(in[1].width == x.width, "width of the second input", in[1].width, to_string(x.width));
    }
    return {form.operation >= Operation::equal ? DType::boolean : form.compute, x.width};
}

ValueType infer_form(const forms::Constant& form, std::span<const ValueType>) {
    const std::int64_t width = items_of(form.dtype, form.numbers, form.items);
    expect(width <= max_width, "width", width, "at most " + to_string(max_width));
    return {form.dtype, width};
}

ValueType infer_form(const forms::Math& form, std::span<const ValueType> in) {
    const ValueType x = numeric(in);
    switch (form.function) {
        case Function::exclusive_not:
            if (x.dtype != DType::boolean) refuse_dtype("input", x.dtype, "bool");
            return x;
        case Function::is_nan: return {DType::boolean, x.width};
        case Function::relu:
        case Function::sign:
        case Function::negate:
        case Function::absolute:
        case Function::wrap_to_32bits: {
            if (form.compute == DType::int64) {
                if (x.dtype != DType::int64) refuse_dtype("input", x.dtype, "int64");
                return x;
            }
            if (form.function == Function::wrap_to_32bits) refuse_dtype("compute", form.compute, "int64");
            return {compute_dtype(form.compute), x.width};
        }
        default: return {compute_dtype(form.compute), x.width};
    }
}

ValueType infer_form(const forms::Reduce& form, std::span<const ValueType> in) {
    const std::int64_t runs = runs_of(numeric(in).width, form.extent);
    const bool whole = form.reduction != Reduction::mean && form.reduction != Reduction::log_sum_exp &&
                       form.reduction != Reduction::length;
    if (form.compute == DType::int64 && whole) {
        if (in[0].dtype != DType::int64) refuse_dtype("input", in[0].dtype, "int64");
    } else {
        static_cast<void>(compute_dtype(form.compute));
    }
    return {gives_position(form.reduction) ? DType::int64 : form.compute, runs};
}

ValueType infer_form(const forms::Product& form, std::span<const ValueType> in) {
    for (const std::int64_t extent : {form.batch, form.m, form.k, form.n})
        expect(extent >= 1 && extent <= max_width, "extent", extent, "1 to " + to_string(max_width));
    static_cast<void>(numeric(in));
    static_cast<void>(numeric(in.subspan(1)));
    const auto fits = [](const ValueType& type, std::int64_t batch, std::int64_t a, std::int64_t b) {
        return type.width % batch == 0 && type.width / batch % a == 0 && type.width / batch / a == b;
    };
    expect(fits(in[0], form.batch, form.m, form.k), "width", in[0].width, "batch * m * k");
    expect(fits(in[1], form.batch, form.k, form.n), "width of the second input", in[1].width, "batch * k * n");
    const std::int64_t left = form.batch * form.m;  // at most max_width, as in[0] fits
    expect(left <= max_width / form.n, "n", form.n, "at most 2^20 columns of result");
    return {compute_dtype(form.compute), left * form.n};
}

ValueType infer_form(const forms::TopK& form, std::span<const ValueType> in) {
    const std::int64_t runs = runs_of(numeric(in).width, form.extent);
    expect(form.k >= 1 && form.k <= form.extent, "k", form.k, "1 to " + to_string(form.extent));
    return {DType::int64, runs * form.k};
}

ValueType infer_form(const forms::Pick& form, std::span<const ValueType> in) {
    const std::int64_t runs = runs_of(in[0].width, form.extent);
    if (in[1].dtype != DType::int64) refuse_dtype("positions", in[1].dtype, "int64");
    expect(runs > 0 && in[1].width % runs == 0, "width of the positions", in[1].width,
           "a multiple of " + to_string(runs));
    return {in[0].dtype, in[1].width};
}

ValueType infer_form(const forms::Choose&, std::span<const ValueType> in) {
    if (in[0].dtype != DType::boolean) refuse_dtype("first input", in[0].dtype, "bool");
    if (in[1].dtype != in[2].dtype)
        refuse_dtype("third input", in[2].dtype, std::string(holdfast::to_string(in[1].dtype)).c_str());
    for (const ValueType& type : in.subspan(1))
        expect(type.width == in[0].width, "width", type.width, to_string(in[0].width));
    return in[1];
}

ValueType infer_form(const forms::Encode& form, std::span<const ValueType> in) {
    static_cast<void>(items_of(form.keys, form.numbers, form.items));
    if (form.keys == DType::boolean) refuse_dtype("keys", form.keys, "int64, float32, float64 or string");
    if (in[0].dtype != form.keys)
        refuse_dtype("input", in[0].dtype, std::string(holdfast::to_string(form.keys)).c_str());
    return {DType::int64, in[0].width};
}

ValueType infer_form(const forms::OneHot& form, std::span<const ValueType> in) {
    if (in[0].dtype != DType::int64) refuse_dtype("positions", in[0].dtype, "int64");
    expect(form.count >= 1 && form.count <= max_width, "count", form.count, "1 to " + to_string(max_width));
    expect(in[0].width <= max_width / form.count, "count", form.count, "at most 2^20 columns of result");
    if (!is_value_dtype(form.to) || form.to == DType::string)
        refuse_dtype("to", form.to, "bool, int64, float32 or float64");
    return {form.to, in[0].width * form.count};
}

ValueType infer_form(const forms::Numbers& form, std::span<const ValueType> in) {
    if (in[0].dtype != DType::int64) refuse_dtype("positions", in[0].dtype, "int64");
    expect(!form.values.empty(), "values", 0, "one or more");
    if (!is_float(form.to)) refuse_dtype("to", form.to, "float32 or float64");
    return {form.to, in[0].width};
}

}  // namespace holdfast::engine

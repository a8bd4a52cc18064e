// Elementwise, Constant, Math, Reduce, Product, TopK, Pick, Choose.
#include <limits>
#include <string_view>

#include <holdfast/base/error.hpp>

#include "models/engine/float_step.hpp"
#include "models/onnx_export/forms.hpp"

namespace holdfast::onnx_export {
namespace {

using forms::Function;
using forms::Operation;
using forms::Reduction;

std::string_view operator_of(Operation operation) {
    switch (operation) {
        case Operation::add: return "Add";
        case Operation::subtract: return "Sub";
        case Operation::multiply: return "Mul";
        case Operation::divide: return "Div";
        case Operation::power: return "Pow";
        case Operation::minimum: return "Min";
        case Operation::maximum: return "Max";
        case Operation::equal: return "Equal";
        case Operation::less: return "Less";
        case Operation::less_equal: return "LessOrEqual";
        case Operation::greater: return "Greater";
        case Operation::greater_equal: return "GreaterOrEqual";
        case Operation::both: return "And";
        case Operation::either: return "Or";
        case Operation::one_of: return "Xor";
    }
    throw InternalError("ONNX export: an operation without a name");
}

std::string infinity(File& file) { return file.number(std::numeric_limits<double>::infinity()); }

/// log(1 + e) = log(u) e / (u - 1) with u = 1 + e, after Kahan; e where u is 1.
std::string softplus(File& file, const std::string& x) {
    const std::string one = file.number(1.0), zero = file.number(0.0);
    const std::string e = file.add("Exp", {file.add("Neg", {file.add("Abs", {x})})});
    const std::string u = file.add("Add", {one, e});
    const std::string is_one = file.add("Equal", {u, one});
    const std::string divisor = file.add("Where", {is_one, one, file.add("Sub", {u, one})});
    const std::string logarithm = file.add("Div", {file.add("Mul", {file.add("Log", {u}), e}), divisor});
    const std::string positive = file.add("Where", {file.add("Greater", {x, zero}), x, zero});
    return file.add("Add", {positive, file.add("Where", {is_one, e, logarithm})});
}

/// ONNX Runtime has it of float32 alone.
std::string erf(File& file, const std::string& x) {
    const std::string narrow = file.cast(x, DType::float64, DType::float32);
    return file.cast(file.add("Erf", {narrow}), DType::float32, DType::float64);
}

std::string applied(File& file, Function function, const std::string& x) {
    switch (function) {
        case Function::relu: return file.add("Relu", {x});
        case Function::tanh: return file.add("Tanh", {x});
        case Function::square_root: return file.add("Sqrt", {x});
        case Function::sign: return file.add("Sign", {x});
        case Function::floor: return file.add("Floor", {x});
        case Function::ceil: return file.add("Ceil", {x});
        case Function::round_even: return file.add("Round", {x});
        case Function::erf: return erf(file, x);
        case Function::softplus: return softplus(file, x);
        case Function::reciprocal: return file.add("Reciprocal", {x});
        case Function::negate: return file.add("Neg", {x});
        case Function::absolute: return file.add("Abs", {x});
        default: throw InternalError("ONNX export: a function of no floats");
    }
}

/// The lesser or the greater, by a comparison: ONNX Runtime's Min, Max and Sign of int64 lose what is beyond 32 bits.
std::string extreme_of(File& file, std::string_view comparison, const std::string& a, const std::string& b) {
    return file.add("Where", {file.add(comparison, {a, b}), a, b});
}

std::string applied_whole(File& file, Function function, const std::string& x) {
    const auto constant = [&](std::int64_t value) { return file.integers({value}); };
    switch (function) {
        case Function::relu: return extreme_of(file, "Greater", x, constant(0));
        case Function::sign: {
            const std::string negative =
                file.add("Where", {file.add("Less", {x, constant(0)}), constant(-1), constant(0)});
            return file.add("Where", {file.add("Greater", {x, constant(0)}), constant(1), negative});
        }
        case Function::negate: return file.add("Neg", {x});
        case Function::absolute: return file.add("Abs", {x});
        default: {
            constexpr std::int64_t int32 = 6, int64 = 7;
            return file.add("Cast", {file.add("Cast", {x}, {{"to", int32}})}, {{"to", int64}});
        }
    }
}

std::string extreme(File& file, std::string_view type, const std::string& x) {
    const std::string nan = file.number(std::numeric_limits<double>::quiet_NaN());
    return file.add("Where", {any_nan(file, x, DType::float64, 3), nan, reduced(file, type, x, 3)});
}

std::string log_sum_exp(File& file, const std::string& x) {
    const std::string greatest = reduced(file, "ReduceMax", x, 3, true);
    const std::string is_infinite = file.add("Equal", {file.add("Abs", {greatest}), infinity(file)});
    const std::string shift = file.add("Where", {is_infinite, file.number(0.0), greatest});
    const std::string sum = reduced(file, "ReduceSum", file.add("Exp", {file.add("Sub", {x, shift})}), 3, true);
    return reduced(file, "ReduceSum", file.add("Add", {file.add("Log", {sum}), shift}), 3);
}

std::string reduced_floats(File& file, const forms::Reduce& form, const std::string& x) {
    const auto squares = [&] { return reduced(file, "ReduceSum", file.add("Mul", {x, x}), 3); };
    switch (form.reduction) {
        case Reduction::sum: return reduced(file, "ReduceSum", x, 3);
        case Reduction::mean:
            return file.add("Div", {reduced(file, "ReduceSum", x, 3), file.number(static_cast<double>(form.extent))});
        case Reduction::product: return reduced(file, "ReduceProd", x, 3);
        case Reduction::minimum: return extreme(file, "ReduceMin", x);
        case Reduction::maximum: return extreme(file, "ReduceMax", x);
        case Reduction::sum_of_squares: return squares();
        case Reduction::log_sum_exp: return log_sum_exp(file, x);
        case Reduction::sum_of_absolutes: return reduced(file, "ReduceSum", file.add("Abs", {x}), 3);
        case Reduction::length: return file.add("Sqrt", {squares()});
        default: throw InternalError("ONNX export: a reduction of no floats");
    }
}

/// Columns begin .. end - 1 of each run.
std::string columns(File& file, const std::string& x, std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> places;
    for (std::int64_t i = begin; i < end; ++i) places.push_back(i);
    return file.add("Gather", {x, file.integers(std::move(places))}, {{"axis", std::int64_t{2}}});
}

/// Sums and products of int64, halving the runs: ONNX Runtime's ReduceSum and ReduceProd of int64 run in float64.
std::string folded(File& file, std::string_view operation, std::string x, std::int64_t extent) {
    while (extent > 1) {
        const std::int64_t half = extent / 2;
        std::string halves = file.add(operation, {columns(file, x, 0, half), columns(file, x, half, 2 * half)});
        const bool odd = extent % 2 != 0;
        if (odd) halves = file.add("Concat", {halves, columns(file, x, 2 * half, extent)}, {{"axis", std::int64_t{2}}});
        x = std::move(halves);
        extent = half + (odd ? 1 : 0);
    }
    return x;
}

std::string reduced_whole(File& file, const forms::Reduce& form, const std::string& x, std::int64_t runs) {
    const auto flat = [&](std::string_view operation, const std::string& of) {
        return file.reshape(folded(file, operation, of, form.extent), {0, runs});
    };
    switch (form.reduction) {
        case Reduction::product: return flat("Mul", x);
        case Reduction::minimum: return reduced(file, "ReduceMin", x, 3);
        case Reduction::maximum: return reduced(file, "ReduceMax", x, 3);
        case Reduction::sum_of_squares: return flat("Add", file.add("Mul", {x, x}));
        case Reduction::sum_of_absolutes: return flat("Add", file.add("Abs", {x}));
        default: return flat("Add", x);
    }
}

/// (rows, runs, extent)
std::string runs_of(File& file, const std::string& x, std::int64_t width, std::int64_t extent) {
    return file.reshape(x, {0, width / extent, extent});
}

}  // namespace

std::string write(File& file, const forms::Elementwise& form, Operands in) {
    const bool floats = form.compute == DType::float32 || form.compute == DType::float64;
    if (form.operation == Operation::power && form.compute == DType::int64)
        throw Unsupported("powers of int64: ONNX Runtime computes them in float64");
    if (form.compute == DType::string) file.need_set(19);
    const std::string a = floats ? operand(file, in[0], form.compute) : in[0].name;
    std::string b;
    if (form.constant.empty()) {
        b = floats ? operand(file, in[1], form.compute) : in[1].name;
    } else {
        b = file.numbers(engine::rounded(form.constant, form.compute),
                         {static_cast<std::int64_t>(form.constant.size())});
    }
    if (form.compute == DType::int64 && form.operation == Operation::minimum) return extreme_of(file, "Less", a, b);
    if (form.compute == DType::int64 && form.operation == Operation::maximum) return extreme_of(file, "Greater", a, b);
    const std::string y = file.add(operator_of(form.operation), {a, b});
    return floats && form.operation < Operation::equal ? result(file, y, form.compute) : y;
}

std::string write(File& file, const forms::Constant& form, Operands in) {
    const bool floats = form.dtype == DType::float32 || form.dtype == DType::float64;
    const std::int64_t width = floats ? static_cast<std::int64_t>(form.numbers.size()) : size(form.items);
    const std::string row = file.constant({form.dtype, {1, width}, form.numbers, form.items});
    const std::string rows = file.add("Shape", {in[0].name}, {{"start", std::int64_t{0}}, {"end", std::int64_t{1}}});
    const std::string shape = file.add("Concat", {rows, file.integers({width})}, {{"axis", std::int64_t{0}}});
    return file.add("Expand", {row, shape});
}

std::string write(File& file, const forms::Math& form, Operands in) {
    if (form.function == Function::exclusive_not) return file.add("Not", {in[0].name});
    if (form.function == Function::is_nan) return is_nan(file, in[0].name, in[0].type.dtype);
    if (form.compute == DType::int64) return applied_whole(file, form.function, in[0].name);
    return result(file, applied(file, form.function, operand(file, in[0], form.compute)), form.compute);
}

std::string write(File& file, const forms::Reduce& form, Operands in) {
    const auto [dtype, width] = in[0].type;
    const auto runs = [&](const std::string& x) { return runs_of(file, x, width, form.extent); };
    if (form.reduction >= Reduction::arg_min) {
        const bool greatest = form.reduction == Reduction::arg_max || form.reduction == Reduction::arg_max_last;
        const bool last = form.reduction >= Reduction::arg_min_last;
        return position_of_best(file, runs(in[0].name), dtype, 3, greatest, last);
    }
    if (form.compute == DType::int64) return reduced_whole(file, form, runs(in[0].name), width / form.extent);
    return result(file, reduced_floats(file, form, runs(operand(file, in[0], form.compute))), form.compute);
}

std::string write(File& file, const forms::Product& form, Operands in) {
    const std::string a = file.reshape(operand(file, in[0], form.compute), {0, form.batch, form.m, form.k});
    const std::string b = file.reshape(operand(file, in[1], form.compute), {0, form.batch, form.k, form.n});
    const std::string product = file.reshape(file.add("MatMul", {a, b}), {0, form.batch * form.m * form.n});
    return result(file, product, form.compute);
}

// NaN is above all numbers: infinity stands for it.
std::string write(File& file, const forms::TopK& form, Operands in) {
    const auto [dtype, width] = in[0].type;
    std::string x = in[0].name;
    if (dtype == DType::boolean) {
        x = file.cast(x, dtype, DType::int64);
    } else if (dtype != DType::int64) {
        x = file.cast(x, dtype, DType::float64);
        x = file.add("Where", {is_nan(file, x, DType::float64), infinity(file), x});
    }
    const std::string positions =
        file.add_second("TopK", {runs_of(file, x, width, form.extent), file.integers({form.k})},
                        {{"axis", std::int64_t{2}}, {"largest", std::int64_t{form.largest}}});
    return file.reshape(positions, {0, width / form.extent * form.k});
}

std::string write(File& file, const forms::Pick& form, Operands in) {
    const std::int64_t runs = in[0].type.width / form.extent, width = in[1].type.width;
    const std::string x = file.reshape(in[0].name, {0, runs, form.extent});
    const std::string positions = file.reshape(in[1].name, {0, runs, width / runs});
    return file.reshape(file.add("GatherElements", {x, positions}, {{"axis", std::int64_t{2}}}), {0, width});
}

// ONNX Runtime's Where takes no bool.
std::string write(File& file, const forms::Choose&, Operands in) {
    const std::string &condition = in[0].name, &a = in[1].name, &b = in[2].name;
    if (in[1].type.dtype != DType::boolean) return file.add("Where", {condition, a, b});
    const std::string otherwise = file.add("And", {file.add("Not", {condition}), b});
    return file.add("Or", {file.add("And", {condition, a}), otherwise});
}

}  // namespace holdfast::onnx_export

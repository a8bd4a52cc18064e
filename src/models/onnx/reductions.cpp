// Along axes: Reduce*, ArgMax, ArgMin, TopK, Softmax, LogSoftmax, BatchNormalization, LayerNormalization.
#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "models/onnx/tensors.hpp"

namespace holdfast::onnx {
namespace {

using forms::Reduction;

Reduction reduction_of(std::string_view type) {
    constexpr std::array<std::pair<std::string_view, Reduction>, 10> names{
        {{"ReduceSum", Reduction::sum},
         {"ReduceMean", Reduction::mean},
         {"ReduceProd", Reduction::product},
         {"ReduceMin", Reduction::minimum},
         {"ReduceMax", Reduction::maximum},
         {"ReduceSumSquare", Reduction::sum_of_squares},
         {"ReduceLogSumExp", Reduction::log_sum_exp},
         {"ReduceL1", Reduction::sum_of_absolutes},
         {"ReduceL2", Reduction::length},
         {"ReduceLogSum", Reduction::sum}}};
    return std::ranges::find(names, type, &std::pair<std::string_view, Reduction>::first)->second;
}

/// The axes to reduce, without repeats; from an input since the operator's version `input_since`.
std::vector<std::size_t> axes_of(Operation& op, const Value& x, std::int64_t input_since) {
    std::vector<std::int64_t> given;
    const bool none_is_all = op.integer("noop_with_empty_axes", 0) == 0;
    if (op.since() < input_since) {
        given = op.integers("axes");
    } else if (op.has_input(1)) {
        given = op.integers_of_constant(1);
    }
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : given) axes.push_back(axis_of(op, axis, rank_of(x)));
    std::ranges::sort(axes);
    const auto repeated = std::ranges::unique(axes);
    axes.erase(repeated.begin(), repeated.end());
    if (axes.empty() && none_is_all) {
        axes.resize(rank_of(x));
        std::iota(axes.begin(), axes.end(), std::size_t{0});
    }
    return axes;
}

/// Without the axes, which have extent 1.
Value squeezed(Value x, const std::vector<std::size_t>& axes) {
    std::vector<std::int64_t> dims;
    std::int64_t rows = -1;
    for (std::size_t i = 0; i < x.dims.size(); ++i) {
        if (std::ranges::find(axes, i) != axes.end()) continue;
        if (static_cast<std::int64_t>(i) == x.rows) rows = static_cast<std::int64_t>(dims.size());
        dims.push_back(x.dims[i]);
    }
    return reshaped(std::move(x), std::move(dims), rows);
}

Value after_reduction(Operation& op, Value out) {
    if (op.type() != "ReduceLogSum") return out;
    return applied(op, forms::Transform::log, out);
}

/// bool is reduced as 0 and 1.
Value expect_reducible(Operation& op, const Value& x, Reduction reduction) {
    const bool extreme = reduction == Reduction::minimum || reduction == Reduction::maximum;
    if (x.dtype == DType::boolean && extreme && op.since() >= 20) return op.builder().cast(x, DType::int64);
    const bool whole =
        reduction != Reduction::mean && reduction != Reduction::log_sum_exp && reduction != Reduction::length;
    if (whole && op.type() != "ReduceLogSum") {
        expect_number(op, x);
    } else {
        expect_float(op, x);
    }
    return x;
}

/// e^x over its sum along the axes, in steps of the value's dtype.
Value softmax_along(Operation& op, const Value& x, const std::vector<std::size_t>& axes) {
    const Value greatest = reduced(op, Reduction::maximum, x, axes);
    const Value shifted = combined(op, forms::Operation::subtract, x, greatest);
    const Value powers = applied(op, forms::Transform::exp, shifted);
    return combined(op, forms::Operation::divide, powers, reduced(op, Reduction::sum, powers, axes));
}

/// One number a channel, beside the others' axes.
Value channels(Operation& op, std::int64_t i, std::size_t rank) {
    Value value = op.operand(i);
    if (value.dims.size() != 1 || value.rows >= 0)
        op.corrupt("input " + std::to_string(i) + " is not one number a channel");
    std::vector<std::int64_t> dims(rank - 1, 1);
    dims[0] = value.dims[0];
    return reshaped(std::move(value), std::move(dims), -1);
}

}  // namespace

void translate_reduce(Operation& op) {
    const bool is_sum = op.type() == "ReduceSum";
    const std::int64_t input_since = is_sum ? 13 : 18;
    op.expect_inputs(1, op.since() >= input_since ? 2 : 1);
    const Reduction reduction = reduction_of(op.type());
    const Value given = op.operand(0);
    const Value x = expect_reducible(op, given, reduction);
    const std::vector<std::size_t> axes = axes_of(op, x, input_since);
    const bool keep = op.integer("keepdims", 1) != 0;
    if (axes.empty() && rank_of(x) > 0) return op.set_output(0, given);
    Value out = op.builder().cast(after_reduction(op, reduced(op, reduction, x, axes)), given.dtype);
    op.set_output(0, keep ? std::move(out) : squeezed(std::move(out), axes));
}

void translate_arg(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    expect_number(op, x);
    const std::vector<std::size_t> axes{axis_of(op, op.integer("axis", 0), rank_of(x))};
    const bool last = op.integer("select_last_index", 0) != 0;
    const Reduction reduction = op.type() == "ArgMax" ? (last ? Reduction::arg_max_last : Reduction::arg_max)
                                                      : (last ? Reduction::arg_min_last : Reduction::arg_min);
    Value out = reduced(op, reduction, x, axes);
    op.set_output(0, op.integer("keepdims", 1) != 0 ? std::move(out) : squeezed(std::move(out), axes));
}

// Positions of the best along an axis, and what is there.
void translate_top_k(Operation& op) {
    const bool by_attribute = op.since() < 10;
    op.expect_inputs(by_attribute ? 1 : 2, by_attribute ? 1 : 2);
    const Value x = op.operand(0);
    expect_number(op, x);
    const std::size_t axis = axis_of(op, op.integer("axis", -1), rank_of(x));
    if (static_cast<std::int64_t>(axis) == x.rows) throw MixesRows();
    const std::vector<std::int64_t> k = by_attribute ? std::vector{op.integer("k", 0)} : op.integers_of_constant(1);
    op.expect_size("input K", k.size(), 1);
    const std::int64_t extent = x.dims[axis];
    if (k[0] < 1 || k[0] > extent)
        op.refuse("of " + std::to_string(k[0]) + " among " + std::to_string(extent) + " is not covered");
    const bool largest = op.integer("largest", 1) != 0;
    op.ignore("sorted");  // best first is also an order of those that need none
    const Turned turned = with_last(op, x, {axis});
    Value like = turned.value;
    like.dims.back() = k[0];
    like.meaning = Meaning::other;
    Value positions_like = like;
    positions_like.dtype = DType::int64;
    positions_like.whole32 = false;
    const Value positions = op.builder().add_like(forms::TopK{extent, k[0], largest}, {turned.value}, positions_like);
    if (op.has_output(0)) {
        const Value best = op.builder().add_like(forms::Pick{extent}, {turned.value, positions}, like);
        op.set_output(0, transposed(op, best, turned.back));
    }
    op.set_output(1, transposed(op, positions, turned.back));
}

// Before version 13 the axes from `axis` on are one.
void translate_softmax(Operation& op) {
    op.expect_inputs(1, 1);
    const Value x = op.operand(0);
    expect_float(op, x);
    const bool old = op.since() < 13;
    const std::size_t axis = axis_of(op, op.integer("axis", old ? 1 : -1), rank_of(x));
    std::vector<std::size_t> axes{axis};
    for (std::size_t i = axis + 1; old && i < rank_of(x); ++i) axes.push_back(i);
    std::int64_t extent = 1;
    for (const std::size_t one : axes) {
        if (static_cast<std::int64_t>(one) == x.rows) throw MixesRows();
        extent *= x.dims[one];
    }
    if (op.type() == "LogSoftmax") {
        const Value wide = op.builder().cast(x, DType::float64);
        const Value log_sum = reduced(op, Reduction::log_sum_exp, wide, axes);
        return op.set_output(0, op.builder().cast(combined(op, forms::Operation::subtract, wide, log_sum), x.dtype));
    }
    Value out = extent == x.width ? applied(op, forms::Transform::softmax, x) : softmax_along(op, x, axes);
    out.meaning = Meaning::probability;
    op.set_output(0, std::move(out));
}

void translate_batch_normalization(Operation& op) {
    op.expect_inputs(5, 5);
    using enum forms::Operation;
    const Value x = op.operand(0);
    expect_float(op, x);
    if (op.integer("training_mode", 0) != 0) op.refuse("in training mode is not covered");
    for (std::int64_t i = 1; i < 5; ++i) {
        if (op.has_output(i)) op.refuse("with more than one output is not covered");
    }
    op.ignore("momentum");
    if (rank_of(x) < 2) op.refuse("of one axis is not covered");
    if (x.rows == 1) throw MixesRows();
    const std::size_t rank = rank_of(x);
    const Value scale = channels(op, 1, rank), bias = channels(op, 2, rank), mean = channels(op, 3, rank),
                variance = channels(op, 4, rank);
    const Value epsilon = op.builder().number(static_cast<double>(op.number("epsilon", 1e-5F)), variance.dtype);
    const Value deviation = applied(op, forms::Function::square_root, combined(op, add, variance, epsilon));
    const Value factor = combined(op, divide, scale, deviation);
    op.set_output(0, combined(op, add, combined(op, multiply, combined(op, subtract, x, mean), factor), bias));
}

// In double, rounded once.
void translate_layer_normalization(Operation& op) {
    op.expect_inputs(2, 3);
    using enum forms::Operation;
    Builder& builder = op.builder();
    const Value given = op.operand(0);
    expect_float(op, given);
    if (op.integer("stash_type", 1) != 1) op.refuse("with a stash_type other than float is not covered");
    const auto input = [&](std::int64_t i) { return builder.cast(op.operand(i), DType::float64); };
    const Value x = input(0);
    std::vector<std::size_t> axes(rank_of(x) - axis_of(op, op.integer("axis", -1), rank_of(x)));
    std::iota(axes.begin(), axes.end(), rank_of(x) - axes.size());
    const Value mean = reduced(op, Reduction::mean, x, axes);
    const Value centered = combined(op, subtract, x, mean);
    const Value variance = reduced(op, Reduction::mean, combined(op, multiply, centered, centered), axes);
    const Value epsilon = builder.number(static_cast<double>(op.number("epsilon", 1e-5F)), DType::float64);
    const Value deviation = applied(op, forms::Function::square_root, combined(op, add, variance, epsilon));
    Value out = combined(op, multiply, combined(op, divide, centered, deviation), input(1));
    if (op.has_input(2)) out = combined(op, add, out, input(2));
    if (out.dims != x.dims) op.corrupt("has a scale or a bias that does not broadcast to what it is for");
    op.set_output(0, builder.cast(out, given.dtype));
    op.set_output(1, builder.cast(mean, DType::float32));
    op.set_output(2, builder.cast(applied(op, forms::Function::reciprocal, deviation), DType::float32));
}

}  // namespace holdfast::onnx

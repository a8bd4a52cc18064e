/// Shapes and places of tensors: what the operators that move elements, and broadcasting, share. Axes are counted from
/// 0 here; an axis that counts rows has extent 1 (builder.hpp).
#pragma once

#include <span>
#include <vector>

#include "models/onnx/operation.hpp"

namespace holdfast::onnx {

using Dims = std::vector<std::int64_t>;

/// Where each element of a tensor comes from: positions among the elements of another.
struct Places {
    Dims dims;
    std::vector<std::int64_t> positions;

    [[nodiscard]] static Places all(const Dims& dims);
    [[nodiscard]] Places transposed(const std::vector<std::int64_t>& axes) const;  ///< axis i is axis axes[i] of this
    [[nodiscard]] Places taken(std::size_t axis, const std::vector<std::int64_t>& at) const;
    [[nodiscard]] Places expanded(const Dims& to) const;  ///< as numpy broadcasts; Malformed where it does not
};

/// The axis from 0 on; refused where it is none of `rank`.
[[nodiscard]] std::size_t axis_of(const Operation& op, std::int64_t axis, std::size_t rank);
[[nodiscard]] std::size_t rank_of(const Value& x);

/// x's elements at `places`, which are a shape with rows at axis `rows`.
[[nodiscard]] Value moved(Operation& op, const Value& x, const Places& places, std::int64_t rows);
[[nodiscard]] Value reshaped(Value x, Dims dims, std::int64_t rows);
[[nodiscard]] Value transposed(Operation& op, const Value& x, const std::vector<std::int64_t>& axes);
/// x with the axes of `last` behind the others, and what undoes that for a tensor of as many axes.
struct Turned {
    Value value;
    std::vector<std::int64_t> back;
};
[[nodiscard]] Turned with_last(Operation& op, const Value& x, const std::vector<std::size_t>& last);

/// The shape that all of them broadcast to; MixesRows where rows would meet another axis.
[[nodiscard]] Value joined(std::span<const Value> values);
[[nodiscard]] Value broadcast(Operation& op, const Value& x, const Value& like);

/// Element by element, with broadcasting; the same dtype on both sides.
[[nodiscard]] Value combined(Operation& op, forms::Operation operation, const Value& a, const Value& b);
[[nodiscard]] Value applied(Operation& op, forms::Function function, const Value& x);
[[nodiscard]] Value applied(Operation& op, forms::Transform transform, const Value& x);
/// `yes` where the condition holds, else `no`, with broadcasting.
[[nodiscard]] Value chosen(Operation& op, const Value& condition, const Value& yes, const Value& no);
/// Along the axes, which stay with extent 1.
[[nodiscard]] Value reduced(Operation& op, forms::Reduction reduction, const Value& x,
                            const std::vector<std::size_t>& axes);
/// int32's arithmetic wraps at 32 bits.
[[nodiscard]] Value wrapped(Operation& op, const Value& x);

[[nodiscard]] bool is_float(const Value& x);
void expect_float(const Operation& op, const Value& x);
void expect_number(const Operation& op, const Value& x);
void expect_same_dtype(const Operation& op, const Value& a, const Value& b);

}  // namespace holdfast::onnx

/// Forms as ONNX operators: each function appends the nodes of one form and gives the name of their result.
///
/// Values are matrices (rows, width), as in the graph. Arithmetic is in float64 with the roundings that the form makes;
/// what cannot be said so is Unsupported, or has a loss (losses.hpp).
#pragma once

#include <span>
#include <string>

#include <holdfast/models/forms.hpp>

#include "models/engine/step.hpp"
#include "models/onnx_export/file.hpp"

namespace holdfast::onnx_export {

/// A value that is there already.
struct Operand {
    std::string name;
    engine::ValueType type;
};
using Operands = std::span<const Operand>;

// Moving and linear maps (columns.cpp).
std::string write(File& file, const forms::Cast& form, Operands in);
std::string write(File& file, const forms::Select& form, Operands in);
std::string write(File& file, const forms::Concat& form, Operands in);
std::string write(File& file, const forms::Scale& form, Operands in);
std::string write(File& file, const forms::Impute& form, Operands in);
std::string write(File& file, const forms::Normalize& form, Operands in);
std::string write(File& file, const forms::Linear& form, Operands in);
// Kernel machines (machines.cpp).
std::string write(File& file, const forms::Kernels& form, Operands in);
std::string write(File& file, const forms::PairwiseVotes& form, Operands in);
std::string write(File& file, const forms::PairwiseProbability& form, Operands in);
// Trees (trees.cpp).
std::string write(File& file, const forms::Trees& form, Operands in);
// Scores and labels (scores.cpp).
std::string write(File& file, const forms::PostTransform& form, Operands in);
std::string write(File& file, const forms::ArgMax& form, Operands in);
std::string write(File& file, const forms::Threshold& form, Operands in);
/// `are_classes`: the labels are the signature's.
std::string write_lookup(File& file, const forms::Lookup& form, Operands in, bool are_classes);
// Tensors (tensors.cpp).
std::string write(File& file, const forms::Elementwise& form, Operands in);
std::string write(File& file, const forms::Constant& form, Operands in);
std::string write(File& file, const forms::Math& form, Operands in);
std::string write(File& file, const forms::Reduce& form, Operands in);
std::string write(File& file, const forms::Product& form, Operands in);
std::string write(File& file, const forms::TopK& form, Operands in);
std::string write(File& file, const forms::Pick& form, Operands in);
std::string write(File& file, const forms::Choose& form, Operands in);
// Keys (keys.cpp).
std::string write(File& file, const forms::Encode& form, Operands in);
std::string write(File& file, const forms::OneHot& form, Operands in);
std::string write(File& file, const forms::Numbers& form, Operands in);

// What they share (common.cpp).

/// x as float64, rounded to `compute` before.
std::string operand(File& file, const Operand& x, DType compute);
/// A float64 result, rounded to `compute` and of that dtype.
std::string result(File& file, const std::string& y, DType compute);
/// bool: x is NaN. No number of another dtype than float32 and float64 is.
std::string is_nan(File& file, const std::string& x, DType dtype);
/// Along the last of `axes` axes, which goes: bool, one of them is NaN.
std::string any_nan(File& file, const std::string& x, DType dtype, std::int64_t axes);
/// Along the last of `axes` axes, which goes: int64, the position of the best; a NaN before all.
std::string position_of_best(File& file, const std::string& x, DType dtype, std::int64_t axes, bool greatest,
                             bool last);
/// ReduceSum, ReduceMax, ... along the last of `axes` axes.
std::string reduced(File& file, std::string_view type, const std::string& x, std::int64_t axes, bool keep = false);
/// 0, 1, 2, ... of one axis.
std::string counting(File& file, std::int64_t size);

}  // namespace holdfast::onnx_export

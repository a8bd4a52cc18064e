/// Puts a model's tensors where an Outputs wants them.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include <holdfast/models/outputs.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast::torch_backend {

/// Copies the tensor's memory where `out` is what `spec` says and the tensor has its elements in order; else does
/// nothing, and write_output says why or takes longer.
[[nodiscard]] bool copy_plain(const TensorSpec& spec, const at::Tensor& tensor, std::int64_t rows,
                              const TensorView& out);

/// Copies once. InvalidArgument unless the tensor has `rows` rows and the shape that `spec` says; its dtype converts by
/// C's rules unless `exact`.
void write_output(const TensorSpec& spec, const at::Tensor& tensor, std::int64_t rows, bool exact, Outputs& out);

}  // namespace holdfast::torch_backend

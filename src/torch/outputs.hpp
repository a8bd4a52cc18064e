/// Puts a model's tensors where an Outputs wants them.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include <holdfast/models/outputs.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast::torch_backend {

/// Copies once. InvalidArgument unless the tensor has `rows` rows and the shape that `spec` says; its dtype converts by
/// C's rules unless `exact`.
void write_output(const TensorSpec& spec, const at::Tensor& tensor, std::int64_t rows, bool exact, Outputs& out);

}  // namespace holdfast::torch_backend

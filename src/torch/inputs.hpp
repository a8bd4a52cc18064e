/// Brings a batch that has passed check_batch into tensors, one an input of the signature.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/data/batch.hpp>
#include <holdfast/models/signature.hpp>

#include "torch/kept_tensor.hpp"

namespace holdfast::torch_backend {

/// Views over the batch's memory where dtype and layout allow, one of them perhaps the lent tensor; the batch must
/// outlive them. InvalidArgument: a null where an input takes no NaN.
[[nodiscard]] std::vector<at::Tensor> tensors_of(const Signature& signature, const Batch& batch, LentTensor& lent);

}  // namespace holdfast::torch_backend

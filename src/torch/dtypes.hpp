/// Holdfast's dtypes and LibTorch's, and tensors over memory that is not LibTorch's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include <holdfast/data/tensor_view.hpp>

namespace holdfast::torch_backend {

[[nodiscard]] at::ScalarType scalar_type(DType dtype);                             ///< Unsupported for text
[[nodiscard]] std::optional<DType> dtype_of_scalar(at::ScalarType type) noexcept;  ///< empty for half, complex, ...

/// A tensor over the view's memory: no copy, and the memory must outlive it. LibTorch knows no negative strides: a view
/// that has some is wrapped back to front, and `reversed` names the axes to flip.
struct Wrapped {
    at::Tensor tensor;
    std::vector<std::int64_t> reversed;
};
[[nodiscard]] Wrapped wrap(const TensorView& view);

}  // namespace holdfast::torch_backend

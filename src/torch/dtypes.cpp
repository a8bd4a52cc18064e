#include "torch/dtypes.hpp"

#include <ATen/ops/from_blob.h>

#include <holdfast/base/error.hpp>

namespace holdfast::torch_backend {

at::ScalarType scalar_type(DType dtype) {
    switch (dtype) {
        case DType::boolean: return at::kBool;
        case DType::int8: return at::kChar;
        case DType::int16: return at::kShort;
        case DType::int32: return at::kInt;
        case DType::int64: return at::kLong;
        case DType::uint8: return at::kByte;
        case DType::uint16: return at::kUInt16;
        case DType::uint32: return at::kUInt32;
        case DType::uint64: return at::kUInt64;
        case DType::float32: return at::kFloat;
        case DType::float64: return at::kDouble;
        case DType::string: break;
    }
    throw Unsupported("dtype string given, a numeric dtype wanted: LibTorch holds no text");
}

std::optional<DType> dtype_of_scalar(at::ScalarType type) noexcept {
    for (int i = 0; i < static_cast<int>(DType::string); ++i) {
        const auto dtype = static_cast<DType>(i);
        if (scalar_type(dtype) == type) return dtype;
    }
    return std::nullopt;
}

Wrapped wrap(const TensorView& view) {
    Wrapped out;
    if (view.contiguous()) {
        out.tensor = at::from_blob(const_cast<void*>(view.data()), view.shape(), at::dtype(scalar_type(view.dtype())));
        return out;
    }
    std::vector<std::int64_t> strides(view.strides().begin(), view.strides().end());
    std::int64_t first = 0;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
        const std::int64_t extent = view.shape()[axis];
        if (strides[axis] >= 0 || extent == 0) continue;
        first += (extent - 1) * strides[axis];
        strides[axis] = -strides[axis];
        out.reversed.push_back(static_cast<std::int64_t>(axis));
    }
    const auto* begin = static_cast<const std::byte*>(view.data());
    if (view.size() > 0) begin += first * size_of(view.dtype());
    // from_blob wants a pointer to write through; whoever writes asked the view for mutable_data first.
    out.tensor =
        at::from_blob(const_cast<std::byte*>(begin), view.shape(), strides, at::dtype(scalar_type(view.dtype())));
    return out;
}

}  // namespace holdfast::torch_backend

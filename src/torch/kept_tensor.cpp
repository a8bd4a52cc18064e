#include "torch/kept_tensor.hpp"

#include "torch/dtypes.hpp"

namespace holdfast::torch_backend {

const at::Tensor& LentTensor::over(const TensorView& view) {
    const bool alike = tensor_.defined() && tensor_.scalar_type() == scalar_type(view.dtype()) &&
                       tensor_.sizes().equals({view.shape().data(), view.shape().size()});
    if (!alike) return tensor_ = wrap(view).tensor;
    tensor_.storage().set_data_ptr_noswap(at::DataPtr(const_cast<void*>(view.data()), at::kCPU));
    return tensor_;
}

}  // namespace holdfast::torch_backend

/// KeptTensor: the tensor over a call's batch, kept for the next call. To make one and to free it takes a third of what
/// is done around the forward of a small network.
///
/// Thread safety: any number of threads; one of them gets the tensor, the others make their own.
#pragma once

#include <atomic>
#include <utility>

#include <ATen/core/Tensor.h>

#include <holdfast/data/tensor_view.hpp>

namespace holdfast::torch_backend {

class KeptTensor {
  public:
    KeptTensor() = default;
    ~KeptTensor() { static_cast<void>(take()); }
    KeptTensor(const KeptTensor&) = delete;
    KeptTensor& operator=(const KeptTensor&) = delete;

    /// Undefined where none is kept.
    [[nodiscard]] at::Tensor take() noexcept { return owned(kept_.exchange(nullptr, std::memory_order_acquire)); }

    /// Unless the model holds on to the tensor, or to its memory.
    void keep(at::Tensor tensor) noexcept {
        if (!tensor.defined() || tensor.use_count() != 1 || tensor.storage().use_count() != 1) return;
        static_cast<void>(owned(kept_.exchange(tensor.unsafeReleaseTensorImpl(), std::memory_order_acq_rel)));
    }

  private:
    static at::Tensor owned(c10::TensorImpl* tensor) noexcept {
        if (tensor == nullptr) return {};
        return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(tensor));
    }

    std::atomic<c10::TensorImpl*> kept_{nullptr};
};

/// A tensor lent for a call.
class LentTensor {
  public:
    explicit LentTensor(KeptTensor& from) noexcept : from_(from), tensor_(from.take()) {}
    ~LentTensor() { from_.keep(std::move(tensor_)); }
    LentTensor(const LentTensor&) = delete;
    LentTensor& operator=(const LentTensor&) = delete;

    /// Over the memory of a contiguous view, which must outlive the call.
    [[nodiscard]] const at::Tensor& over(const TensorView& view);

  private:
    KeptTensor& from_;
    at::Tensor tensor_;
};

}  // namespace holdfast::torch_backend

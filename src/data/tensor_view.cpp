#include <holdfast/data/tensor_view.hpp>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

std::string shape_text(std::span<const std::int64_t> shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

/// Number of elements; InvalidArgument where the shape cannot be.
std::int64_t checked_size(std::span<const std::int64_t> shape) {
    if (shape.size() > TensorView::max_rank) {
        throw InvalidArgument("tensor: rank " + std::to_string(shape.size()) + " given, at most " +
                              std::to_string(TensorView::max_rank) + " wanted");
    }
    std::int64_t size = 1;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0)
            throw InvalidArgument("tensor: shape " + shape_text(shape) + " given, extents of 0 or more wanted");
        if (extent == 0) {
            empty = true;
        } else if (__builtin_mul_overflow(size, extent, &size)) {
            throw InvalidArgument("tensor: shape " + shape_text(shape) + " given, fewer than 2^63 elements wanted");
        }
    }
    return empty ? 0 : size;
}

}  // namespace

TensorView::TensorView(const void* data, DType dtype, std::span<const std::int64_t> shape)
    : data_(data), rank_(static_cast<int>(shape.size())), dtype_(dtype) {
    const std::int64_t elements = checked_size(shape);
    if (data == nullptr && elements > 0) {
        throw InvalidArgument("tensor: null pointer given, memory of " + std::string(to_string(dtype)) +
                              shape_text(shape) + " wanted");
    }
    std::int64_t step = 1;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        shape_[axis] = shape[axis];
        strides_[axis] = elements == 0 ? 0 : step;
        if (elements != 0) step *= shape[axis];
    }
}

TensorView::TensorView(void* data, DType dtype, std::span<const std::int64_t> shape)
    : TensorView(static_cast<const void*>(data), dtype, shape) {
    writable_ = true;
}

TensorView::TensorView(const void* data, DType dtype, std::span<const std::int64_t> shape,
                       std::span<const std::int64_t> strides, bool writable)
    : TensorView(data, dtype, shape) {
    if (strides.size() != shape.size()) {
        throw InvalidArgument("tensor: " + std::to_string(strides.size()) + " strides given, " +
                              std::to_string(shape.size()) + " wanted for shape " + shape_text(shape));
    }
    for (std::size_t axis = 0; axis < strides.size(); ++axis) strides_[axis] = strides[axis];
    writable_ = writable;
}

std::int64_t TensorView::size() const noexcept {
    std::int64_t elements = 1;
    for (const std::int64_t extent : shape()) elements *= extent;
    return elements;
}

bool TensorView::contiguous() const noexcept {
    if (size() == 0) return true;
    std::int64_t step = 1;
    for (int axis = rank_; axis-- > 0;) {
        if (extent(axis) != 1 && stride(axis) != step) return false;
        step *= extent(axis);
    }
    return true;
}

void* TensorView::mutable_data() const {
    if (!writable_) throw InvalidArgument("tensor " + describe() + ": read-only memory given, writable wanted");
    return const_cast<void*>(data_);
}

TensorView TensorView::slice_rows(std::int64_t begin, std::int64_t count) const {
    if (rank_ == 0 || begin < 0 || count < 0 || begin > rows() - count) {
        throw InvalidArgument("tensor " + describe() + ": rows [" + std::to_string(begin) + ", " +
                              std::to_string(begin) + " + " + std::to_string(count) + ") given, rows within it wanted");
    }
    TensorView slice = *this;
    slice.shape_[0] = count;
    if (data_ != nullptr) slice.data_ = static_cast<const std::byte*>(data_) + begin * strides_[0] * size_of(dtype_);
    return slice;
}

std::string TensorView::describe() const { return std::string(to_string(dtype_)) + shape_text(shape()); }

void TensorView::require_dtype(DType wanted) const {
    if (wanted != dtype_) {
        throw InvalidArgument("tensor " + describe() + ": dtype " + std::string(to_string(dtype_)) + " given, " +
                              std::string(to_string(wanted)) + " wanted");
    }
}

}  // namespace holdfast

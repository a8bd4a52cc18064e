/// TensorView: dtype, shape, strides and a pointer; owns nothing. Whoever made the memory must outlive the view.
///
/// Strides count elements, as DLPack's do. A view over const memory is not writable; `mutable_data` on it is
/// InvalidArgument. No allocation: rank is at most 8.
///
/// Thread safety: a value; the memory is the owner's business.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include <holdfast/data/dtype.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

class HOLDFAST_EXPORT TensorView {
  public:
    static constexpr int max_rank = 8;

    TensorView() = default;
    /// C-contiguous. InvalidArgument: rank over 8, a negative extent, a null pointer with elements.
    TensorView(const void* data, DType dtype, std::span<const std::int64_t> shape);
    TensorView(void* data, DType dtype, std::span<const std::int64_t> shape);
    TensorView(const void* data, DType dtype, std::span<const std::int64_t> shape,
               std::span<const std::int64_t> strides, bool writable);

    /// Rows of a matrix over the host's memory.
    template <class T>
    [[nodiscard]] static TensorView matrix(const T* data, std::int64_t rows, std::int64_t columns) {
        return TensorView(static_cast<const void*>(data), dtype_of<T>, std::array<std::int64_t, 2>{rows, columns});
    }
    template <class T>
    [[nodiscard]] static TensorView matrix(T* data, std::int64_t rows, std::int64_t columns) {
        return TensorView(static_cast<void*>(data), dtype_of<T>, std::array<std::int64_t, 2>{rows, columns});
    }
    template <class T>
    [[nodiscard]] static TensorView vector(const T* data, std::int64_t size) {
        return TensorView(static_cast<const void*>(data), dtype_of<T>, std::array<std::int64_t, 1>{size});
    }
    template <class T>
    [[nodiscard]] static TensorView vector(T* data, std::int64_t size) {
        return TensorView(static_cast<void*>(data), dtype_of<T>, std::array<std::int64_t, 1>{size});
    }

    [[nodiscard]] DType dtype() const noexcept { return dtype_; }
    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] std::span<const std::int64_t> shape() const noexcept {
        return {shape_.data(), static_cast<std::size_t>(rank_)};
    }
    [[nodiscard]] std::span<const std::int64_t> strides() const noexcept {
        return {strides_.data(), static_cast<std::size_t>(rank_)};
    }
    [[nodiscard]] std::int64_t extent(int axis) const noexcept { return shape_[static_cast<std::size_t>(axis)]; }
    [[nodiscard]] std::int64_t stride(int axis) const noexcept { return strides_[static_cast<std::size_t>(axis)]; }
    [[nodiscard]] std::int64_t rows() const noexcept {
        return rank_ == 0 ? 1 : shape_[0];
    }  ///< extent of the first axis
    [[nodiscard]] std::int64_t size() const noexcept;  ///< elements
    [[nodiscard]] bool contiguous() const noexcept;
    [[nodiscard]] bool writable() const noexcept { return writable_; }

    [[nodiscard]] const void* data() const noexcept { return data_; }
    [[nodiscard]] void* mutable_data() const;
    /// Typed pointer to the first element; InvalidArgument when T is not the dtype.
    template <class T>
    [[nodiscard]] const T* as() const {
        require_dtype(dtype_of<T>);
        return static_cast<const T*>(data_);
    }
    template <class T>
    [[nodiscard]] T* as_mutable() const {
        require_dtype(dtype_of<T>);
        return static_cast<T*>(mutable_data());
    }
    /// Rows [begin, begin + count) of the first axis.
    [[nodiscard]] TensorView slice_rows(std::int64_t begin, std::int64_t count) const;
    /// "float32[100, 8]", for messages.
    [[nodiscard]] std::string describe() const;

  private:
    void require_dtype(DType wanted) const;

    const void* data_ = nullptr;
    std::array<std::int64_t, max_rank> shape_{};
    std::array<std::int64_t, max_rank> strides_{};
    int rank_ = 0;
    DType dtype_ = DType::float64;
    bool writable_ = false;
};

}  // namespace holdfast

/// Between Python's arrays and frames and Holdfast's tensors, columns and tables.
///
/// In, without a copy where the memory allows it: what is made here holds references to the Python objects it borrows
/// from, and drops them with the GIL held from any thread. Out: numpy arrays that own their memory.
/// All functions need the GIL. Refusals are InvalidArgument or Unsupported and name `what`.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <holdfast/data/batch.hpp>
#include <holdfast/data/columns.hpp>
#include <holdfast/data/table.hpp>

namespace holdfast::bindings {

/// Keeps a Python object alive; may be dropped without the GIL.
[[nodiscard]] Owner keep_alive(pybind11::object object);

/// A tensor and what keeps its memory alive.
struct HeldTensor {
    TensorView view;
    Owner owner;
};

/// A batch and all that it borrows from. Moving it leaves its addresses as they are.
class BatchHolder {
  public:
    explicit BatchHolder(HeldTensor tensor)
        : owner_(std::move(tensor.owner)), batch_(std::make_unique<Batch>(tensor.view)) {}
    explicit BatchHolder(Table table)
        : table_(std::make_unique<Table>(std::move(table))), batch_(std::make_unique<Batch>(*table_)) {}

    [[nodiscard]] const Batch& batch() const noexcept { return *batch_; }
    [[nodiscard]] const TensorView* tensor() const noexcept { return batch_->tensor(); }
    [[nodiscard]] const Table* table() const noexcept { return batch_->table(); }
    [[nodiscard]] std::int64_t rows() const noexcept { return batch_->rows(); }

  private:
    Owner owner_;
    std::unique_ptr<Table> table_;
    std::unique_ptr<Batch> batch_;
};

/// numpy (numeric, bool or str; two axes or more), anything with `__dlpack__` on the CPU, pandas, polars, pyarrow,
/// holdfast.Table, or a dict of columns.
[[nodiscard]] BatchHolder to_batch(pybind11::handle data, std::string_view what = "X");

/// What to_batch takes; a matrix becomes columns named `names` ("x0", "x1", ... where there are none), of which
/// each whose values lie one after another is borrowed. For a frame, `names` picks columns.
[[nodiscard]] Table to_table(pybind11::handle data, const std::optional<std::vector<std::string>>& names = {},
                             std::string_view what = "data");

/// One column: a numpy array, a list, a pandas, polars or pyarrow column, or a tensor of one axis.
/// None, NaT and pandas.NA are nulls, and so is NaN between strings; numpy's float NaN stays NaN.
[[nodiscard]] Column to_column(pybind11::handle data, std::string_view name = "values");

/// A numpy array or anything with `__dlpack__`, of any rank; no copy where numpy's strides allow it.
[[nodiscard]] HeldTensor to_tensor(pybind11::handle data, std::string_view what = "X");

/// numpy's own array of a numeric dtype, native and aligned, as it lies: no reference is taken, so whoever holds `data`
/// must outlive the view. nullopt for all else, which to_tensor takes or refuses.
[[nodiscard]] std::optional<TensorView> plain_array(pybind11::handle data);
/// An array that is not filled.
[[nodiscard]] pybind11::object new_array(DType dtype, std::span<const std::int64_t> shape);

/// A column as numpy: nulls are NaN (integers become float64), NaT, or None in an object array (booleans, text).
[[nodiscard]] pybind11::array to_numpy(const Column& column);
/// A copy of any tensor; strings as an object array of str.
[[nodiscard]] pybind11::array to_numpy(const TensorView& tensor);
/// The vector's memory, handed to numpy. `shape`: one axis unless given.
template <class T>
[[nodiscard]] pybind11::array_t<T> to_numpy(std::vector<T> values, std::vector<pybind11::ssize_t> shape = {}) {
    if (shape.empty()) shape.push_back(static_cast<pybind11::ssize_t>(values.size()));
    auto held = std::make_unique<std::vector<T>>(std::move(values));
    T* first = held->data();
    const pybind11::capsule owner(held.get(), [](void* memory) { delete static_cast<std::vector<T>*>(memory); });
    held.release();
    return pybind11::array_t<T>(std::move(shape), first, owner);
}

/// numpy's dtype for a tensor's element type: object for strings.
[[nodiscard]] pybind11::dtype numpy_dtype(DType dtype);

}  // namespace holdfast::bindings

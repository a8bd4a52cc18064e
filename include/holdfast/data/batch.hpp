/// Batch: what a model is fed: one dense TensorView (first axis: rows), or a Table of named columns.
///
/// Borrows: the memory of the tensor, or the table, must outlive the batch.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <variant>

#include <holdfast/data/table.hpp>
#include <holdfast/data/tensor_view.hpp>

namespace holdfast {

class Batch {
  public:
    Batch(const TensorView& tensor) : input_(tensor) {}  // NOLINT(google-explicit-constructor)
    Batch(const Table& table) : input_(&table) {}        // NOLINT(google-explicit-constructor)

    [[nodiscard]] std::int64_t rows() const noexcept {
        const auto* tensor_input = tensor();
        return tensor_input != nullptr ? tensor_input->rows() : table()->rows();
    }
    [[nodiscard]] const TensorView* tensor() const noexcept { return std::get_if<TensorView>(&input_); }
    [[nodiscard]] const Table* table() const noexcept {
        const auto* const* held = std::get_if<const Table*>(&input_);
        return held != nullptr ? *held : nullptr;
    }

  private:
    std::variant<TensorView, const Table*> input_;
};

}  // namespace holdfast

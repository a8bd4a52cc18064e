/// Input: brings rows of a batch into the block that a graph's input wants.
///
/// Numbers convert by C's rules, a null becomes NaN (or "" in text); an integer or boolean input refuses nulls.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/data/batch.hpp>
#include <holdfast/models/signature.hpp>

#include "models/engine/step.hpp"

namespace holdfast::engine {

/// Which columns of a table make up input `i`, in order; `columns` is overwritten. The batch has passed check_batch.
void find_columns(const Signature& signature, const Table& table, std::size_t i, std::vector<std::int64_t>& columns);

/// Rows [begin, begin + rows) of a tensor, or nullptr where they must be copied.
[[nodiscard]] const void* rows_in_place(const TensorView& tensor, ValueType type, std::int64_t begin);
void copy_rows(const TensorView& tensor, std::int64_t begin, std::int64_t rows, const Block& to);
void copy_rows(const Table& table, const std::vector<std::int64_t>& columns, std::int64_t begin, std::int64_t rows,
               const Block& to);

/// Writes a block to rows [begin, ...) of an output, which may be strided.
void write_rows(const Block& from, std::int64_t begin, std::int64_t rows, const TensorView& to);

}  // namespace holdfast::engine

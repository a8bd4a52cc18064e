// Which columns a request's tensors and tables are logged as.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/table.hpp>
#include <holdfast/data/tensor_view.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast::detail {

/// The tensor as (rows, everything else).
[[nodiscard]] TensorView as_matrix(const TensorView& tensor, std::string_view what);
/// The names of a tensor's feature columns, of which there are `width`.
[[nodiscard]] std::vector<std::string> feature_names(const Signature& signature, std::int64_t width);
/// The table's columns that are features, by position in the table.
[[nodiscard]] std::vector<std::int64_t> feature_positions(const Signature& signature, const Table& table);
/// The names of an output's columns.
[[nodiscard]] std::vector<std::string> output_names(const std::string& name, std::int64_t width);

}  // namespace holdfast::detail

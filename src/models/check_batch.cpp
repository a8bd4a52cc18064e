#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/model.hpp>

#include "models/find_column.hpp"
#include "models/text.hpp"

namespace holdfast {
namespace {

[[noreturn]] void refuse(const TensorSpec& input, const std::string& seen, const std::string& wanted) {
    throw InvalidArgument("input " + detail::quoted(input.name) + ": " + seen + " given, " + wanted + " wanted");
}

std::string describe(const TensorSpec& spec) {
    return std::string(to_string(spec.dtype)) + detail::describe_shape(spec.shape);
}

bool shape_fits(const TensorSpec& spec, const TensorView& tensor) noexcept {
    const auto rank = static_cast<std::size_t>(tensor.rank());
    if (rank == 1 && spec.shape.size() == 2)
        return spec.shape[1] == 1;  // a vector goes where one column is wanted, and back
    if (rank == 2 && spec.shape.size() == 1) return tensor.extent(1) == 1;
    if (rank != spec.shape.size()) return false;
    for (std::size_t axis = 1; axis < rank; ++axis) {
        if (spec.shape[axis] >= 0 && spec.shape[axis] != tensor.shape()[axis]) return false;
    }
    return true;
}

void check_tensor(const Signature& signature, const TensorView& tensor) {
    if (signature.inputs.size() != 1)
        throw InvalidArgument("a tensor " + tensor.describe() + " given; the model takes a table with the columns " +
                              detail::listed(detail::names_of(signature.inputs)));
    const TensorSpec& input = signature.inputs[0];
    if (!shape_fits(input, tensor) || (input.dtype == DType::string) != (tensor.dtype() == DType::string))
        refuse(input, tensor.describe(), describe(input));
}

/// All of it is missing, so that its type is a guess.
bool is_without_value(const Column& column) {
    if (column.null_count() == column.size()) return true;
    if (column.type() != ColumnType::float64) return false;
    const auto values = column.values<double>();
    const Validity validity = column.validity();
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (validity.at(row) && !std::isnan(values[static_cast<std::size_t>(row)])) return false;
    }
    return true;
}

void check_column(const TensorSpec& input, const std::string& name, const Column& column) {
    const bool text =
        column.type() == ColumnType::string || column.type() == ColumnType::categorical || is_without_value(column);
    const bool number = is_numeric(column.type()) || column.type() == ColumnType::boolean;
    if (input.dtype == DType::string ? !text : !number)
        throw InvalidArgument("column " + detail::quoted(name) + ": " + std::string(to_string(column.type())) +
                              " given, " + (input.dtype == DType::string ? "text" : "numbers") + " wanted");
}

/// `wanted(i)` is the i-th column's input and name.
template <class Wanted>
void check_columns(std::size_t count, const Table& table, Wanted wanted) {
    std::vector<std::string> absent;
    for (std::size_t i = 0; i < count; ++i) {
        const auto [input, name] = wanted(i);
        const std::int64_t position = detail::find_column(table, *name, i);
        if (position < 0) {
            absent.push_back(*name);
        } else {
            check_column(*input, *name, table.column(position));
        }
    }
    if (!absent.empty())
        throw InvalidArgument("the table lacks the column" + std::string(absent.size() == 1 ? " " : "s ") +
                              detail::listed(absent) + "; it has " + detail::listed(table.names()));
}

void check_table(const Signature& signature, const Table& table) {
    const TensorSpec& first = signature.inputs[0];
    if (signature.inputs.size() > 1)
        return check_columns(signature.inputs.size(), table,
                             [&](std::size_t i) { return std::pair(&signature.inputs[i], &signature.inputs[i].name); });
    if (!signature.features.empty())
        return check_columns(signature.features.size(), table,
                             [&](std::size_t i) { return std::pair(&first, &signature.features[i]); });
    const std::int64_t width = detail::width_of(first);
    if (width == 1 && table.has(first.name))
        return check_column(first, first.name, table.column(table.find(first.name)));
    if (width >= 0 && table.width() != width)
        refuse(first, "a table of " + std::to_string(table.width()) + " columns",
               std::to_string(width) + " columns (the model does not know their names)");
    for (std::int64_t i = 0; i < table.width(); ++i)
        check_column(first, table.names()[static_cast<std::size_t>(i)], table.column(i));
}

}  // namespace

void check_batch(const Signature& signature, const Batch& batch) {
    if (const TensorView* tensor = batch.tensor()) {
        check_tensor(signature, *tensor);
    } else {
        check_table(signature, *batch.table());
    }
}

}  // namespace holdfast

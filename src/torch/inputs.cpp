#include "torch/inputs.hpp"

#include <array>
#include <limits>
#include <string>
#include <utility>

#include <ATen/ops/empty.h>

#include <holdfast/base/error.hpp>

#include "torch/dtypes.hpp"
#include "torch/text.hpp"

namespace holdfast::torch_backend {
namespace {

at::Tensor strided(const TensorView& view) {
    Wrapped wrapped = wrap(view);
    return wrapped.reversed.empty() ? std::move(wrapped.tensor) : wrapped.tensor.flip(wrapped.reversed);
}

at::Tensor tensor_of(const TensorSpec& spec, const TensorView& view, LentTensor& lent) {
    at::Tensor tensor = view.contiguous() ? lent.over(view) : strided(view);
    // A vector goes where one column is wanted, and back.
    if (tensor.dim() == 1 && spec.shape.size() == 2) tensor = tensor.unsqueeze(1);
    if (tensor.dim() == 2 && spec.shape.size() == 1) tensor = tensor.squeeze(1);
    const at::ScalarType wanted = scalar_type(spec.dtype);
    return tensor.scalar_type() == wanted ? tensor : tensor.to(wanted);
}

DType dtype_of_column(const std::string& name, const Column& column) {
    switch (column.type()) {
        case ColumnType::float32: return DType::float32;
        case ColumnType::float64: return DType::float64;
        case ColumnType::int32: return DType::int32;
        case ColumnType::int64: return DType::int64;
        case ColumnType::boolean: return DType::boolean;
        default: break;
    }
    throw InvalidArgument("column " + in_quotes(name) + ": " + std::string(to_string(column.type())) +
                          " given, numbers wanted");
}

const void* values_of(const Column& column) {
    switch (column.type()) {
        case ColumnType::float32: return column.values<float>().data();
        case ColumnType::float64: return column.values<double>().data();
        case ColumnType::int32: return column.values<std::int32_t>().data();
        case ColumnType::int64: return column.values<std::int64_t>().data();
        default: return column.values<std::uint8_t>().data();
    }
}

at::Tensor wrap_column(const std::string& name, const Column& column) {
    return wrap(TensorView(values_of(column), dtype_of_column(name, column), std::array{column.size()})).tensor;
}

/// Nulls become NaN in `to`.
void mark_nulls(const TensorSpec& spec, const std::string& name, const Column& column, at::Tensor to) {
    if (column.null_count() == 0) return;
    const bool floating = spec.dtype == DType::float32 || spec.dtype == DType::float64;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (column.is_valid(row)) continue;
        if (!floating)
            throw InvalidArgument("column " + in_quotes(name) + ": row " + std::to_string(row) + " is null, " +
                                  std::string(to_string(spec.dtype)) + " values wanted");
        to[row].fill_(std::numeric_limits<double>::quiet_NaN());
    }
}

/// One column as one input: a view where it has the dtype and no nulls.
at::Tensor single_column(const TensorSpec& spec, const std::string& name, const Column& column) {
    at::Tensor tensor = wrap_column(name, column);
    const auto wanted = scalar_type(spec.dtype);
    tensor = column.null_count() > 0 ? tensor.to(wanted, false, true) : tensor.to(wanted);
    mark_nulls(spec, name, column, tensor);
    return spec.shape.size() == 2 ? tensor.unsqueeze(1) : tensor;
}

/// The columns of a table that make up its one dense input, in order; the rules of check_batch.
std::vector<std::int64_t> positions(const Signature& signature, const Table& table) {
    std::vector<std::int64_t> out;
    const TensorSpec& spec = signature.inputs[0];
    if (!signature.features.empty()) {
        for (const std::string& name : signature.features) out.push_back(table.find(name));
    } else if (table.has(spec.name) && (spec.shape.size() == 1 || (spec.shape.size() == 2 && spec.shape[1] == 1))) {
        out.push_back(table.find(spec.name));
    } else {
        for (std::int64_t i = 0; i < table.width(); ++i) out.push_back(i);
    }
    return out;
}

at::Tensor dense(const Signature& signature, const Table& table) {
    const TensorSpec& spec = signature.inputs[0];
    const std::vector<std::int64_t> columns = positions(signature, table);
    at::Tensor out =
        at::empty({table.rows(), static_cast<std::int64_t>(columns.size())}, at::dtype(scalar_type(spec.dtype)));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string& name = table.names()[static_cast<std::size_t>(columns[i])];
        const Column& column = table.column(columns[i]);
        const at::Tensor to = out.select(1, static_cast<std::int64_t>(i));
        to.copy_(wrap_column(name, column));
        mark_nulls(spec, name, column, to);
    }
    if (spec.shape.size() == 2) return out;
    std::vector<std::int64_t> shape = spec.shape;
    shape[0] = table.rows();
    for (const std::int64_t extent : shape) {
        if (extent < 0)
            throw InvalidArgument("input " + in_quotes(spec.name) + ": a table given, a tensor " +
                                  shape_text(spec.shape) + " wanted");
    }
    return out.reshape(shape);
}

}  // namespace

std::vector<at::Tensor> tensors_of(const Signature& signature, const Batch& batch, LentTensor& lent) {
    std::vector<at::Tensor> tensors;
    if (const TensorView* view = batch.tensor()) {
        tensors.push_back(tensor_of(signature.inputs[0], *view, lent));
        return tensors;
    }
    const Table& table = *batch.table();
    if (signature.inputs.size() == 1) return {dense(signature, table)};
    for (const TensorSpec& spec : signature.inputs)
        tensors.push_back(single_column(spec, spec.name, table.column(spec.name)));
    return tensors;
}

}  // namespace holdfast::torch_backend

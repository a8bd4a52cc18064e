#include "models/engine/input.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include <holdfast/base/error.hpp>

#include "models/engine/convert.hpp"
#include "models/find_column.hpp"
#include "models/text.hpp"

namespace holdfast::engine {
namespace {

/// Calls `visit(offset)` for each element of the rows, in C order, with its place in the tensor's memory.
template <class Visit>
void each_element(const TensorView& tensor, std::int64_t begin, std::int64_t rows, std::int64_t width, Visit visit) {
    if (rows * width == 0) return;
    const int rank = tensor.rank();
    if (rank <= 2) {
        const std::int64_t step = rank == 2 ? tensor.stride(1) : 0;
        for (std::int64_t row = begin; row < begin + rows; ++row) {
            for (std::int64_t i = 0; i < width; ++i) visit(row * tensor.stride(0) + i * step);
        }
        return;
    }
    for (std::int64_t row = begin; row < begin + rows; ++row) {
        for (std::int64_t i = 0; i < width; ++i) {
            std::int64_t offset = row * tensor.stride(0);
            std::int64_t rest = i;
            for (int axis = rank - 1; axis >= 1; --axis) {
                offset += rest % tensor.extent(axis) * tensor.stride(axis);
                rest /= tensor.extent(axis);
            }
            visit(offset);
        }
    }
}

template <class From, class To>
void copy_column(const Column& column, const std::string& name, std::int64_t begin, std::int64_t rows, To* to,
                 std::int64_t stride) {
    const auto values = column.values<From>();
    const Validity validity = column.validity();
    for (std::int64_t row = begin; row < begin + rows; ++row, to += stride) {
        if (validity.at(row)) {
            *to = convert<To>(values[static_cast<std::size_t>(row)]);
        } else if constexpr (std::is_floating_point_v<To>) {
            *to = std::numeric_limits<To>::quiet_NaN();
        } else {
            throw InvalidArgument("column " + detail::quoted(name) + ": row " + std::to_string(row) + " is null, " +
                                  std::string(to_string(dtype_of<To>)) + " values wanted");
        }
    }
}

template <class To>
void copy_numbers(const Column& column, const std::string& name, std::int64_t begin, std::int64_t rows, To* to,
                  std::int64_t stride) {
    switch (column.type()) {
        case ColumnType::float32: return copy_column<float>(column, name, begin, rows, to, stride);
        case ColumnType::float64: return copy_column<double>(column, name, begin, rows, to, stride);
        case ColumnType::int32: return copy_column<std::int32_t>(column, name, begin, rows, to, stride);
        case ColumnType::int64: return copy_column<std::int64_t>(column, name, begin, rows, to, stride);
        case ColumnType::boolean: return copy_column<std::uint8_t>(column, name, begin, rows, to, stride);
        default: throw InternalError("column " + detail::quoted(name) + " holds no numbers");
    }
}

void copy_texts(const Column& column, std::int64_t begin, std::int64_t rows, std::string_view* to,
                std::int64_t stride) {
    const bool text = column.type() == ColumnType::string || column.type() == ColumnType::categorical;
    for (std::int64_t row = begin; row < begin + rows; ++row, to += stride)
        *to = text && column.is_valid(row) ? column.text(row) : std::string_view();
}

}  // namespace

void find_columns(const Signature& signature, const Table& table, std::size_t i, std::vector<std::int64_t>& columns) {
    columns.clear();
    if (signature.inputs.size() > 1 || (signature.features.empty() && detail::width_of(signature.inputs[i]) == 1 &&
                                        table.has(signature.inputs[i].name))) {
        columns.push_back(detail::find_column(table, signature.inputs[i].name, i));
    } else if (!signature.features.empty()) {
        for (std::size_t k = 0; k < signature.features.size(); ++k)
            columns.push_back(detail::find_column(table, signature.features[k], k));
    } else {
        for (std::int64_t column = 0; column < table.width(); ++column) columns.push_back(column);
    }
}

const void* rows_in_place(const TensorView& tensor, ValueType type, std::int64_t begin) {
    if (tensor.dtype() != type.dtype || !tensor.contiguous()) return nullptr;
    return static_cast<const std::byte*>(tensor.data()) + begin * type.width * size_of(type.dtype);
}

void copy_rows(const TensorView& tensor, std::int64_t begin, std::int64_t rows, const Block& to) {
    const std::int64_t width = to.type.width;
    if (to.type.dtype == DType::string) {
        const auto* from = tensor.as<std::string_view>();
        each_element(tensor, begin, rows, width,
                     [&, out = to.as<std::string_view>()](std::int64_t at) mutable { *out++ = from[at]; });
        return;
    }
    with_number(tensor.dtype(), [&]<class From>(Tag<From>) {
        const From* from = tensor.as<From>();
        with_value(to.type.dtype, [&]<class To>(Tag<To>) {
            each_element(tensor, begin, rows, width,
                         [&, out = to.as<To>()](std::int64_t at) mutable { *out++ = convert<To>(from[at]); });
        });
    });
}

void copy_rows(const Table& table, const std::vector<std::int64_t>& columns, std::int64_t begin, std::int64_t rows,
               const Block& to) {
    const std::int64_t width = to.type.width;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column& column = table.column(columns[i]);
        if (to.type.dtype == DType::string) {
            copy_texts(column, begin, rows, to.as<std::string_view>() + i, width);
        } else {
            with_value(to.type.dtype, [&]<class To>(Tag<To>) {
                copy_numbers(column, table.names()[static_cast<std::size_t>(columns[i])], begin, rows, to.as<To>() + i,
                             width);
            });
        }
    }
}

void write_rows(const Block& from, std::int64_t begin, std::int64_t rows, const TensorView& to) {
    const std::int64_t width = from.type.width;
    if (rows * width == 0) return;
    const std::int64_t element = size_of(from.type.dtype);
    if (to.contiguous()) {
        std::memcpy(static_cast<std::byte*>(to.mutable_data()) + begin * width * element, from.data,
                    static_cast<std::size_t>(rows * width * element));
        return;
    }
    with_any_value(from.type.dtype, [&]<class T>(Tag<T>) {
        T* memory = to.as_mutable<T>();
        each_element(to, begin, rows, width, [&, in = from.as<T>()](std::int64_t at) mutable { memory[at] = *in++; });
    });
}

}  // namespace holdfast::engine

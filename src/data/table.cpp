#include <holdfast/data/table.hpp>

#include <algorithm>

#include <holdfast/base/error.hpp>

#include "widen.hpp"

namespace holdfast {
namespace {

std::string listed(std::span<const std::string> names) {
    std::string text = "[";
    for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "\"" : ", \"") + names[i] + "\"";
    return text + "]";
}

/// The matrix' column, widened to a column type; copies unless its elements lie one after another.
template <class T>
Column matrix_column(const TensorView& matrix, std::int64_t position, std::string_view name, const Owner& owner) {
    const T* first = matrix.as<T>() + position * matrix.stride(1);
    const std::int64_t step = matrix.stride(0);
    if constexpr (detail::direct<T>) {
        if (step == 1 || matrix.rows() <= 1) {
            return Column::borrowed(detail::column_type_of<T>, matrix.rows() == 0 ? nullptr : first, matrix.rows(), {},
                                    owner);
        }
    }
    return detail::widened<T>(matrix.rows(), name, {}, [=](std::int64_t row) { return first[row * step]; });
}

Column text_matrix_column(const TensorView& matrix, std::int64_t position) {
    std::vector<std::string_view> texts;
    const auto* first = matrix.as<std::string_view>() + position * matrix.stride(1);
    for (std::int64_t row = 0; row < matrix.rows(); ++row) texts.push_back(first[row * matrix.stride(0)]);
    return Column::strings(std::span<const std::string_view>(texts));
}

Column matrix_column(const TensorView& matrix, std::int64_t position, std::string_view name, const Owner& owner) {
    switch (matrix.dtype()) {
        case DType::boolean: return matrix_column<bool>(matrix, position, name, owner);
        case DType::int8: return matrix_column<std::int8_t>(matrix, position, name, owner);
        case DType::int16: return matrix_column<std::int16_t>(matrix, position, name, owner);
        case DType::int32: return matrix_column<std::int32_t>(matrix, position, name, owner);
        case DType::int64: return matrix_column<std::int64_t>(matrix, position, name, owner);
        case DType::uint8: return matrix_column<std::uint8_t>(matrix, position, name, owner);
        case DType::uint16: return matrix_column<std::uint16_t>(matrix, position, name, owner);
        case DType::uint32: return matrix_column<std::uint32_t>(matrix, position, name, owner);
        case DType::uint64: return matrix_column<std::uint64_t>(matrix, position, name, owner);
        case DType::float32: return matrix_column<float>(matrix, position, name, owner);
        case DType::float64: return matrix_column<double>(matrix, position, name, owner);
        case DType::string: break;
    }
    return text_matrix_column(matrix, position);
}

}  // namespace

Table& Table::add(std::string name, Column column) {
    if (name.empty()) throw InvalidArgument("table: an empty column name given, a name wanted");
    if (has(name)) throw InvalidArgument("table: column \"" + name + "\" given twice, distinct names wanted");
    if (!columns_.empty() && column.size() != rows()) {
        throw InvalidArgument("table: column \"" + name + "\" of " + std::to_string(column.size()) + " rows given, " +
                              std::to_string(rows()) + " wanted");
    }
    if (names_.size() == names_.capacity()) {  // after this, nothing throws
        names_.reserve(2 * names_.size() + 8);
        columns_.reserve(names_.capacity());
    }
    columns_.push_back(std::move(column));
    names_.push_back(std::move(name));
    return *this;
}

std::int64_t Table::find(std::string_view name) const noexcept {
    // Names that are alike mostly differ in their last character.
    const char last = name.empty() ? '\0' : name.back();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (names_[i].back() == last && names_[i] == name) return static_cast<std::int64_t>(i);
    }
    return -1;
}

const Column& Table::column(std::string_view name) const {
    const std::int64_t position = find(name);
    if (position < 0)
        throw InvalidArgument("table: column \"" + std::string(name) + "\" given, one of " + listed(names_) +
                              " wanted");
    return column(position);
}

Schema Table::schema() const {
    std::vector<Field> fields;
    for (std::size_t i = 0; i < names_.size(); ++i) fields.push_back({names_[i], columns_[i].type()});
    return Schema(std::move(fields));
}

Table Table::select(std::span<const std::string> names) const {
    Table out;
    for (const std::string& name : names) out.add(name, column(name));
    return out;
}

Table Table::without(std::span<const std::string> names) const {
    for (const std::string& name : names) static_cast<void>(column(name));
    Table out;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        if (std::find(names.begin(), names.end(), names_[i]) == names.end()) out.add(names_[i], columns_[i]);
    }
    return out;
}

Table Table::slice(std::int64_t begin, std::int64_t count) const {
    Table out;
    for (std::size_t i = 0; i < names_.size(); ++i) out.add(names_[i], columns_[i].slice(begin, count));
    return out;
}

Table Table::take(std::span<const std::int64_t> rows) const {
    Table out;
    for (std::size_t i = 0; i < names_.size(); ++i) out.add(names_[i], columns_[i].take(rows));
    return out;
}

Table Table::concat(std::span<const Table> tables) {
    if (tables.empty()) return {};
    const Table& first = tables.front();
    if (tables.size() == 1) return first;
    for (const Table& table : tables) {
        if (table.names_ != first.names_) {
            throw InvalidArgument("concat: columns " + listed(table.names_) + " given, " + listed(first.names_) +
                                  " wanted, as the first table has");
        }
    }
    Table out;
    for (std::size_t i = 0; i < first.names_.size(); ++i) {
        std::vector<Column> parts;
        for (const Table& table : tables) parts.push_back(table.columns_[i]);
        try {
            out.add(first.names_[i], Column::concat(parts));
        } catch (const InvalidArgument& error) {
            throw InvalidArgument("column \"" + first.names_[i] + "\": " + error.what());
        }
    }
    return out;
}

Table Table::from_matrix(const TensorView& matrix, std::span<const std::string> names, const Owner& owner) {
    if (matrix.rank() != 2)
        throw InvalidArgument("table: " + matrix.describe() + " given, a matrix [rows, columns] wanted");
    if (matrix.extent(1) != static_cast<std::int64_t>(names.size())) {
        throw InvalidArgument("table: " + std::to_string(names.size()) + " names given, " +
                              std::to_string(matrix.extent(1)) + " wanted, one for each column of " +
                              matrix.describe());
    }
    Table out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out.add(names[i], matrix_column(matrix, static_cast<std::int64_t>(i), names[i], owner));
    }
    return out;
}

}  // namespace holdfast

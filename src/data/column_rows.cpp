// Columns made of other columns' rows: take and concat; and values as text.
#include <array>
#include <charconv>
#include <unordered_map>

#include <holdfast/base/error.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/data/column.hpp>

namespace holdfast {
namespace {

template <class T>
std::string number_text(T value) {
    std::array<char, 32> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end};
}

/// Flags for `rows`; empty where every row taken is present.
std::vector<bool> validity_of(const Column& column, std::span<const std::int64_t> rows) {
    std::vector<bool> valid(rows.size(), true);
    bool any_null = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] >= column.size()) {
            throw InvalidArgument("column: row " + std::to_string(rows[i]) + " given, a row below " +
                                  std::to_string(column.size()) + " wanted");
        }
        if (rows[i] >= 0 && column.is_valid(rows[i])) continue;
        valid[i] = false;
        any_null = true;
    }
    if (!any_null) valid.clear();
    return valid;
}

template <class T>
std::vector<T> gather(std::span<const T> values, std::span<const std::int64_t> rows) {
    std::vector<T> out;
    out.reserve(rows.size());
    for (const std::int64_t row : rows) out.push_back(row < 0 ? T{} : values[static_cast<std::size_t>(row)]);
    return out;
}

std::vector<bool> joined_validity(std::span<const Column> columns) {
    std::vector<bool> valid;
    bool any_null = false;
    for (const Column& column : columns) {
        any_null = any_null || column.null_count() > 0;
        for (std::int64_t row = 0; row < column.size(); ++row) valid.push_back(column.is_valid(row));
    }
    if (!any_null) valid.clear();
    return valid;
}

template <class T>
std::vector<T> joined(std::span<const Column> columns) {
    std::vector<T> out;
    for (const Column& column : columns) {
        const auto values = column.values<T>();
        out.insert(out.end(), values.begin(), values.end());
    }
    return out;
}

std::vector<bool> flags(const std::vector<std::uint8_t>& bytes) {
    std::vector<bool> out;
    out.reserve(bytes.size());
    for (const std::uint8_t byte : bytes) out.push_back(byte != 0);
    return out;
}

Column joined_categorical(std::span<const Column> columns, const std::vector<bool>& valid) {
    std::vector<std::string> categories;
    std::unordered_map<std::string, std::int32_t> code_of;
    std::vector<std::int32_t> codes;
    for (const Column& column : columns) {
        std::vector<std::int32_t> renamed;
        for (const std::string& name : column.categories()) {
            const auto [found, fresh] = code_of.try_emplace(name, static_cast<std::int32_t>(categories.size()));
            if (fresh) categories.push_back(name);
            renamed.push_back(found->second);
        }
        const auto old = column.values<std::int32_t>();
        for (std::int64_t row = 0; row < column.size(); ++row) {
            codes.push_back(column.is_valid(row) ? renamed[static_cast<std::size_t>(old[static_cast<std::size_t>(row)])]
                                                 : 0);
        }
    }
    return Column::categorical(std::move(codes), std::move(categories), valid);
}

Column joined_strings(std::span<const Column> columns, const std::vector<bool>& valid) {
    std::vector<std::string_view> texts;
    for (const Column& column : columns) {
        for (std::int64_t row = 0; row < column.size(); ++row) texts.push_back(column.text(row));
    }
    return Column::strings(std::span<const std::string_view>(texts), valid);
}

}  // namespace

std::string Column::value_text(std::int64_t row) const {
    if (!is_valid(row)) return {};
    const auto at = static_cast<std::size_t>(row);
    switch (type_) {
        case ColumnType::float32: return number_text(values<float>()[at]);
        case ColumnType::float64: return number_text(values<double>()[at]);
        case ColumnType::int32: return number_text(values<std::int32_t>()[at]);
        case ColumnType::int64: return number_text(values<std::int64_t>()[at]);
        case ColumnType::boolean: return values<std::uint8_t>()[at] != 0 ? "true" : "false";
        case ColumnType::timestamp: return format_time(from_micros(values<std::int64_t>()[at]));
        case ColumnType::string:
        case ColumnType::categorical: break;
    }
    return std::string(text(row));
}

Column Column::take(std::span<const std::int64_t> rows) const {
    const auto valid = validity_of(*this, rows);
    switch (type_) {
        case ColumnType::float32: return of(gather(values<float>(), rows), valid);
        case ColumnType::float64: return of(gather(values<double>(), rows), valid);
        case ColumnType::int32: return of(gather(values<std::int32_t>(), rows), valid);
        case ColumnType::int64: return of(gather(values<std::int64_t>(), rows), valid);
        case ColumnType::timestamp: return timestamps(gather(values<std::int64_t>(), rows), valid);
        case ColumnType::boolean: return booleans(flags(gather(values<std::uint8_t>(), rows)), valid);
        case ColumnType::categorical: return categorical(gather(values<std::int32_t>(), rows), categories(), valid);
        case ColumnType::string: break;
    }
    std::vector<std::string_view> texts;
    texts.reserve(rows.size());
    for (const std::int64_t row : rows) texts.push_back(row < 0 ? std::string_view{} : text(row));
    return strings(std::span<const std::string_view>(texts), valid);
}

Column Column::concat(std::span<const Column> columns) {
    if (columns.empty()) return {};
    if (columns.size() == 1) return columns.front();
    const ColumnType type = columns.front().type();
    for (const Column& column : columns) {
        if (column.type() != type) {
            throw InvalidArgument("concat: a column of type " + std::string(to_string(column.type())) + " given, " +
                                  std::string(to_string(type)) + " wanted, as the first has");
        }
    }
    const auto valid = joined_validity(columns);
    switch (type) {
        case ColumnType::float32: return of(joined<float>(columns), valid);
        case ColumnType::float64: return of(joined<double>(columns), valid);
        case ColumnType::int32: return of(joined<std::int32_t>(columns), valid);
        case ColumnType::int64: return of(joined<std::int64_t>(columns), valid);
        case ColumnType::timestamp: return timestamps(joined<std::int64_t>(columns), valid);
        case ColumnType::boolean: return booleans(flags(joined<std::uint8_t>(columns)), valid);
        case ColumnType::categorical: return joined_categorical(columns, valid);
        case ColumnType::string: break;
    }
    return joined_strings(columns, valid);
}

}  // namespace holdfast

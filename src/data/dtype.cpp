#include <holdfast/data/dtype.hpp>

#include <array>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

struct DTypeRow {
    std::string_view name;
    std::int64_t size;
};

constexpr std::array<DTypeRow, 12> dtype_rows{{{"bool", 1},
                                               {"int8", 1},
                                               {"int16", 2},
                                               {"int32", 4},
                                               {"int64", 8},
                                               {"uint8", 1},
                                               {"uint16", 2},
                                               {"uint32", 4},
                                               {"uint64", 8},
                                               {"float32", 4},
                                               {"float64", 8},
                                               {"string", sizeof(std::string_view)}}};

constexpr std::array<std::string_view, 8> column_type_names{"float32", "float64", "int32",       "int64",
                                                            "boolean", "string",  "categorical", "timestamp"};

template <class Names>
[[noreturn]] void refuse_name(std::string_view what, std::string_view name, const Names& names) {
    std::string message = std::string(what) + ": \"" + std::string(name) + "\" given, one of ";
    for (std::size_t i = 0; i < names.size(); ++i) message += (i == 0 ? "" : ", ") + std::string(names[i]);
    throw InvalidArgument(message + " wanted");
}

}  // namespace

std::int64_t size_of(DType dtype) noexcept { return dtype_rows[static_cast<std::size_t>(dtype)].size; }

std::string_view to_string(DType dtype) noexcept { return dtype_rows[static_cast<std::size_t>(dtype)].name; }

DType parse_dtype(std::string_view name) {
    std::array<std::string_view, dtype_rows.size()> names;
    for (std::size_t i = 0; i < dtype_rows.size(); ++i) {
        names[i] = dtype_rows[i].name;
        if (names[i] == name) return static_cast<DType>(i);
    }
    refuse_name("dtype", name, names);
}

std::string_view to_string(ColumnType type) noexcept { return column_type_names[static_cast<std::size_t>(type)]; }

ColumnType parse_column_type(std::string_view name) {
    for (std::size_t i = 0; i < column_type_names.size(); ++i) {
        if (column_type_names[i] == name) return static_cast<ColumnType>(i);
    }
    refuse_name("column type", name, column_type_names);
}

}  // namespace holdfast

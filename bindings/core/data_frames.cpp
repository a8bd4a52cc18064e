#include <algorithm>
#include <cmath>
#include <optional>

#include <holdfast/base/error.hpp>
#include <holdfast/data/arrow.hpp>

#include "data_inputs.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

template <class Struct>
Struct* pointer_in(py::handle capsule, const char* name, std::string_view what) {
    void* pointer = PyCapsule_CheckExact(capsule.ptr()) != 0 ? PyCapsule_GetPointer(capsule.ptr(), name) : nullptr;
    if (pointer != nullptr) return static_cast<Struct*>(pointer);
    PyErr_Clear();
    throw InvalidArgument(std::string(what) + ": " + type_name(capsule) + " given where a capsule named \"" + name +
                          "\" is wanted");
}

bool is_pandas(py::handle data) {
    const py::object module = py::getattr(py::type::handle_of(data), "__module__", py::none());
    return py::isinstance<py::str>(module) && module.cast<std::string_view>().starts_with("pandas");
}

bool is_pandas_frame(py::handle data) {
    return is_pandas(data) && py::hasattr(data, "iloc") && py::hasattr(data, "columns");
}

bool is_text(py::handle dtype) {
    return py::str(py::type::handle_of(dtype).attr("__name__")).cast<std::string>() == "StringDtype";
}

bool can_import(const char* module) {
    try {
        py::module_::import(module);
        return true;
    } catch (const py::error_already_set& error) {
        if (!error.matches(PyExc_ImportError)) throw;
        return false;
    }
}

/// Calls an exporter; what it raises is about the data, and becomes InvalidArgument.
template <class Call>
auto exporting(py::handle data, std::string_view what, Call call) {
    try {
        return call();
    } catch (const py::error_already_set& error) {
        if (!is_data_error(error)) throw;
        throw InvalidArgument(std::string(what) + ": " + type_name(data) +
                              " given that does not export to Arrow: " + message_of(error));
    }
}

/// nullopt where nothing is exported.
std::optional<Table> arrow_table(py::handle data, std::string_view what) {
    if (const py::object stream = py::getattr(data, "__arrow_c_stream__", py::none()); !stream.is_none()) {
        const py::object capsule = exporting(data, what, [&] { return stream(); });
        return import_arrow(pointer_in<ArrowArrayStream>(capsule, "arrow_array_stream", what));
    }
    const py::object array = py::getattr(data, "__arrow_c_array__", py::none());
    if (array.is_none()) return std::nullopt;
    const auto pair = exporting(data, what, [&] { return array().cast<py::tuple>(); });
    if (pair.size() != 2) throw InvalidArgument(std::string(what) + ": __arrow_c_array__ gave no pair of capsules");
    return import_arrow(pointer_in<ArrowSchema>(pair[0], "arrow_schema", what),
                        pointer_in<ArrowArray>(pair[1], "arrow_array", what));
}

Column categorical_column(py::handle codes, py::handle categories, std::string_view name) {
    const Column labels = to_column(categories, name);
    const py::array_t<std::int64_t, py::array::c_style | py::array::forcecast> positions(
        py::reinterpret_borrow<py::object>(codes));
    const std::span<const std::int64_t> rows(positions.data(), static_cast<std::size_t>(positions.size()));
    if (labels.type() != ColumnType::string) return labels.take(rows);
    std::vector<std::string> texts;
    for (std::int64_t row = 0; row < labels.size(); ++row) texts.emplace_back(labels.text(row));
    return Column::categorical(std::vector<std::int32_t>(rows.begin(), rows.end()), std::move(texts));
}

template <class T>
Column nan_is_missing(const Column& column) {
    const auto values = column.values<T>();
    if (std::none_of(values.begin(), values.end(), [](T value) { return std::isnan(value); })) return column;
    std::vector<bool> valid;
    for (const T value : values) valid.push_back(!std::isnan(value));
    return Column::of(std::vector<T>(values.begin(), values.end()), valid);
}

/// Of a column whose `values` are numpy's own.
Column pandas_numbers(py::array values, std::string_view name) {
    Column column = numpy_column(std::move(values), name);
    if (column.type() == ColumnType::float32) return nan_is_missing<float>(column);
    return column.type() == ColumnType::float64 ? nan_is_missing<double>(column) : column;
}

/// Text that pandas keeps as pyarrow does, which its `__arrow_array__` hands out.
bool is_arrow_text(py::handle dtype) {
    return is_text(dtype) && py::str(py::getattr(dtype, "storage", py::str(""))).cast<std::string>() == "pyarrow";
}

Column pandas_text(py::handle series, std::string_view name) {
    if (is_arrow_text(series.attr("dtype"))) {
        Column column = series_column(series.attr("array").attr("__arrow_array__")(), name);
        if (column.type() == ColumnType::string) return column;
    }
    Column column = object_column(series.attr("tolist")(), name);
    if (column.type() == ColumnType::string) return column;  // else nothing but missing values
    const std::vector<std::string_view> empty(static_cast<std::size_t>(column.size()));
    return Column::strings(std::span(empty), std::vector<bool>(empty.size(), false));
}

/// A pandas column without pyarrow's help.
Column pandas_column(py::handle series, std::string_view name) {
    const py::object dtype = series.attr("dtype");
    if (py::isinstance<py::dtype>(dtype)) return pandas_numbers(series.attr("to_numpy")(), name);
    if (py::hasattr(series, "cat")) {
        return categorical_column(series.attr("cat").attr("codes").attr("to_numpy")(), dtype.attr("categories"), name);
    }
    if (!py::getattr(dtype, "tz", py::none()).is_none()) {
        const py::object utc = series.attr("dt").attr("tz_convert")("UTC").attr("dt").attr("tz_localize")(py::none());
        return numpy_column(utc.attr("to_numpy")(), name);
    }
    if (is_text(dtype)) return pandas_text(series, name);
    // pandas' own types with a mask lose it, and int64's last digits, on the way to a plain array.
    return object_column(series.attr("tolist")(), name);
}

/// Whether pandas_column reads it as pyarrow does, and sooner: exporting to Arrow takes most of a millisecond, one by
/// one texts take longer than that from a thousand rows on.
bool is_read_directly(py::handle series, py::ssize_t rows) {
    constexpr py::ssize_t few = 1000;
    const py::object dtype = series.attr("dtype");
    if (py::isinstance<py::dtype>(dtype)) return false;
    if (is_arrow_text(dtype)) return true;
    if (rows >= few) return false;
    return is_text(dtype) || (py::hasattr(dtype, "categories") && is_text(dtype.attr("categories").attr("dtype")));
}

Table pandas_by_arrow(py::handle frame, std::string_view what) {
    auto exporter = py::reinterpret_borrow<py::object>(frame);
    if (!py::hasattr(frame, "__arrow_c_stream__")) {
        const py::object table = py::module_::import("pyarrow").attr("Table");
        exporter =
            exporting(frame, what, [&] { return table.attr("from_pandas")(frame, py::arg("preserve_index") = false); });
    } else if (!type_name(frame.attr("index")).ends_with("RangeIndex")) {
        // Any other index would come along as one more column.
        exporter = frame.attr("reset_index")(py::arg("drop") = true);
    }
    return arrow_table(exporter, what).value();
}

Table pandas_table(py::handle frame, std::string_view what) {
    const auto rows = static_cast<py::ssize_t>(py::len(frame));
    std::vector<std::string> names;
    std::vector<std::optional<Column>> columns;
    py::list others;  // positions
    const auto read = [&](py::handle series) -> std::optional<Column> {
        const py::object dtype = series.attr("dtype");
        if (py::isinstance<py::dtype>(dtype) &&
            std::string_view("biufM").find(py::reinterpret_borrow<py::dtype>(dtype).kind()) != std::string_view::npos)
            return pandas_numbers(series.attr("values"), names.back());
        if (is_read_directly(series, rows) || !can_import("pyarrow")) return pandas_column(series, names.back());
        others.append(names.size() - 1);
        return std::nullopt;
    };
    try {
        for (const py::handle item : frame.attr("items")()) {
            const auto named = py::reinterpret_borrow<py::tuple>(item);
            names.push_back(py::str(named[0]).cast<std::string>());
            columns.push_back(read(named[1]));
        }
    } catch (const InvalidArgument& error) {
        throw InvalidArgument(std::string(what) + ": " + error.what());
    }
    if (!others.empty()) {
        const py::object all_rows = py::slice(py::none(), py::none(), py::none());
        const Table rest =
            pandas_by_arrow(frame.attr("iloc").attr("__getitem__")(py::make_tuple(all_rows, others)), what);
        for (std::size_t i = 0; i < others.size(); ++i)
            columns[others[i].cast<std::size_t>()] = rest.column(static_cast<std::int64_t>(i));
    }
    Table table;
    for (std::size_t i = 0; i < names.size(); ++i) table.add(names[i], *std::move(columns[i]));
    return table;
}

}  // namespace

std::string message_of(const py::error_already_set& error) {
    return type_name(error.value()) + ": " + py::str(error.value()).cast<std::string>();
}

bool is_data_error(const py::error_already_set& error) {
    return error.matches(PyExc_Exception) && !error.matches(PyExc_ImportError) && !error.matches(PyExc_MemoryError);
}

std::optional<Table> frame_table(py::handle data, std::string_view what) {
    return is_pandas_frame(data) ? pandas_table(data, what) : arrow_table(data, what);
}

bool is_series(py::handle data) {
    return py::hasattr(data, "__arrow_c_stream__") || py::hasattr(data, "__arrow_c_array__") || is_pandas(data);
}

Column series_column(py::handle data, std::string_view name) {
    if (py::hasattr(data, "codes") && py::hasattr(data, "categories")) {
        return categorical_column(data.attr("codes"), data.attr("categories"), name);
    }
    if (is_pandas(data) && !is_pandas_frame(data)) return pandas_column(data, name);
    const Table table = frame_table(data, "column \"" + std::string(name) + "\"").value();
    if (table.width() != 1) {
        throw InvalidArgument("column \"" + std::string(name) + "\": " + type_name(data) + " of " +
                              std::to_string(table.width()) + " columns given, one column wanted");
    }
    return table.column(std::int64_t{0});
}

}  // namespace holdfast::bindings

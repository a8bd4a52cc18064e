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
    return py::str(py::getattr(py::type::handle_of(data), "__module__", py::str("")))
        .cast<std::string>()
        .starts_with("pandas");
}

bool is_pandas_frame(py::handle data) {
    return is_pandas(data) && py::hasattr(data, "iloc") && py::hasattr(data, "columns");
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

Table arrow_table(py::handle data, std::string_view what) {
    if (py::hasattr(data, "__arrow_c_stream__")) {
        const py::object capsule = exporting(data, what, [&] { return data.attr("__arrow_c_stream__")(); });
        return import_arrow(pointer_in<ArrowArrayStream>(capsule, "arrow_array_stream", what));
    }
    const auto pair = exporting(data, what, [&] { return data.attr("__arrow_c_array__")().cast<py::tuple>(); });
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

/// A pandas column without pyarrow's help.
Column pandas_column(py::handle series, std::string_view name) {
    const py::object dtype = series.attr("dtype");
    if (py::hasattr(series, "cat")) {
        return categorical_column(series.attr("cat").attr("codes").attr("to_numpy")(), dtype.attr("categories"), name);
    }
    if (!py::getattr(dtype, "tz", py::none()).is_none()) {
        const py::object utc = series.attr("dt").attr("tz_convert")("UTC").attr("dt").attr("tz_localize")(py::none());
        return numpy_column(utc.attr("to_numpy")(), name);
    }
    // pandas' own types with a mask lose it, and int64's last digits, on the way to a plain array.
    if (py::hasattr(dtype, "na_value")) return object_column(series.attr("tolist")(), name);
    return numpy_column(series.attr("to_numpy")(), name);
}

Table pandas_table_by_columns(py::handle frame, std::string_view what) {
    Table table;
    py::ssize_t position = 0;
    for (const py::handle name : frame.attr("columns")) {
        const auto text = py::str(name).cast<std::string>();
        try {
            table.add(text, pandas_column(frame.attr("iloc").attr("__getitem__")(py::make_tuple(
                                              py::slice(py::none(), py::none(), py::none()), position++)),
                                          text));
        } catch (const InvalidArgument& error) {
            throw InvalidArgument(std::string(what) + ": " + error.what());
        }
    }
    return table;
}

Table pandas_table(py::handle frame, std::string_view what) {
    if (!can_import("pyarrow")) return pandas_table_by_columns(frame, what);
    if (!py::hasattr(frame, "__arrow_c_stream__")) {
        const py::object table = py::module_::import("pyarrow").attr("Table");
        return arrow_table(
            exporting(frame, what, [&] { return table.attr("from_pandas")(frame, py::arg("preserve_index") = false); }),
            what);
    }
    // Any other index would come along as one more column.
    const bool plain_index = type_name(frame.attr("index")).ends_with("RangeIndex");
    return arrow_table(
        plain_index ? py::reinterpret_borrow<py::object>(frame) : frame.attr("reset_index")(py::arg("drop") = true),
        what);
}

}  // namespace

std::string message_of(const py::error_already_set& error) {
    return type_name(error.value()) + ": " + py::str(error.value()).cast<std::string>();
}

bool is_data_error(const py::error_already_set& error) {
    return error.matches(PyExc_Exception) && !error.matches(PyExc_ImportError) && !error.matches(PyExc_MemoryError);
}

bool is_frame(py::handle data) {
    return py::hasattr(data, "__arrow_c_stream__") || py::hasattr(data, "__arrow_c_array__") || is_pandas_frame(data);
}

Table frame_table(py::handle data, std::string_view what) {
    return is_pandas_frame(data) ? pandas_table(data, what) : arrow_table(data, what);
}

bool is_series(py::handle data) { return is_frame(data) || is_pandas(data); }

Column series_column(py::handle data, std::string_view name) {
    if (py::hasattr(data, "codes") && py::hasattr(data, "categories")) {
        return categorical_column(data.attr("codes"), data.attr("categories"), name);
    }
    if (is_pandas(data) && !is_pandas_frame(data)) return pandas_column(data, name);
    const Table table = frame_table(data, "column \"" + std::string(name) + "\"");
    if (table.width() != 1) {
        throw InvalidArgument("column \"" + std::string(name) + "\": " + type_name(data) + " of " +
                              std::to_string(table.width()) + " columns given, one column wanted");
    }
    return table.column(std::int64_t{0});
}

}  // namespace holdfast::bindings

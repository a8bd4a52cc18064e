#include "convert_data.hpp"

#include <holdfast/base/error.hpp>

#include "data_inputs.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

[[noreturn]] void refuse(py::handle data, std::string_view what) {
    throw InvalidArgument(
        std::string(what) + ": " + type_name(data) +
        " given; a numpy array, a tensor with __dlpack__, a pandas, polars or pyarrow frame, or a dict "
        "of columns wanted");
}

Table dict_table(const py::dict& columns, std::string_view what) {
    Table table;
    for (const auto& [name, values] : columns) {
        if (!PyUnicode_Check(name.ptr())) {
            throw InvalidArgument(std::string(what) + ": a dict with a key of type " + type_name(name) +
                                  " given, column names (str) wanted");
        }
        const auto text = name.cast<std::string>();
        table.add(text, to_column(values, text));
    }
    return table;
}

bool is_tensor(py::handle data) { return py::isinstance<py::array>(data) || has_dlpack(data); }

/// A frame or a dict; nullopt for anything else.
std::optional<Table> named_columns(py::handle data, std::string_view what) {
    if (py::isinstance<py::array>(data)) return std::nullopt;
    if (py::isinstance<Table>(data)) return *data.cast<const Table*>();
    if (py::isinstance<py::dict>(data)) return dict_table(py::reinterpret_borrow<py::dict>(data), what);
    return frame_table(data, what);
}

std::vector<std::string> default_names(std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back("x" + std::to_string(i));
    return names;
}

}  // namespace

Owner keep_alive(py::object object) {
    return Owner(object.release().ptr(), [](const void* held) {
        if (Py_IsInitialized() == 0) return;
        const py::gil_scoped_acquire gil;
        Py_DECREF(static_cast<PyObject*>(const_cast<void*>(held)));
    });
}

HeldTensor to_tensor(py::handle data, std::string_view what) {
    if (py::isinstance<py::array>(data)) return numpy_tensor(py::reinterpret_borrow<py::array>(data), what);
    if (has_dlpack(data)) return dlpack_tensor(data, what);
    throw InvalidArgument(std::string(what) + ": " + type_name(data) +
                          " given, a numpy array or a tensor with __dlpack__ wanted");
}

BatchHolder to_batch(py::handle data, std::string_view what) {
    if (auto table = named_columns(data, what)) return BatchHolder(*std::move(table));
    if (!is_tensor(data)) refuse(data, what);
    HeldTensor tensor = to_tensor(data, what);
    if (tensor.view.rank() < 2) {
        throw InvalidArgument(
            std::string(what) + ": " + tensor.view.describe() +
            " given, [rows, columns] wanted: reshape(1, -1) makes it one row, reshape(-1, 1) one column");
    }
    return BatchHolder(std::move(tensor));
}

Table to_table(py::handle data, const std::optional<std::vector<std::string>>& names, std::string_view what) {
    if (auto table = named_columns(data, what)) return names ? table->select(*names) : *std::move(table);
    if (!is_tensor(data)) refuse(data, what);
    const HeldTensor tensor = to_tensor(data, what);
    if (tensor.view.rank() != 2) {
        throw InvalidArgument(std::string(what) + ": " + tensor.view.describe() + " given, [rows, columns] wanted");
    }
    return Table::from_matrix(tensor.view, names ? *names : default_names(tensor.view.extent(1)), tensor.owner);
}

Column to_column(py::handle data, std::string_view name) {
    if (py::isinstance<py::array>(data)) return numpy_column(py::reinterpret_borrow<py::array>(data), name);
    if (py::isinstance<py::list>(data) || py::isinstance<py::tuple>(data)) return object_column(data, name);
    if (is_series(data)) return series_column(data, name);
    if (has_dlpack(data)) {
        const HeldTensor held = dlpack_tensor(data, "column \"" + std::string(name) + "\"");
        if (held.view.rank() != 1) {
            throw InvalidArgument("column \"" + std::string(name) + "\": " + held.view.describe() +
                                  " given, one axis wanted");
        }
        const std::array<std::int64_t, 2> shape{held.view.rows(), 1};
        const std::array<std::int64_t, 2> strides{held.view.stride(0), 1};
        const std::string column_name(name);
        return Table::from_matrix(TensorView(held.view.data(), held.view.dtype(), shape, strides, false),
                                  std::span(&column_name, 1), held.owner)
            .column(std::int64_t{0});
    }
    throw InvalidArgument("column \"" + std::string(name) + "\": " + type_name(data) +
                          " given; a numpy array, a list, a pandas, polars or pyarrow column or a tensor wanted");
}

}  // namespace holdfast::bindings

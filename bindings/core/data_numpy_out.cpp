#include <limits>

#include <holdfast/base/error.hpp>

#include "convert_data.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

py::str text_of(std::string_view text) { return py::str(text.data(), text.size()); }

/// An object array of what `item(row)` gives, in C order.
template <class Item>
py::array object_array(std::vector<py::ssize_t> shape, std::int64_t size, Item item) {
    py::array array(py::dtype("O"), std::move(shape));
    auto** slots = static_cast<PyObject**>(array.mutable_data());
    for (std::int64_t row = 0; row < size; ++row) {
        PyObject* old = slots[row];
        slots[row] = py::object(item(row)).release().ptr();
        Py_XDECREF(old);
    }
    return array;
}

template <class T>
py::array copied(const Column& column) {
    const auto values = column.values<T>();
    return to_numpy(std::vector<T>(values.begin(), values.end()));
}

py::array times(const Column& column) {
    const auto values = column.values<std::int64_t>();
    std::vector<std::int64_t> micros(values.begin(), values.end());
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!column.is_valid(row)) micros[static_cast<std::size_t>(row)] = std::numeric_limits<std::int64_t>::min();
    }
    return to_numpy(std::move(micros)).attr("view")("datetime64[us]");
}

py::array floats(const Column& column) {
    const auto values = column.values<float>();
    std::vector<float> out(values.begin(), values.end());
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!column.is_valid(row)) out[static_cast<std::size_t>(row)] = std::numeric_limits<float>::quiet_NaN();
    }
    return to_numpy(std::move(out));
}

py::array booleans(const Column& column) {
    const auto values = column.values<std::uint8_t>();
    if (column.null_count() == 0) {
        py::array_t<bool> out(column.size());
        for (std::size_t row = 0; row < values.size(); ++row) out.mutable_data()[row] = values[row] != 0;
        return out;
    }
    return object_array({column.size()}, column.size(), [&](std::int64_t row) -> py::object {
        if (!column.is_valid(row)) return py::none();
        return py::bool_(values[static_cast<std::size_t>(row)] != 0);
    });
}

void copy_elements(const TensorView& tensor, int axis, const std::byte* from, std::byte*& to) {
    const auto width = size_of(tensor.dtype());
    if (axis == tensor.rank()) {
        std::copy_n(from, width, to);
        to += width;
        return;
    }
    for (std::int64_t i = 0; i < tensor.extent(axis); ++i) {
        copy_elements(tensor, axis + 1, from + i * tensor.stride(axis) * width, to);
    }
}

}  // namespace

py::dtype numpy_dtype(DType dtype) {
    using Api = py::detail::npy_api;
    switch (dtype) {
        case DType::boolean: return py::dtype(Api::NPY_BOOL_);
        case DType::int8: return py::dtype(Api::NPY_INT8_);
        case DType::int16: return py::dtype(Api::NPY_INT16_);
        case DType::int32: return py::dtype(Api::NPY_INT32_);
        case DType::int64: return py::dtype(Api::NPY_INT64_);
        case DType::uint8: return py::dtype(Api::NPY_UINT8_);
        case DType::uint16: return py::dtype(Api::NPY_UINT16_);
        case DType::uint32: return py::dtype(Api::NPY_UINT32_);
        case DType::uint64: return py::dtype(Api::NPY_UINT64_);
        case DType::float32: return py::dtype(Api::NPY_FLOAT_);
        case DType::float64: return py::dtype(Api::NPY_DOUBLE_);
        case DType::string: break;
    }
    return py::dtype(Api::NPY_OBJECT_);
}

py::array to_numpy(const Column& column) {
    const bool nulls = column.null_count() > 0;
    switch (column.type()) {
        case ColumnType::float32: return floats(column);
        case ColumnType::float64: return to_numpy(column.as_doubles());
        case ColumnType::int32: return nulls ? py::array(to_numpy(column.as_doubles())) : copied<std::int32_t>(column);
        case ColumnType::int64: return nulls ? py::array(to_numpy(column.as_doubles())) : copied<std::int64_t>(column);
        case ColumnType::boolean: return booleans(column);
        case ColumnType::timestamp: return times(column);
        case ColumnType::string:
        case ColumnType::categorical: break;
    }
    return object_array({column.size()}, column.size(), [&](std::int64_t row) -> py::object {
        if (!column.is_valid(row)) return py::none();
        return text_of(column.text(row));
    });
}

py::array to_numpy(const TensorView& tensor) {
    std::vector<py::ssize_t> shape(tensor.shape().begin(), tensor.shape().end());
    if (tensor.dtype() == DType::string) {
        std::vector<std::string_view> texts(static_cast<std::size_t>(tensor.size()));
        auto* to = reinterpret_cast<std::byte*>(texts.data());
        copy_elements(tensor, 0, static_cast<const std::byte*>(tensor.data()), to);
        return object_array(std::move(shape), tensor.size(),
                            [&](std::int64_t row) { return text_of(texts[static_cast<std::size_t>(row)]); });
    }
    py::array out(numpy_dtype(tensor.dtype()), std::move(shape));
    auto* to = static_cast<std::byte*>(out.mutable_data());
    if (tensor.contiguous()) {
        std::copy_n(static_cast<const std::byte*>(tensor.data()), tensor.size() * size_of(tensor.dtype()), to);
    } else {
        copy_elements(tensor, 0, static_cast<const std::byte*>(tensor.data()), to);
    }
    return out;
}

}  // namespace holdfast::bindings

#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include <holdfast/base/error.hpp>

#include "convert.hpp"
#include "data_inputs.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

constexpr std::int64_t not_a_time = std::numeric_limits<std::int64_t>::min();

/// numpy's dtype as ours; nullopt where there is none.
std::optional<DType> dtype_of_numpy(const py::dtype& dtype) {
    const auto pick = [&](DType one, DType two, DType four, DType eight) -> std::optional<DType> {
        switch (dtype.itemsize()) {
            case 1: return one;
            case 2: return two;
            case 4: return four;
            case 8: return eight;
            default: return std::nullopt;
        }
    };
    switch (dtype.kind()) {
        case 'b': return DType::boolean;
        case 'i': return pick(DType::int8, DType::int16, DType::int32, DType::int64);
        case 'u': return pick(DType::uint8, DType::uint16, DType::uint32, DType::uint64);
        case 'f':
            if (dtype.itemsize() == 4) return DType::float32;
            if (dtype.itemsize() == 8) return DType::float64;
            return std::nullopt;
        default: return std::nullopt;
    }
}

/// numpy's descriptor of each numeric dtype, in our order: one object each, as long as the process runs.
const std::array<PyObject*, static_cast<std::size_t>(DType::string)>& descriptors() {
    static const auto all = [] {
        std::array<PyObject*, static_cast<std::size_t>(DType::string)> made{};
        for (std::size_t i = 0; i < made.size(); ++i) made[i] = numpy_dtype(static_cast<DType>(i)).release().ptr();
        return made;
    }();
    return all;
}

std::string described(const py::array& array) {
    return py::str(array.dtype()).cast<std::string>() + py::str(array.attr("shape")).cast<std::string>();
}

bool holds_text(const py::array& array) {
    const char kind = array.dtype().kind();
    return kind == 'U' || kind == 'T' || kind == 'O';
}

std::string_view utf8(py::handle text, std::string_view what) {
    Py_ssize_t size = 0;
    const char* bytes = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
    if (bytes != nullptr) return {bytes, static_cast<std::size_t>(size)};
    PyErr_Clear();
    throw InvalidArgument(std::string(what) + ": a string with a lone surrogate given, Unicode text wanted");
}

struct TextMemory {
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
};

HeldTensor text_tensor(const py::array& array, std::string_view what) {
    auto memory = std::make_shared<TextMemory>();
    for (const py::handle item : py::list(array.attr("ravel")().attr("tolist")())) {
        if (!PyUnicode_Check(item.ptr())) {
            throw InvalidArgument(std::string(what) + ": numpy " + described(array) + " that holds " + type_name(item) +
                                  " given, numbers (X.astype(float)) or strings wanted; for columns of several types "
                                  "give a frame or a dict of columns");
        }
        memory->texts.emplace_back(utf8(item, what));
    }
    memory->views.assign(memory->texts.begin(), memory->texts.end());
    const std::vector<std::int64_t> shape(array.shape(), array.shape() + array.ndim());
    return {TensorView(static_cast<const void*>(memory->views.data()), DType::string, shape), memory};
}

/// The array in this machine's byte order, aligned, with strides of whole elements; itself where it is so already.
py::array plain_layout(py::array array) {
    const char order = array.dtype().byteorder();
    bool plain = (order == '=' || order == '|') && (array.flags() & py::detail::npy_api::NPY_ARRAY_ALIGNED_) != 0;
    for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
        plain = plain && array.strides(axis) % array.itemsize() == 0;
    }
    if (plain) return array;
    const py::object native = array.dtype().attr("newbyteorder")("=");
    return array.attr("astype")(native, py::arg("order") = "C", py::arg("copy") = true);
}

py::array refuse_mask(py::array array, std::string_view what) {
    const bool is_exact = Py_TYPE(array.ptr()) == py::detail::npy_api::get().PyArray_Type_;
    if (is_exact || !py::hasattr(array, "mask")) return array;
    throw InvalidArgument(std::string(what) + ": a masked numpy array given, one with NaN for what is missing wanted");
}

/// float16 has no column type and no tensor type: float32 holds all its values.
py::array widen_half(py::array array) {
    if (array.dtype().kind() != 'f' || array.itemsize() != 2) return array;
    return array.attr("astype")("float32");
}

Column time_column(const py::array& array, std::string_view name) {
    const auto unit = py::module_::import("numpy").attr("datetime_data")(array.dtype()).cast<py::tuple>();
    const auto symbol = unit[0].cast<std::string>();
    const auto count = unit[1].cast<std::int64_t>();
    if (symbol == "us" && count == 1) {
        const py::array micros = plain_layout(array.attr("view")("int64"));
        const auto* values = static_cast<const std::int64_t*>(micros.data());
        const py::ssize_t step = micros.size() > 1 ? micros.strides(0) / 8 : 1;
        bool whole = step == 1;
        for (py::ssize_t row = 0; row < micros.size(); ++row) whole = whole && values[row * step] != not_a_time;
        if (whole) return Column::borrowed(ColumnType::timestamp, values, micros.size(), {}, keep_alive(micros));
    }
    // numpy floors to the coarser unit and refuses nothing: what does not come back the same did not fit.
    const py::array micros = array.attr("astype")("datetime64[us]");
    if (symbol != "ns" && symbol != "ps" && symbol != "fs" && symbol != "as") {
        const auto numpy = py::module_::import("numpy");
        const py::object same = micros.attr("astype")(array.dtype()).attr("__eq__")(array);
        const py::object missing = numpy.attr("isnat")(array);
        if (!numpy.attr("all")(same.attr("__or__")(missing)).cast<bool>()) {
            throw InvalidArgument("column \"" + std::string(name) +
                                  "\": a time given that does not fit int64 microseconds since 1970");
        }
    }
    const py::array_t<std::int64_t, py::array::c_style> counts = micros.attr("view")("int64");
    std::vector<std::int64_t> values(counts.data(), counts.data() + counts.size());
    std::vector<bool> valid(values.size());
    for (std::size_t row = 0; row < values.size(); ++row) valid[row] = values[row] != not_a_time;
    return Column::timestamps(std::move(values), valid);
}

bool is_missing(py::handle item) {
    if (item.is_none()) return true;
    const std::string_view type = Py_TYPE(item.ptr())->tp_name;
    return type == "NAType" || type == "NaTType" || type.ends_with(".NAType") || type.ends_with(".NaTType");
}

bool is_nan(py::handle item) { return PyFloat_Check(item.ptr()) && std::isnan(PyFloat_AS_DOUBLE(item.ptr())); }

enum class Kind { none, boolean, integer, real, text, time };

Kind kind_of(py::handle item) {
    if (PyBool_Check(item.ptr())) return Kind::boolean;
    if (PyUnicode_Check(item.ptr())) return Kind::text;
    if (PyFloat_Check(item.ptr())) return Kind::real;
    if (PyLong_Check(item.ptr())) return Kind::integer;
    if (is_time_like(item)) return Kind::time;
    const std::string kind = py::str(py::getattr(py::getattr(item, "dtype", py::none()), "kind", py::str("")));
    if (kind == "b") return Kind::boolean;
    if (kind == "i" || kind == "u") return Kind::integer;
    return kind == "f" ? Kind::real : Kind::none;
}

[[noreturn]] void refuse_item(std::string_view name, std::size_t row, py::handle item, std::string_view wanted) {
    throw InvalidArgument("column \"" + std::string(name) + "\": " + type_name(item) + " given at row " +
                          std::to_string(row) + ", " + std::string(wanted) + " wanted");
}

constexpr std::string_view wanted_kind(Kind kind) {
    switch (kind) {
        case Kind::boolean: return "bool or None";
        case Kind::integer:
        case Kind::real: return "a number or None";
        case Kind::text: return "str or None";
        case Kind::time: return "a time or None";
        case Kind::none: break;
    }
    return "bool, a number, str, a time or None";
}

/// The one kind of all items; integers beside floats, NaN among them, are floats.
Kind common_kind(const py::list& items, std::string_view name) {
    Kind kind = Kind::none;
    bool any_nan = false;
    for (std::size_t row = 0; row < items.size(); ++row) {
        const py::handle item = items[row];
        if (is_missing(item)) continue;
        if (is_nan(item)) {
            any_nan = true;
            continue;
        }
        const Kind seen = kind_of(item);
        const auto number = [](Kind some) { return some == Kind::integer || some == Kind::real; };
        if (seen == Kind::none) refuse_item(name, row, item, wanted_kind(Kind::none));
        if (kind != Kind::none && seen != kind && !(number(seen) && number(kind))) {
            refuse_item(name, row, item, wanted_kind(kind));
        }
        kind = kind == Kind::none || seen == kind ? seen : Kind::real;
    }
    return any_nan && (kind == Kind::none || kind == Kind::integer) ? Kind::real : kind;
}

/// Python objects in memory, `stride` bytes apart.
struct Items {
    const void* first;
    Py_ssize_t size, stride;

    [[nodiscard]] PyObject* operator[](Py_ssize_t i) const {
        return *reinterpret_cast<PyObject* const*>(static_cast<const std::byte*>(first) + i * stride);
    }
};

/// What object_column gives for str, None and NaN, without a list of its own; nullopt for all else.
std::optional<Column> text_column(Items items) {
    std::vector<std::string_view> texts(static_cast<std::size_t>(items.size));
    std::vector<bool> valid;
    bool any = false;
    for (Py_ssize_t row = 0; row < items.size; ++row) {
        PyObject* item = items[row];
        if (item == Py_None || (item != nullptr && is_nan(item))) {
            if (valid.empty()) valid.assign(texts.size(), true);
            valid[static_cast<std::size_t>(row)] = false;
            continue;
        }
        if (item == nullptr || !PyUnicode_CheckExact(item)) return std::nullopt;
        Py_ssize_t size = 0;
        const char* bytes = PyUnicode_AsUTF8AndSize(item, &size);
        if (bytes == nullptr) {
            PyErr_Clear();
            return std::nullopt;
        }
        texts[static_cast<std::size_t>(row)] = {bytes, static_cast<std::size_t>(size)};
        any = true;
    }
    if (!any) return std::nullopt;
    return Column::strings(std::span<const std::string_view>(texts), valid);
}

/// A column over a plain array of numbers that a column has the type of, one after another.
std::optional<Column> borrowed_column(const py::array& array) {
    const auto view = plain_array(array);
    if (!view || view->rank() != 1 || (view->rows() > 1 && view->stride(0) != 1)) return std::nullopt;
    const auto borrow = [&](ColumnType type) {
        return Column::borrowed(type, view->data(), view->rows(), {}, keep_alive(array));
    };
    switch (view->dtype()) {
        case DType::float32: return borrow(ColumnType::float32);
        case DType::float64: return borrow(ColumnType::float64);
        case DType::int32: return borrow(ColumnType::int32);
        case DType::int64: return borrow(ColumnType::int64);
        default: return std::nullopt;
    }
}

std::int64_t integer_of(py::handle item, std::string_view name, std::size_t row) {
    int overflow = 0;
    const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(item.ptr()));
    const long long value = index ? PyLong_AsLongLongAndOverflow(index.ptr(), &overflow) : 0;
    if (!index) throw py::error_already_set();
    if (overflow != 0) {
        throw InvalidArgument("column \"" + std::string(name) + "\": integer " + py::str(item).cast<std::string>() +
                              " given at row " + std::to_string(row) + ", 64 bits wanted");
    }
    return value;
}

}  // namespace

std::string type_name(py::handle value) {
    const py::handle type = py::type::handle_of(value);
    const auto module = py::str(py::getattr(type, "__module__", py::str(""))).cast<std::string>();
    const auto name = py::str(type.attr("__qualname__")).cast<std::string>();
    return module.empty() || module == "builtins" ? name : module + "." + name;
}

std::optional<TensorView> plain_array(py::handle data) {
    const auto& api = py::detail::npy_api::get();
    if (Py_TYPE(data.ptr()) != api.PyArray_Type_) return std::nullopt;
    const auto* array = py::detail::array_proxy(data.ptr());
    const auto& known = descriptors();
    const auto found = std::ranges::find(known, array->descr);
    if (found == known.end() || (array->flags & py::detail::npy_api::NPY_ARRAY_ALIGNED_) == 0 ||
        array->nd > TensorView::max_rank)
        return std::nullopt;
    const auto dtype = static_cast<DType>(found - known.begin());
    const auto rank = static_cast<std::size_t>(array->nd);
    const bool writable = (array->flags & py::detail::npy_api::NPY_ARRAY_WRITEABLE_) != 0;
    std::array<std::int64_t, TensorView::max_rank> strides;
    for (std::size_t axis = 0; axis < rank; ++axis) {
        if (array->strides[axis] % size_of(dtype) != 0) return std::nullopt;
        strides[axis] = array->strides[axis] / size_of(dtype);
    }
    return TensorView(array->data, dtype, std::span(array->dimensions, rank), std::span(strides).first(rank), writable);
}

py::object new_array(DType dtype, std::span<const std::int64_t> shape) {
    const auto& api = py::detail::npy_api::get();
    PyObject* descriptor = descriptors()[static_cast<std::size_t>(dtype)];
    Py_INCREF(descriptor);  // numpy takes it over
    PyObject* array = api.PyArray_NewFromDescr_(api.PyArray_Type_, descriptor, static_cast<int>(shape.size()),
                                                shape.data(), nullptr, nullptr, 0, nullptr);
    if (array == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(array);
}

HeldTensor numpy_tensor(py::array array, std::string_view what) {
    array = refuse_mask(std::move(array), what);
    if (holds_text(array)) return text_tensor(array, what);
    array = widen_half(std::move(array));
    const auto dtype = dtype_of_numpy(array.dtype());
    if (!dtype) {
        throw Unsupported(std::string(what) + ": numpy " + described(array) +
                          " given; bool, int8 to int64, uint8 to uint64, float16 to float64 or strings wanted");
    }
    array = plain_layout(std::move(array));
    if (array.ndim() > TensorView::max_rank)
        throw InvalidArgument(std::string(what) + ": rank " + std::to_string(array.ndim()) + " given, at most " +
                              std::to_string(TensorView::max_rank) + " wanted");
    std::array<std::int64_t, TensorView::max_rank> shape{}, strides{};
    const auto rank = static_cast<std::size_t>(array.ndim());
    for (std::size_t axis = 0; axis < rank; ++axis) {
        shape[axis] = array.shape(static_cast<py::ssize_t>(axis));
        strides[axis] = array.strides(static_cast<py::ssize_t>(axis)) / array.itemsize();
    }
    return {TensorView(array.data(), *dtype, std::span(shape).first(rank), std::span(strides).first(rank),
                       array.writeable()),
            keep_alive(array)};
}

Column numpy_column(py::array array, std::string_view name) {
    if (auto column = borrowed_column(array)) return *std::move(column);
    array = refuse_mask(std::move(array), "column \"" + std::string(name) + "\"");
    if (array.ndim() != 1) {
        throw InvalidArgument("column \"" + std::string(name) + "\": numpy " + described(array) +
                              " given, one axis wanted");
    }
    const char kind = array.dtype().kind();
    if (kind == 'M') return time_column(array, name);
    if (kind == 'O') {
        if (auto column = text_column({array.data(), array.size(), array.strides(0)})) return *std::move(column);
    }
    if (kind == 'O' || kind == 'U' || kind == 'T') return object_column(array.attr("tolist")(), name);
    const HeldTensor held = numpy_tensor(std::move(array), "column \"" + std::string(name) + "\"");
    const std::array<std::int64_t, 2> shape{held.view.rows(), 1};
    const std::array<std::int64_t, 2> strides{held.view.stride(0), 1};
    const std::string column_name(name);
    return Table::from_matrix(TensorView(held.view.data(), held.view.dtype(), shape, strides, false),
                              std::span(&column_name, 1), held.owner)
        .column(std::int64_t{0});
}

Column object_column(py::handle values, std::string_view name) {
    if (PyList_CheckExact(values.ptr())) {
        const auto* list = reinterpret_cast<PyListObject*>(values.ptr());
        if (auto column = text_column({list->ob_item, PyList_GET_SIZE(values.ptr()), sizeof(PyObject*)}))
            return *std::move(column);
    }
    const py::list items(py::reinterpret_borrow<py::object>(values));
    const Kind kind = common_kind(items, name);
    const std::size_t size = items.size();
    std::vector<bool> valid(size, true);
    for (std::size_t row = 0; row < size; ++row) {
        valid[row] = !is_missing(items[row]) && (kind == Kind::real || !is_nan(items[row]));
    }
    const auto fill = [&](auto& out, auto read) {
        for (std::size_t row = 0; row < size; ++row) {
            if (valid[row]) out[row] = read(py::handle(items[row]), row);
        }
    };
    if (kind == Kind::boolean) {
        std::vector<bool> out(size);
        fill(out, [](py::handle item, std::size_t) { return PyObject_IsTrue(item.ptr()) == 1; });
        return Column::booleans(out, valid);
    }
    if (kind == Kind::integer) {
        std::vector<std::int64_t> out(size);
        fill(out, [&](py::handle item, std::size_t row) { return integer_of(item, name, row); });
        return Column::of(std::move(out), valid);
    }
    if (kind == Kind::text) {
        std::vector<std::string_view> out(size);
        fill(out, [&](py::handle item, std::size_t) { return utf8(item, "column \"" + std::string(name) + "\""); });
        return Column::strings(std::span<const std::string_view>(out), valid);
    }
    if (kind == Kind::time) {
        std::vector<std::int64_t> out(size);
        fill(out, [](py::handle item, std::size_t) { return to_micros(to_time(item)); });
        return Column::timestamps(std::move(out), valid);
    }
    std::vector<double> out(size, std::numeric_limits<double>::quiet_NaN());
    fill(out, [](py::handle item, std::size_t) {
        return py::float_(py::reinterpret_borrow<py::object>(item)).cast<double>();
    });
    return Column::of(std::move(out), valid);
}

}  // namespace holdfast::bindings

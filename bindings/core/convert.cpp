#include "convert.hpp"

#include <datetime.h>

#include <limits>
#include <string>

#include <holdfast/base/error.hpp>

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t day = 86'400 * second;
constexpr std::int64_t not_a_time = std::numeric_limits<std::int64_t>::min();

void import_datetime() {
    if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
    if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

std::string type_name(py::handle value) { return Py_TYPE(value.ptr())->tp_name; }

[[noreturn]] void refuse(std::string_view what, py::handle value, std::string_view wanted) {
    throw InvalidArgument(std::string(what) + ": " + type_name(value) + " given, " + std::string(wanted) + " wanted");
}

bool is_datetime(py::handle value) {
    import_datetime();
    return PyDateTime_Check(value.ptr());
}

bool is_timedelta(py::handle value) {
    import_datetime();
    return PyDelta_Check(value.ptr());
}

/// True for a numpy scalar (or array) of that kind of dtype, without importing numpy.
bool has_dtype_kind(py::handle value, std::string_view kind) {
    const auto dtype = py::getattr(value, "dtype", py::none());
    const auto seen = py::getattr(dtype, "kind", py::none());
    return py::isinstance<py::str>(seen) && seen.cast<std::string>() == kind;
}

bool is_numpy_scalar(py::handle value, std::string_view kind) {
    return has_dtype_kind(value, kind) && py::getattr(value, "ndim", py::int_(0)).equal(py::int_(0));
}

/// pandas.NaT is a datetime, and a timedelta in name, that does not equal itself.
void refuse_nat(py::handle value, std::string_view what) {
    // Not RichCompareBool, for which an object always equals itself.
    const auto same = py::reinterpret_steal<py::object>(PyObject_RichCompare(value.ptr(), value.ptr(), Py_EQ));
    if (!same) throw py::error_already_set();
    if (same.ptr() == Py_False) throw InvalidArgument(std::string(what) + ": NaT given");
}

/// numpy and pandas floor to the coarser unit.
std::int64_t numpy_micros(py::handle value, const char* unit, std::string_view what) {
    const auto micros = value.attr("astype")(unit).attr("astype")("int64").cast<std::int64_t>();
    if (micros == not_a_time) throw InvalidArgument(std::string(what) + ": NaT given");
    return micros;
}

std::int64_t timedelta_micros(py::handle value) {
    auto* delta = value.ptr();
    // timedelta is bound to 10^9 days; a microsecond count of that many does not fit.
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(std::int64_t{PyDateTime_DELTA_GET_DAYS(delta)}, day, &micros) ||
        __builtin_add_overflow(micros, PyDateTime_DELTA_GET_SECONDS(delta) * second, &micros) ||
        __builtin_add_overflow(micros, std::int64_t{PyDateTime_DELTA_GET_MICROSECONDS(delta)}, &micros))
        throw InvalidArgument("duration: too long for 64 bits of microseconds");
    return micros;
}

Json to_json_below(py::handle value, int levels);

Json to_json_int(py::handle value) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    if (number == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
    if (overflow != 0)
        throw InvalidArgument("JSON: integer " + py::str(value).cast<std::string>() + " given, 64 bits wanted");
    return Json(static_cast<std::int64_t>(number));
}

std::string to_json_string(py::handle value) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
    if (text == nullptr) {
        PyErr_Clear();
        throw InvalidArgument("JSON: a string with a lone surrogate given, Unicode text wanted");
    }
    return {text, static_cast<std::size_t>(size)};
}

Json to_json_container(py::handle value, int levels) {
    if (levels == 0) throw InvalidArgument("JSON: nesting over 256 levels");
    if (py::isinstance<py::dict>(value)) {
        Json::Object members;
        for (const auto& [key, item] : py::reinterpret_borrow<py::dict>(value)) {
            if (!py::isinstance<py::str>(key)) refuse("JSON: key of an object", key, "str");
            members.emplace(to_json_string(key), to_json_below(item, levels - 1));
        }
        return Json(std::move(members));
    }
    Json::Array items;
    for (const auto& item : py::reinterpret_borrow<py::sequence>(value))
        items.push_back(to_json_below(item, levels - 1));
    return Json(std::move(items));
}

Json to_json_below(py::handle value, int levels) {
    if (value.is_none()) return Json();
    if (PyBool_Check(value.ptr())) return Json(value.ptr() == Py_True);
    if (PyLong_Check(value.ptr())) return to_json_int(value);
    if (PyFloat_Check(value.ptr())) return Json(PyFloat_AS_DOUBLE(value.ptr()));
    if (PyUnicode_Check(value.ptr())) return Json(to_json_string(value));
    if (PyDict_Check(value.ptr()) || PyList_Check(value.ptr()) || PyTuple_Check(value.ptr()))
        return to_json_container(value, levels);
    for (const auto* kind : {"i", "u", "f", "b"}) {
        if (is_numpy_scalar(value, kind) && py::hasattr(value, "item")) return to_json_below(value.attr("item")(), 0);
    }
    refuse("JSON", value, "None, bool, int, float, str, list, tuple or dict");
}

}  // namespace

bool is_time_like(py::handle value) {
    return py::isinstance<py::str>(value) || is_datetime(value) || is_numpy_scalar(value, "M");
}

Time to_time(py::handle value) {
    if (py::isinstance<py::str>(value)) return parse_time(value.cast<std::string>());
    if (!is_datetime(value)) {
        if (is_numpy_scalar(value, "M")) return from_micros(numpy_micros(value, "datetime64[us]", "time"));
        refuse("time", value, "datetime, numpy.datetime64 or RFC 3339 text");
    }
    refuse_nat(value, "time");
    auto* moment = value.ptr();
    const auto date =
        std::chrono::year{PyDateTime_GET_YEAR(moment)} / PyDateTime_GET_MONTH(moment) / PyDateTime_GET_DAY(moment);
    const std::int64_t seconds = PyDateTime_DATE_GET_HOUR(moment) * 3600 + PyDateTime_DATE_GET_MINUTE(moment) * 60 +
                                 PyDateTime_DATE_GET_SECOND(moment);
    const Time local =
        Time{std::chrono::sys_days{date}} + Duration{seconds * second + PyDateTime_DATE_GET_MICROSECOND(moment)};
    const py::object offset = value.attr("utcoffset")();
    return offset.is_none() ? local : local - Duration{timedelta_micros(offset)};
}

py::object from_time(Time time) {
    import_datetime();
    constexpr Time first{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
    constexpr Time end{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};
    if (time < first || time >= end)
        throw InvalidArgument("time of " + std::to_string(to_micros(time)) +
                              " microseconds since 1970: a year from 1 to 9999 wanted");
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{days};
    const auto in_day = (time - days).count();
    const auto in_seconds = static_cast<int>(in_day / second);
    PyObject* made = PyDateTimeAPI->DateTime_FromDateAndTime(
        static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
        static_cast<int>(static_cast<unsigned>(date.day())), in_seconds / 3600, in_seconds / 60 % 60, in_seconds % 60,
        static_cast<int>(in_day % second), PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
    if (made == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(made);
}

bool is_duration_like(py::handle value) {
    return py::isinstance<py::str>(value) || is_timedelta(value) || is_numpy_scalar(value, "m");
}

Duration to_duration(py::handle value) {
    if (py::isinstance<py::str>(value)) return parse_duration(value.cast<std::string>());
    if (is_timedelta(value)) {
        refuse_nat(value, "duration");
        return Duration{timedelta_micros(value)};
    }
    if (is_numpy_scalar(value, "m")) return Duration{numpy_micros(value, "timedelta64[us]", "duration")};
    refuse("duration", value, "a text such as \"5m\", or a timedelta");
}

py::object from_duration(Duration duration) {
    import_datetime();
    // timedelta puts its parts in order itself.
    PyObject* made =
        PyDelta_FromDSU(static_cast<int>(duration.count() / day), static_cast<int>(duration.count() % day / second),
                        static_cast<int>(duration.count() % second));
    if (made == nullptr) throw py::error_already_set();
    return py::reinterpret_steal<py::object>(made);
}

Window to_window(py::handle value) {
    if (py::isinstance<Window>(value)) return *value.cast<Window*>();
    if (py::isinstance<py::str>(value)) return Window::parse(value.cast<std::string>());
    if (is_duration_like(value)) return Window{to_duration(value)};
    refuse("window", value, "rows(n), a text such as \"5m\", or a timedelta");
}

Json to_json(py::handle value) { return to_json_below(value, 256); }

py::object from_json(const Json& value) {
    if (value.is_null()) return py::none();
    if (value.is_bool()) return py::bool_(value.as_bool());
    if (value.is_int()) return py::int_(value.as_int());
    if (value.is_double()) return py::float_(value.as_double());
    if (value.is_string()) return py::str(value.as_string());
    if (value.is_array()) {
        py::list items;
        for (const auto& item : value.as_array()) items.append(from_json(item));
        return items;
    }
    py::dict members;
    for (const auto& [key, item] : value.as_object()) members[py::str(key)] = from_json(item);
    return members;
}

Id to_id(py::handle value) {
    if (PyUnicode_Check(value.ptr())) {
        Py_ssize_t size = 0;
        const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
        if (text != nullptr) return Id(std::string_view(text, static_cast<std::size_t>(size)));
        PyErr_Clear();
        throw InvalidArgument("id: a string with a lone surrogate given, Unicode text wanted");
    }
    if (PyBool_Check(value.ptr()) || !PyIndex_Check(value.ptr())) refuse("id", value, "str or int");
    const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(value.ptr()));
    if (!number) throw py::error_already_set();
    int overflow = 0;
    const long long id = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    if (overflow != 0) throw InvalidArgument("id: integer beyond 64 bits given");
    return Id(static_cast<std::int64_t>(id));
}

std::vector<std::int64_t> to_micros_column(py::handle values, std::string_view what) {
    const auto numpy = py::module_::import("numpy");
    py::object array;
    // pandas hands out a column with a time zone as objects, unless asked for its UTC instants.
    const auto dtype = py::getattr(values, "dtype", py::none());
    if (py::hasattr(dtype, "tz") && py::hasattr(values, "to_numpy")) {
        array = values.attr("to_numpy")(py::arg("dtype") = "datetime64[ns]");
    } else {
        array = numpy.attr("asarray")(values);
    }
    if (array.attr("ndim").cast<int>() != 1) refuse(what, values, "a column of times");

    std::vector<std::int64_t> micros;
    if (has_dtype_kind(array, "M")) {
        const py::object floored =
            numpy.attr("ascontiguousarray")(array.attr("astype")("datetime64[us]").attr("view")("int64"));
        const auto buffer = py::cast<py::buffer>(floored).request();
        const auto* first = static_cast<const std::int64_t*>(buffer.ptr);
        micros.assign(first, first + buffer.size);
    } else {
        for (const auto& item : array) micros.push_back(to_micros(to_time(item)));
    }
    for (std::size_t row = 0; row < micros.size(); ++row)
        if (micros[row] == not_a_time) throw InvalidArgument(std::string(what) + ": NaT in row " + std::to_string(row));
    return micros;
}

}  // namespace holdfast::bindings

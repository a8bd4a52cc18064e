#include <memory>
#include <string>

#include <holdfast/base/clock.hpp>
#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/log.hpp>
#include <holdfast/base/window.hpp>

#include "bindings.hpp"
#include "convert.hpp"

namespace py = pybind11;

namespace holdfast::bindings {
namespace {

void bind_clocks(py::module_& module) {
    py::classh<Clock>(module, "Clock", "A source of time: system_clock() or a SimulatedClock. Safe from any thread.")
        .def("now", &Clock::now, "The time now, an aware datetime in UTC.")
        .def_property_readonly("simulated", &Clock::simulated, "True where time moves only when told.")
        .def("__repr__", [](const Clock& clock) {
            return clock.simulated() ? "<SimulatedClock at " + format_time(clock.now()) + ">" : "<system clock>";
        });

    module.def("system_clock", &system_clock, R"doc(The clock of the machine; one a process.

>>> system_clock().now().tzinfo
datetime.timezone.utc)doc");

    py::classh<SimulatedClock, Clock>(module, "SimulatedClock",
                                      R"doc(Time that stands still until it is moved, for tests and replays.

Moving it wakes whatever waits for that time. Naive datetimes are UTC.

>>> clock = SimulatedClock("2021-07-01T00:00:00Z")
>>> clock.advance("1h30m")
>>> clock.now().isoformat()
'2021-07-01T01:30:00+00:00')doc")
        .def(py::init<Time>(), py::arg("start"))
        .def("advance", &SimulatedClock::advance, py::arg("by"), py::call_guard<py::gil_scoped_release>(),
             "Moves time on. Raises InvalidArgument when `by` is negative.")
        .def("set", &SimulatedClock::set, py::arg("time"), py::call_guard<py::gil_scoped_release>(),
             "Moves time to `time`. Raises InvalidArgument when that is in the past.");
}

void bind_windows(py::module_& module) {
    py::class_<Window>(module, "Window",
                       R"doc(The last n rows, or the last while: rows(n), a text such as "5m", or a timedelta.

A duration d ends at the observation's time t and is half-open, (t-d, t].

>>> Window("1h30m").duration
datetime.timedelta(seconds=5400)
>>> rows(500) == Window("rows(500)")
True)doc")
        .def(py::init([](const Window& extent) { return extent; }), py::arg("extent"))
        .def_property_readonly(
            "rows",
            [](const Window& window) { return window.is_rows() ? std::optional(window.row_count()) : std::nullopt; },
            "How many rows, or None for a duration.")
        .def_property_readonly(
            "duration",
            [](const Window& window) { return window.is_rows() ? std::nullopt : std::optional(window.duration()); },
            "How long, or None for rows.")
        .def("__str__", &Window::to_string)
        .def("__repr__",
             [](const Window& window) {
                 return window.is_rows() ? window.to_string() : "Window('" + window.to_string() + "')";
             })
        .def(
            "__eq__",
            [](const Window& window, const py::object& other) {
                return py::isinstance<Window>(other) && window == *other.cast<Window*>();
            },
            py::arg("other"))
        .def("__hash__", [](const Window& window) { return py::hash(py::str(window.to_string())); })
        .def(py::pickle([](const Window& window) { return window.to_string(); },
                        [](const std::string& state) { return Window::parse(state); }));

    module.def("rows", &rows, py::arg("n"), R"doc(The window of the last n rows; n is at least 1.

>>> rows(500)
rows(500))doc");
}

void bind_json(py::module_& module) {
    module.def(
        "canonical_json", [](const Json& value) { return value.canonical(); }, py::arg("value"),
        R"doc(Canonical JSON text (RFC 8785), the form that is stored and hashed.

Non-finite floats become the strings "NaN", "Infinity" and "-Infinity", integers beyond 2**53 decimal strings.
Raises InvalidArgument for what JSON cannot hold.

>>> canonical_json({"b": 1.0, "a": [None, True, 1e21]})
'{"a":[null,true,1e+21],"b":1}')doc");
    module.def(
        "parse_json", [](const std::string& text) { return Json::parse(text); }, py::arg("text"),
        R"doc(Reads JSON text. Duplicate keys, nesting over 256 levels and ill-formed UTF-8 raise InvalidArgument.

>>> parse_json('{"a": [1, 2.5]}')
{'a': [1, 2.5]})doc");
}

LogLevel parse_log_level(const std::string& name) {
    if (name == "trace") return LogLevel::trace;
    if (name == "debug") return LogLevel::debug;
    if (name == "info") return LogLevel::info;
    if (name == "warning") return LogLevel::warning;
    if (name == "error") return LogLevel::error;
    if (name == "off") return LogLevel::off;
    throw InvalidArgument("log level \"" + name + "\" given; trace, debug, info, warning, error or off wanted");
}

}  // namespace

void bind_base(py::module_& module) {
    bind_clocks(module);
    bind_windows(module);
    bind_json(module);
    module.def(
        "parse_duration", [](const std::string& text) { return parse_duration(text); }, py::arg("text"),
        R"doc(Reads a duration in Prometheus' grammar.

>>> parse_duration("1h30m")
datetime.timedelta(seconds=5400))doc");
    module.def(
        "format_duration", [](Duration duration) { return format_duration(duration); }, py::arg("duration"),
        R"doc(Writes a duration in Prometheus' grammar.

>>> format_duration("90m")
'1h30m')doc");
    module.def(
        "set_log_level", [](const std::string& name) { set_log_level(parse_log_level(name)); }, py::arg("level"),
        "Which lines reach standard error: trace, debug, info, warning (the default), error or off.");
}

}  // namespace holdfast::bindings

/// Between Python's values and Holdfast's: times, durations, windows, JSON, ids.
///
/// Including this header gives functions bound with pybind11 arguments and results of type Time, Duration, Window and
/// Json (and optionals and vectors of them). Every file that binds one of these types must include it, and none may
/// include pybind11/chrono.h, whose casters are others.
///
/// A value of the wrong type is a TypeError where a function is called through pybind11, and InvalidArgument from the
/// functions below; a text that cannot be read is InvalidArgument in both.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <optional>
#include <vector>

#include <holdfast/base/id.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/base/window.hpp>

namespace holdfast::bindings {

/// datetime (naive = UTC), pandas.Timestamp, numpy.datetime64 (finer than a microsecond is floored), RFC 3339 text.
[[nodiscard]] Time to_time(pybind11::handle value);
/// An aware datetime in UTC; InvalidArgument where Python has no such year.
[[nodiscard]] pybind11::object from_time(Time time);
[[nodiscard]] bool is_time_like(pybind11::handle value);

/// Prometheus' grammar ("5m"), timedelta, numpy.timedelta64.
[[nodiscard]] Duration to_duration(pybind11::handle value);
[[nodiscard]] pybind11::object from_duration(Duration duration);  ///< timedelta
[[nodiscard]] bool is_duration_like(pybind11::handle value);

/// Window, "rows(500)", or what to_duration takes.
[[nodiscard]] Window to_window(pybind11::handle value);

/// None, bool, int, float, str, list, tuple, dict with str keys, numpy scalars. InvalidArgument for anything else, for
/// integers beyond 64 bits and for nesting over 256 levels.
[[nodiscard]] Json to_json(pybind11::handle value);
[[nodiscard]] pybind11::object from_json(const Json& value);

/// str, or an integer of 64 bits (numpy's too) as its decimal text.
[[nodiscard]] Id to_id(pybind11::handle value);

/// Microseconds since 1970 UTC of a numpy datetime64 array, a pandas or polars column, or a sequence of what to_time
/// takes. NaT is InvalidArgument; `what` names the column in messages.
[[nodiscard]] std::vector<std::int64_t> to_micros_column(pybind11::handle values, std::string_view what);

}  // namespace holdfast::bindings

namespace pybind11::detail {

template <>
struct type_caster<holdfast::Time> {
    PYBIND11_TYPE_CASTER(holdfast::Time, io_name("datetime.datetime | numpy.datetime64 | str", "datetime.datetime"));
    bool load(handle source, bool) {
        if (!holdfast::bindings::is_time_like(source)) return false;
        value = holdfast::bindings::to_time(source);
        return true;
    }
    static handle cast(holdfast::Time time, return_value_policy, handle) {
        return holdfast::bindings::from_time(time).release();
    }
};

template <>
struct type_caster<holdfast::Duration> {
    PYBIND11_TYPE_CASTER(holdfast::Duration,
                         io_name("datetime.timedelta | numpy.timedelta64 | str", "datetime.timedelta"));
    bool load(handle source, bool) {
        if (!holdfast::bindings::is_duration_like(source)) return false;
        value = holdfast::bindings::to_duration(source);
        return true;
    }
    static handle cast(holdfast::Duration duration, return_value_policy, handle) {
        return holdfast::bindings::from_duration(duration).release();
    }
};

template <>
struct type_caster<holdfast::Json> {
    PYBIND11_TYPE_CASTER(holdfast::Json, const_name("typing.Any"));
    bool load(handle source, bool) {
        value = holdfast::bindings::to_json(source);
        return true;
    }
    static handle cast(const holdfast::Json& json, return_value_policy, handle) {
        return holdfast::bindings::from_json(json).release();
    }
};

/// A Window object as any bound class, and also whatever can be said for one.
template <>
struct type_caster<holdfast::Window> : type_caster_base<holdfast::Window> {
    static constexpr auto name =
        const_name<holdfast::Window>() + io_name(" | datetime.timedelta | numpy.timedelta64 | str", "");
    bool load(handle source, bool convert) {
        if (!holdfast::bindings::is_duration_like(source)) return type_caster_base::load(source, convert);
        said_.emplace(holdfast::bindings::to_window(source));
        value = &*said_;
        return true;
    }

  private:
    std::optional<holdfast::Window> said_;
};

}  // namespace pybind11::detail

/// The log: structured enough to read, quiet by default (warnings and errors, to standard error).
///
/// The level comes from HOLDFAST_LOG (trace, debug, info, warning, error, off) or from `set_log_level`; a host that has
/// a log of its own takes the lines with `set_log_sink`. The sink must not throw and must not call back into Holdfast.
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <functional>
#include <string_view>

#include <holdfast/export.hpp>

namespace holdfast {

enum class LogLevel { trace, debug, info, warning, error, off };

using LogSink = std::function<void(LogLevel level, std::string_view room, std::string_view message)>;

HOLDFAST_EXPORT void set_log_level(LogLevel level) noexcept;
[[nodiscard]] HOLDFAST_EXPORT LogLevel log_level() noexcept;
/// An empty sink restores the default (standard error).
HOLDFAST_EXPORT void set_log_sink(LogSink sink);
HOLDFAST_EXPORT void log(LogLevel level, std::string_view room, std::string_view message);

}  // namespace holdfast

#include <holdfast/base/log.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>

namespace holdfast {
namespace {

constexpr std::array<std::pair<std::string_view, LogLevel>, 6> names{{{"trace", LogLevel::trace},
                                                                      {"debug", LogLevel::debug},
                                                                      {"info", LogLevel::info},
                                                                      {"warning", LogLevel::warning},
                                                                      {"error", LogLevel::error},
                                                                      {"off", LogLevel::off}}};

LogLevel level_from_environment() noexcept {
    const char* text = std::getenv("HOLDFAST_LOG");
    if (text == nullptr) return LogLevel::warning;
    for (const auto& [name, level] : names)
        if (name == text) return level;
    return LogLevel::warning;
}

struct Log {
    std::atomic<LogLevel> level{level_from_environment()};
    std::mutex mutex;
    std::shared_ptr<const LogSink> sink;
    spdlog::logger standard_error{"holdfast", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

    Log() {
        standard_error.set_level(spdlog::level::trace);
        standard_error.set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l holdfast.%v", spdlog::pattern_time_type::utc);
    }
};

// Never destroyed: threads and other statics may log to the end.
Log& the_log() {
    static auto& log = *new Log;
    return log;
}

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::trace: return spdlog::level::trace;
        case LogLevel::debug: return spdlog::level::debug;
        case LogLevel::info: return spdlog::level::info;
        case LogLevel::warning: return spdlog::level::warn;
        case LogLevel::error: return spdlog::level::err;
        case LogLevel::off: break;
    }
    return spdlog::level::off;
}

}  // namespace

void set_log_level(LogLevel level) noexcept { the_log().level.store(level, std::memory_order_relaxed); }
LogLevel log_level() noexcept { return the_log().level.load(std::memory_order_relaxed); }

void set_log_sink(LogSink sink) {
    auto shared = sink ? std::make_shared<const LogSink>(std::move(sink)) : nullptr;
    const std::scoped_lock held(the_log().mutex);
    the_log().sink.swap(shared);
}

void log(LogLevel level, std::string_view room, std::string_view message) {
    auto& log = the_log();
    if (level == LogLevel::off || level < log.level.load(std::memory_order_relaxed)) return;
    std::shared_ptr<const LogSink> sink;
    {
        const std::scoped_lock held(log.mutex);
        sink = log.sink;
    }
    if (sink) {
        (*sink)(level, room, message);
    } else {
        log.standard_error.log(to_spdlog(level), "{}: {}", room, message);
    }
}

}  // namespace holdfast

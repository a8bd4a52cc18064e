#include <holdfast/base/fail_point.hpp>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <string>

namespace holdfast::detail {
namespace {

// HOLDFAST_FAIL_POINT_TRACE=path appends the name of each point passed, so that a test can list those of a run.
struct Settings {
    std::string deadly;
    long remaining = 1;
    std::string trace;

    Settings() {
        if (const char* text = std::getenv("HOLDFAST_FAIL_POINT")) deadly = text;
        if (const char* text = std::getenv("HOLDFAST_FAIL_POINT_TRACE")) trace = text;
        const auto colon = deadly.rfind(':');
        if (colon == std::string::npos) return;
        std::from_chars(deadly.data() + colon + 1, deadly.data() + deadly.size(), remaining);
        deadly.resize(colon);
    }
};

const Settings& settings() {
    static const Settings once;
    return once;
}

void append_line(const std::string& path, std::string_view name) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) return;
    const std::string line = std::string(name) + "\n";
    [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
    ::close(file);
}

}  // namespace

bool fail_points_armed() noexcept {
    static const bool armed = !settings().deadly.empty() || !settings().trace.empty();
    return armed;
}

void pass_fail_point(std::string_view name) noexcept {
    static std::atomic<long> remaining{settings().remaining};
    if (!settings().trace.empty()) append_line(settings().trace, name);
    if (name == settings().deadly && remaining.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace holdfast::detail

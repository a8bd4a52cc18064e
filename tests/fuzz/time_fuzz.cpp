// Whatever the parsers of times, durations and windows accept is written and read back to the same value.
#include <cstdlib>
#include <string_view>

#include <holdfast/base/error.hpp>
#include <holdfast/base/time.hpp>
#include <holdfast/base/window.hpp>

namespace {

template <class Check>
void unless_refused(Check check) {
    try {
        if (!check()) std::abort();
    } catch (const holdfast::InvalidArgument&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace holdfast;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    unless_refused([&] {
        const auto time = parse_time(text);
        return parse_time(format_time(time)) == time;
    });
    unless_refused([&] {
        const auto duration = parse_duration(text);
        return parse_duration(format_duration(duration)) == duration;
    });
    unless_refused([&] {
        const auto window = Window::parse(text);
        return Window::parse(window.to_string()) == window;
    });
    return 0;
}

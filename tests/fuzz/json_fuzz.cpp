// Whatever Json::parse accepts is written, read and written again to the same text.
#include <cstdlib>
#include <string_view>

#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    holdfast::Json value;
    try {
        value = holdfast::Json::parse(text);
    } catch (const holdfast::InvalidArgument&) {
        return 0;
    }
    const auto canonical = value.canonical();
    if (holdfast::Json::parse(canonical).canonical() != canonical) std::abort();
    return 0;
}

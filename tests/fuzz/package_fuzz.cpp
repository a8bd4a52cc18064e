// Any bytes as a zip, and as the manifest of a package: an Error or a package, never anything else.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/package/package.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace holdfast;
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    try {
        const Package package =
            Package::from_zip_bytes(std::vector<std::byte>(bytes, bytes + size), "fuzz.zip", 1 << 24);
        (void)package.zip_bytes();
    } catch (const Error&) {
    }
    try {
        const Manifest manifest = Manifest::from_json(Json::parse({reinterpret_cast<const char*>(data), size}));
        (void)manifest.identity();
    } catch (const Error&) {
    }
    return 0;
}

// Profiles from anywhere: refused by a typed error, or read; never a crash, and what was read is written again alike.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/monitor/drift.hpp>
#include <holdfast/stats/profile.hpp>

namespace {

// A checksum that fits, so that the fuzzer gets behind it.
std::vector<std::byte> sealed(std::span<const std::byte> bytes) {
    std::vector<std::byte> all(bytes.begin(), bytes.end());
    if (all.size() < 8) return all;
    const std::size_t body = all.size() - 8;
    const auto digest = holdfast::sha256(std::span<const std::byte>(all).first(body));
    for (std::size_t i = 0; i < 8; ++i) all[body + i] = digest.bytes[i];
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = sealed({reinterpret_cast<const std::byte*>(data), size});
    try {
        const auto profile = holdfast::stats::Profile::decode(bytes);
        const auto again = holdfast::stats::Profile::decode(profile.encode());
        if (again.encode() != profile.encode()) std::abort();
        static_cast<void>(profile.to_json());
        static_cast<void>(holdfast::drift(profile, again));
    } catch (const holdfast::Error&) {
    }
    return 0;
}

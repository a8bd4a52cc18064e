// .hfm files from strangers: refused with a typed error, or a model that runs without touching memory that is not its
// own.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/models/load.hpp>

#include "models/hfm/layout.hpp"

namespace {

/// Gives the bytes the head that they need to be read at all.
std::vector<std::byte> sealed(std::span<const std::byte> payload) {
    using namespace holdfast;
    std::vector<std::byte> bytes(hfm::head_size);
    std::memcpy(bytes.data(), hfm::magic.data(), hfm::magic.size());
    std::memcpy(bytes.data() + 8, &hfm::version, sizeof hfm::version);
    const std::uint64_t length = payload.size();
    std::memcpy(bytes.data() + 16, &length, sizeof length);
    const Digest digest =
        Sha256().update(std::span<const std::byte>(bytes).first(hfm::digest_at)).update(payload).finish();
    std::memcpy(bytes.data() + hfm::digest_at, digest.bytes.data(), digest.bytes.size());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

void read_and_run(std::span<const std::byte> bytes) {
    using namespace holdfast;
    try {
        const auto model = compile(decode_hfm(bytes, "fuzz.hfm"));
        const TensorSpec& input = model->signature().inputs[0];
        const std::int64_t width = input.shape.size() == 2 ? input.shape[1] : 1;
        if (model->signature().inputs.size() != 1 || input.shape.size() > 2 || width > 4096 ||
            input.dtype == DType::string)
            return;
        const std::vector<double> x(static_cast<std::size_t>(2 * width) + 1, 0.5);
        static_cast<void>(model->run(TensorView::matrix(x.data(), 2, width)));
    } catch (const Error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    read_and_run(bytes);
    // The same as payload; a whole file in the corpus gives its own payload.
    const std::size_t head =
        size > holdfast::hfm::head_size && data[0] == holdfast::hfm::magic[0] ? holdfast::hfm::head_size : 0;
    read_and_run(sealed(bytes.subspan(head)));
    return 0;
}

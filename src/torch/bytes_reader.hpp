/// BytesReader: the verified bytes, as LibTorch reads a file. They must outlive it.
///
/// Thread safety: safe from several threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <caffe2/serialize/read_adapter_interface.h>

namespace holdfast::torch_backend {

class BytesReader final : public caffe2::serialize::ReadAdapterInterface {
  public:
    explicit BytesReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
    [[nodiscard]] std::size_t size() const override { return bytes_.size(); }
    std::size_t read(std::uint64_t position, void* to, std::size_t count, const char* /*what*/) const override {
        if (position >= bytes_.size()) return 0;
        const std::size_t given = std::min(count, bytes_.size() - static_cast<std::size_t>(position));
        std::memcpy(to, bytes_.data() + position, given);
        return given;
    }

  private:
    std::span<const std::byte> bytes_;
};

}  // namespace holdfast::torch_backend

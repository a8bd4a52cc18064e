/// Byte strings one behind the other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace holdfast::store::detail {

struct Pieces {
    std::vector<std::byte> bytes;
    std::vector<std::size_t> ends;

    void add(std::span<const std::byte> piece) {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        end();
    }
    /// What was appended to `bytes` since the last is one.
    void end() { ends.push_back(bytes.size()); }
    [[nodiscard]] std::span<const std::byte> operator[](std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ends[i - 1];
        return std::span(bytes).subspan(begin, ends[i] - begin);
    }
};

}  // namespace holdfast::store::detail

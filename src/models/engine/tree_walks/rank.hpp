/// rank_of: how many of rising numbers are below x, found without a branch.
#pragma once

#include <cstddef>
#include <span>

namespace holdfast::engine::tree_walks {

template <class T>
[[nodiscard]] inline std::size_t rank_of(std::span<const T> rising, T x) {
    const T* at = rising.data();
    std::size_t size = rising.size();
    while (size > 1) {
        const std::size_t half = size / 2;
        at += static_cast<std::size_t>(at[half - 1] < x) * half;
        size -= half;
    }
    return static_cast<std::size_t>(at - rising.data()) + (size == 1 && *at < x ? 1 : 0);
}

}  // namespace holdfast::engine::tree_walks

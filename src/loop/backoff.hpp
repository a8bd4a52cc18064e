/// How long to wait after the n-th failure in a row.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <holdfast/base/time.hpp>

namespace holdfast::detail {

/// `first`, doubled with each failure after the first, up to an hour (or `first`, where that is longer).
[[nodiscard]] inline Duration backed_off(Duration first, std::int64_t failures) {
    const Duration most = std::max<Duration>(first, std::chrono::hours(1));
    Duration wait = first;
    for (std::int64_t i = 1; i < failures && wait < most && wait > Duration::zero(); ++i) wait *= 2;
    return std::min(wait, most);
}

}  // namespace holdfast::detail

/// Curves: two distribution functions walked together over the values of both.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>

#include <holdfast/stats/kll.hpp>

namespace holdfast::stats::detail {

/// Calls step(x, next, f, g) for each distinct value x of either side, ascending, with both functions just after x and
/// the value that follows (x again at the last).
template <class Step>
void walk(std::span<const Kll::Weighted> a, double n, std::span<const Kll::Weighted> b, double m, Step step) {
    constexpr double beyond = std::numeric_limits<double>::infinity();
    std::size_t i = 0, j = 0;
    std::int64_t below_a = 0, below_b = 0;
    while (i < a.size() || j < b.size()) {
        const double x = std::min(i < a.size() ? a[i].value : beyond, j < b.size() ? b[j].value : beyond);
        for (; i < a.size() && a[i].value == x; ++i) below_a += a[i].weight;
        for (; j < b.size() && b[j].value == x; ++j) below_b += b[j].weight;
        const double next = std::min(i < a.size() ? a[i].value : beyond, j < b.size() ? b[j].value : beyond);
        step(x, next == beyond ? x : next, static_cast<double>(below_a) / n, static_cast<double>(below_b) / m);
    }
}

}  // namespace holdfast::stats::detail

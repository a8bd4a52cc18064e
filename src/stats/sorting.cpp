#include "stats/sorting.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace holdfast::stats::detail {
namespace {

constexpr std::size_t block = 8;

void order(double& a, double& b) {
    const double low = std::min(a, b), high = std::max(a, b);
    a = low;
    b = high;
}

/// Batcher's odd-even merge sort of eight: 19 comparisons.
void sort_block(double* v) {
    constexpr std::pair<int, int> network[] = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {0, 2}, {1, 3}, {4, 6},
                                               {5, 7}, {1, 2}, {5, 6}, {0, 4}, {1, 5}, {2, 6}, {3, 7},
                                               {2, 4}, {3, 5}, {1, 2}, {3, 4}, {5, 6}};
    for (const auto& [i, j] : network) order(v[i], v[j]);
}

/// From both ends at once, so that two chains of comparisons run side by side.
void merge(std::span<const double> a, std::span<const double> b, double* out) {
    const std::size_t steps = std::min(a.size(), b.size());
    std::size_t i = 0, j = 0, k = a.size(), l = b.size();
    double* end = out + a.size() + b.size();
    for (std::size_t step = 0; step < steps; ++step) {
        const bool from_b = b[j] < a[i];
        *out++ = from_b ? b[j] : a[i];
        j += from_b ? 1 : 0;
        i += from_b ? 0 : 1;
        const bool from_a = b[l - 1] < a[k - 1];
        *--end = from_a ? a[k - 1] : b[l - 1];
        k -= from_a ? 1 : 0;
        l -= from_a ? 0 : 1;
    }
    std::merge(a.begin() + static_cast<std::ptrdiff_t>(i), a.begin() + static_cast<std::ptrdiff_t>(k),
               b.begin() + static_cast<std::ptrdiff_t>(j), b.begin() + static_cast<std::ptrdiff_t>(l), out);
}

}  // namespace

void sort_values(std::span<double> values) {
    const std::size_t size = values.size(), whole = size - size % block;
    for (std::size_t i = 0; i < whole; i += block) sort_block(&values[i]);
    std::sort(values.begin() + static_cast<std::ptrdiff_t>(whole), values.end());
    std::vector<double> other(size);
    std::span<double> from = values, to = other;
    for (std::size_t width = block; width < size; width *= 2) {
        for (std::size_t begin = 0; begin < size; begin += 2 * width) {
            const std::size_t middle = std::min(begin + width, size), end = std::min(begin + 2 * width, size);
            merge(from.subspan(begin, middle - begin), from.subspan(middle, end - middle), &to[begin]);
        }
        std::swap(from, to);
    }
    if (from.data() != values.data()) std::copy(from.begin(), from.end(), values.begin());
}

std::vector<double> merged(std::span<const double> a, std::span<const double> b) {
    std::vector<double> both(a.size() + b.size());
    merge(a, b, both.data());
    return both;
}

}  // namespace holdfast::stats::detail

#include "stats/sorting.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include <hwy/contrib/sort/vqsort.h>

namespace holdfast::stats::detail {
namespace {

constexpr std::size_t few = 48;  // where setting the vectors up takes longer than it saves

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
    if (values.size() < few) return std::sort(values.begin(), values.end());
    // Highway 1.0 pads with the largest finite number, and loses infinities behind it.
    const auto end = std::partition(values.begin(), values.end(),
                                    [](double value) { return value < std::numeric_limits<double>::infinity(); });
    const hwy::Sorter sort;
    sort(values.data(), static_cast<std::size_t>(end - values.begin()), hwy::SortAscending());
}

std::vector<double> merged(std::span<const double> a, std::span<const double> b) {
    std::vector<double> both(a.size() + b.size());
    merge(a, b, both.data());
    return both;
}

}  // namespace holdfast::stats::detail

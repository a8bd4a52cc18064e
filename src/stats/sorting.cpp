#include "stats/sorting.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include <hwy/contrib/sort/vqsort.h>

#include "stats/kernels.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr std::size_t few = 48;  // where setting the vectors up takes longer than it saves

/// Merges two ascending runs of one length from both ends at once, as many steps at each.
class Merge {
  public:
    Merge(const double* runs, std::size_t length, double* out)
        : a_(runs), b_(runs + length), a_end_(b_), b_end_(b_ + length), out_(out), out_end_(out + 2 * length) {}
    void step() {
        const bool from_b = *b_ < *a_;
        *out_++ = from_b ? *b_ : *a_;
        b_ += from_b ? 1 : 0;
        a_ += from_b ? 0 : 1;
        const bool from_a = b_end_[-1] < a_end_[-1];
        *--out_end_ = from_a ? a_end_[-1] : b_end_[-1];
        a_end_ -= from_a ? 1 : 0;
        b_end_ -= from_a ? 0 : 1;
    }

  private:
    const double *a_, *b_, *a_end_, *b_end_;
    double *out_, *out_end_;
};

/// Four runs, one after another, to two; the chains of comparisons run side by side.
void merge_four(const double* runs, std::size_t length, double* out) {
    Merge first(runs, length, out), second(runs + 2 * length, length, out + 2 * length);
    for (std::size_t i = 0; i < length; ++i) {
        first.step();
        second.step();
    }
}

void merge_two(const double* runs, std::size_t length, double* out) {
    Merge merge(runs, length, out);
    for (std::size_t i = 0; i < length; ++i) merge.step();
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

// From the back. What lies outside the range of the values is not looked at.
void merge_into(std::vector<double>& into, std::span<const double> values) {
    if (values.empty()) return;
    into.reserve(into.size() + values.size());
    const auto above = std::upper_bound(into.begin(), into.end(), values.back());
    const auto below = static_cast<std::size_t>(std::upper_bound(into.begin(), above, values.front()) - into.begin());
    std::size_t i = static_cast<std::size_t>(above - into.begin()), j = values.size();
    into.insert(above, values.begin(), values.end());
    while (i > below) {
        const bool stays = into[i - 1] <= values[j - 1];
        into[i + j - 1] = stays ? values[j - 1] : into[i - 1];
        j -= stays ? 1 : 0;
        i -= stays ? 0 : 1;
    }
    std::copy_n(values.begin(), j, into.begin() + static_cast<std::ptrdiff_t>(below));
}

std::span<double> thinned(std::span<double> values, std::size_t stride, std::size_t first) {
    constexpr std::size_t columns = sorted_columns;
    const std::size_t rows = values.size() / columns, run = rows / stride;
    const auto kept = values.first(columns * run);
    if (descending(values)) std::reverse(values.begin(), values.end());
    if (ascending(values)) {
        for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = values[first + i * stride];
        return kept;
    }
    sort_columns(values.data(), rows);
    std::vector<double> runs;
    runs.reserve(kept.size());
    for (std::size_t column = 0; column < columns; ++column) {
        for (std::size_t row = (first + column) % stride; row < rows; row += stride) {
            runs.push_back(values[row * columns + column]);
        }
    }
    merge_four(runs.data(), run, kept.data());
    merge_two(kept.data(), 2 * run, runs.data());
    std::copy(runs.begin(), runs.end(), kept.begin());
    return kept;
}

}  // namespace holdfast::stats::detail

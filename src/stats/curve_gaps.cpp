#include "stats/curve_gaps.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <vector>

#include "stats/compensated.hpp"
#include "stats/kernels.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr std::size_t block = 512;  // values of both samples that are merged, then summed

/// A stretch of both samples merged: values in order, the one that follows, and the rows of each side up to each.
struct Steps {
    std::array<double, block + 1> x;
    std::array<double, block> i, j;
};

/// Where the first `together` values of both end in `a`; a value of `a` comes before an equal one of `b`.
std::size_t split(std::span<const double> a, std::span<const double> b, std::size_t together) {
    std::size_t low = together - std::min(together, b.size()), high = std::min(together, a.size());
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (a[middle] <= b[together - 1 - middle]) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/// From both ends at once, so that two chains of comparisons run side by side; no branch on what the values are.
template <class RowsOfA, class RowsOfB>
void merge(std::span<const double> a, std::span<const double> b, RowsOfA rows_of_a, RowsOfB rows_of_b, Steps& steps) {
    std::size_t i = 0, j = 0, k = a.size(), l = b.size(), from = 0, to = k + l;
    const auto first = [&](bool from_a, double value) {
        i += from_a ? 1 : 0;
        j += from_a ? 0 : 1;
        steps.x[from] = value;
        steps.i[from] = rows_of_a(i);
        steps.j[from++] = rows_of_b(j);
    };
    for (std::size_t left = std::min(k, l); left > 0; --left) {
        const double p = a[i], q = b[j], r = a[k - 1], s = b[l - 1];
        first(p <= q, std::min(p, q));
        steps.x[--to] = std::max(r, s);
        steps.i[to] = rows_of_a(k);
        steps.j[to] = rows_of_b(l);
        k -= r > s ? 1 : 0;
        l -= r > s ? 0 : 1;
    }
    while (from < to) {
        const bool from_a = j == l || (i < k && a[i] <= b[j]);
        first(from_a, from_a ? a[i] : b[j]);
    }
}

// Steps that are no steps, up to a whole number of eight.
std::size_t fill_up(Steps& steps, std::size_t size, double next) {
    const std::size_t whole = (size + 7) / 8 * 8;
    std::fill(&steps.x[size], &steps.x[whole] + 1, next);
    std::fill(&steps.i[size], &steps.i[0] + whole, 0.0);
    std::fill(&steps.j[size], &steps.j[0] + whole, 0.0);
    return whole;
}

/// `rows_of_a`, `rows_of_b`: how many rows the first values of a side stand for.
template <class RowsOfA, class RowsOfB>
CurveGaps walked(std::span<const double> a, std::span<const double> b, RowsOfA rows_of_a, RowsOfB rows_of_b) {
    const double n = rows_of_a(a.size()), m = rows_of_b(b.size());
    CurveGaps gaps{n, m};
    CompensatedSum area, deviation;
    Steps steps;
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        const std::size_t size = std::min(block, a.size() - i + b.size() - j);
        const std::size_t of_a = split(a.subspan(i), b.subspan(j), size), of_b = size - of_a;
        merge(
            a.subspan(i, of_a), b.subspan(j, of_b), [&](std::size_t k) { return rows_of_a(i + k); },
            [&](std::size_t k) { return rows_of_b(j + k); }, steps);
        i += of_a;
        j += of_b;
        double next = steps.x[size - 1];
        if (i < a.size()) next = a[i];
        if (j < b.size() && (i == a.size() || b[j] < a[i])) next = b[j];
        const std::size_t whole = fill_up(steps, size, next);
        const StepSums sums = sum_steps(steps.x.data(), steps.i.data(), steps.j.data(), whole, n, m);
        gaps.above = std::max(gaps.above, sums.above);
        gaps.below = std::max(gaps.below, sums.below);
        area.add(sums.area);
        deviation.add(sums.deviation);
    }
    gaps.area = area.value();
    gaps.deviation = deviation.value();
    return gaps;
}

/// Of none, one, two, ... values.
std::vector<double> rows_up_to(SortedRows side) {
    std::vector<double> rows(side.values.size() + 1);
    for (std::size_t i = 0; i < side.values.size(); ++i)
        rows[i + 1] = rows[i] + (side.weights.empty() ? 1.0 : static_cast<double>(side.weights[i]));
    return rows;
}

}  // namespace

CurveGaps gaps_between(SortedRows reference, SortedRows current) {
    if (reference.weights.empty() && current.weights.empty()) {
        const auto rows = [](std::size_t values) { return static_cast<double>(values); };
        return walked(reference.values, current.values, rows, rows);
    }
    const std::vector<double> n = rows_up_to(reference), m = rows_up_to(current);
    return walked(
        reference.values, current.values, [&](std::size_t values) { return n[values]; },
        [&](std::size_t values) { return m[values]; });
}

}  // namespace holdfast::stats::detail

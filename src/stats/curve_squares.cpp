#include "stats/curve_squares.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "stats/compensated.hpp"

namespace holdfast::stats::detail {
namespace {

struct SpaceSums {
    CompensatedSum gap, reference, current;
    void add(double f, double g, double weight) {
        gap.add((f - g) * (f - g) * weight);
        reference.add(f * (1.0 - f) * weight);
        current.add(g * (1.0 - g) * weight);
    }
    [[nodiscard]] CurveSquares::Space result(double n, double m) const {
        return {gap.value(), reference.value() * n / std::max(1.0, n - 1.0),
                current.value() * m / std::max(1.0, m - 1.0)};
    }
};

double rows_in(SortedRows side) {
    if (side.weights.empty()) return static_cast<double>(side.values.size());
    return static_cast<double>(std::accumulate(side.weights.begin(), side.weights.end(), std::int64_t{0}));
}

double weight_of(SortedRows side, std::size_t at) {
    return side.weights.empty() ? 1.0 : static_cast<double>(side.weights[at]);
}

/// The share of the other side below less that above, row by row: its variance within one side, with a row of each
/// extreme added, so that a few rows without overlap are not taken for certainty.
struct Placements {
    CompensatedSum sum, squares;
    void add(double placement, double rows) {
        sum.add(placement * rows);
        squares.add(placement * placement * rows);
    }
    [[nodiscard]] double variance(double rows) const {
        return std::max(0.0, squares.value() + 2.0 - sum.value() * sum.value() / (rows + 2.0)) / (rows + 1.0);
    }
};

}  // namespace

CurveSquares squares_between(SortedRows reference, SortedRows current) {
    constexpr double beyond = std::numeric_limits<double>::infinity();
    const double n = rows_in(reference), m = rows_in(current), all = n + m;
    SpaceSums values, rows, odds;
    CompensatedSum across;
    double largest_tie = 0.0;
    Placements of_reference, of_current;
    double i = 0.0, j = 0.0;
    for (std::size_t a = 0, b = 0; a < reference.values.size() || b < current.values.size();) {
        const auto at = [](SortedRows side, std::size_t k) { return k < side.values.size() ? side.values[k] : beyond; };
        const double x = std::min(at(reference, a), at(current, b)), before_i = i, before_j = j;
        for (; at(reference, a) == x; ++a) i += weight_of(reference, a);
        for (; at(current, b) == x; ++b) j += weight_of(current, b);
        const double here_i = i - before_i, here_j = j - before_j, h = (i + j) / all;
        if (here_i > 0.0) of_reference.add((before_j + j) / m - 1.0, here_i);
        if (here_j > 0.0) of_current.add((before_i + i) / n - 1.0, here_j);
        largest_tie = std::max(largest_tie, here_i + here_j);
        const double f = i / n, g = j / m;
        rows.add(f, g, (here_i + here_j) / all);
        const double next = std::min(at(reference, a), at(current, b));
        if (next == beyond) break;
        odds.add(f, g, (here_i + here_j) / all / (h * (1.0 - h)));
        values.add(f, g, next - x);
        across.add((f * (1.0 - g) + g * (1.0 - f)) * (next - x));
    }
    CurveSquares result;
    result.over_values = values.result(n, m);
    result.over_rows = rows.result(n, m);
    result.over_odds = odds.result(n, m);
    result.across = across.value();
    result.largest_tie = largest_tie / all;
    result.delta = of_current.sum.value() / m;
    result.delta_reference = of_reference.variance(n);
    result.delta_current = of_current.variance(m);
    return result;
}

}  // namespace holdfast::stats::detail

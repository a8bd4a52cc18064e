#include "stats/auc.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/compensated.hpp"

namespace holdfast::stats::detail {
namespace {

/// Adds `weight` times class `label`'s one-against-rest AUC and influences to `auc`.
void add_class(Auc& auc, const CleanRows& rows, std::int64_t label, double weight) {
    const std::size_t n = rows.truth.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto score = [&](std::size_t i) { return rows.probability_at(static_cast<std::int64_t>(i), label); };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
    const auto is_positive = [&](std::size_t i) { return rows.truth[i] == static_cast<double>(label); };
    const auto positives = std::count_if(order.begin(), order.end(), is_positive);
    const auto p = static_cast<double>(positives);
    const auto q = static_cast<double>(n) - p;
    auc.rarest = std::min({auc.rarest, p, q});
    if (p == 0.0 || q == 0.0) {
        auc.value = std::numeric_limits<double>::quiet_NaN();
        return;
    }
    // For each row, twice how many of the other class lie below it, ties counting half: whole numbers, hence exact.
    std::vector<double> twice_below(n);
    double positives_below = 0.0, negatives_below = 0.0, wins = 0.0;
    for (std::size_t from = 0; from < n;) {
        std::size_t to = from;
        double positives_here = 0.0, negatives_here = 0.0;
        for (; to < n && score(order[to]) == score(order[from]); ++to) {
            (is_positive(order[to]) ? positives_here : negatives_here) += 1.0;
        }
        for (std::size_t i = from; i < to; ++i) {
            const bool positive = is_positive(order[i]);
            twice_below[order[i]] =
                positive ? 2.0 * negatives_below + negatives_here : 2.0 * positives_below + positives_here;
        }
        wins += positives_here * (2.0 * negatives_below + negatives_here);
        positives_below += positives_here;
        negatives_below += negatives_here;
        from = to;
    }
    const double area = wins / (2.0 * p * q);
    auc.value += weight * area;
    const auto rows_all = static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {  // the unbiased variances within each class, as DeLong has them
        if (is_positive(i)) {
            const double centred = twice_below[i] / (2.0 * q) - area;
            auc.influence[i] += weight * centred * rows_all / std::sqrt(p * std::max(1.0, p - 1.0));
        } else {
            const double above = 1.0 - twice_below[i] / (2.0 * p);  // share of positives that outrank this row
            auc.influence[i] += weight * (above - area) * rows_all / std::sqrt(q * std::max(1.0, q - 1.0));
        }
    }
}

}  // namespace

double Auc::variance() const {
    CompensatedSum squares;
    for (double each : influence) squares.add(each * each);
    const auto n = static_cast<double>(influence.size());
    return squares.value() / (n * n);
}

Auc auc_of(const CleanRows& rows) {
    Auc auc;
    auc.influence.assign(rows.truth.size(), 0.0);
    auc.rarest = static_cast<double>(rows.truth.size());
    if (rows.classes == 2) {
        add_class(auc, rows, 1, 1.0);
    } else {
        for (std::int64_t c = 0; c < rows.classes; ++c)
            add_class(auc, rows, c, 1.0 / static_cast<double>(rows.classes));
    }
    return auc;
}

}  // namespace holdfast::stats::detail

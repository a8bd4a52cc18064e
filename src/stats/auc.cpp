#include "stats/auc.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/intervals.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats::detail {
namespace {

/// What a row's deviation is divided by for the unbiased variance of its class's mean.
double scale_of(const Weight& weight) {
    const double rows = weight.rows();
    return std::sqrt(weight.sum() * (std::max(1.0, rows - 1.0) * (weight.sum() / rows)));
}

/// Adds `weight` times class `label`'s one-against-rest AUC and influences to `auc`.
void add_class(Auc& auc, const CleanRows& rows, std::int64_t label, double weight) {
    const std::size_t n = rows.truth.size();
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto score = [&](std::size_t i) { return rows.probability_at(static_cast<std::int64_t>(i), label); };
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a) < score(b); });
    const auto is_positive = [&](std::size_t i) { return rows.truth[i] == static_cast<double>(label); };
    Weight positive, negative;
    for (std::size_t i : order) (is_positive(i) ? positive : negative).add(rows.weight_of(i));
    const double p = positive.sum(), q = negative.sum();
    auc.rarest = std::min({auc.rarest, positive.rows(), negative.rows()});
    if (p == 0.0 || q == 0.0) {
        auc.value = std::numeric_limits<double>::quiet_NaN();
        return;
    }
    // For each row, twice the weight of the other class below it, ties counting half: exact where all weigh 1.
    std::vector<double> twice_below(n);
    double positives_below = 0.0, negatives_below = 0.0, wins = 0.0;
    bool any_won = false, any_lost = false;
    for (std::size_t from = 0; from < n;) {
        std::size_t to = from;
        double positives_here = 0.0, negatives_here = 0.0;
        for (; to < n && score(order[to]) == score(order[from]); ++to) {
            (is_positive(order[to]) ? positives_here : negatives_here) += rows.weight_of(order[to]);
        }
        for (std::size_t i = from; i < to; ++i) {
            twice_below[order[i]] =
                is_positive(order[i]) ? 2.0 * negatives_below + negatives_here : 2.0 * positives_below + positives_here;
        }
        any_won = any_won || (positives_here > 0.0 && negatives_below + negatives_here > 0.0);
        any_lost = any_lost || (negatives_here > 0.0 && positives_below + positives_here > 0.0);
        wins += positives_here * (2.0 * negatives_below + negatives_here);
        positives_below += positives_here;
        negatives_below += negatives_here;
        from = to;
    }
    if (!any_lost || !any_won) {  // no influence, and no rounding of weights
        auc.value += any_lost ? 0.0 : weight;
        return;
    }
    const double area = wins / (2.0 * p * q);
    auc.value += weight * area;
    const double positive_scale = scale_of(positive), negative_scale = scale_of(negative);
    const auto rows_all = static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {  // the unbiased variances within each class, as DeLong has them
        if (is_positive(i)) {
            const double centred = twice_below[i] / (2.0 * q) - area;
            auc.influence[i] += weight * centred * rows_all * rows.weight_of(i) / positive_scale;
        } else {
            const double above = 1.0 - twice_below[i] / (2.0 * p);  // share of positives that outrank this row
            auc.influence[i] += weight * (above - area) * rows_all * rows.weight_of(i) / negative_scale;
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

Interval delong(const Auc& auc, double level) { return delong(auc.value, auc.variance(), auc.rarest, level); }

Interval delong(double auc, double variance, double rarest, double level) {
    if (variance == 0.0) {
        const double end = lower_of_all(rarest, level);
        if (auc > 1.0 - 1e-12) return {end, 1.0, level};
        if (auc < 1e-12) return {0.0, 1.0 - end, level};
    }
    const double quantile = t_quantile(std::max(1.0, rarest - 1.0), 0.5 + 0.5 * level);
    return logit_interval(auc, quantile * std::sqrt(variance), level);
}

}  // namespace holdfast::stats::detail

#include "stats/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include "stats/auc.hpp"
#include "stats/distributions.hpp"
#include "stats/intervals.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats::detail {
namespace {

/// Why a class against the rest has no ranking; empty where it has one.
std::string why_unranked(const CleanRows& rows) {
    std::vector<bool> seen(static_cast<std::size_t>(rows.classes), false);
    for (double label : rows.truth) seen[static_cast<std::size_t>(label)] = true;
    for (std::size_t label = 0; label < seen.size(); ++label) {
        if (!seen[label]) return "no row of class " + std::to_string(label);
    }
    return "";
}

struct AveragePrecision {
    double value = 0.0;
    double positives = 0.0;  // effective rows of the class
    bool perfect = true;
};

/// The sum over thresholds, from above, of the recall that each gains times the precision there. No interpolation.
AveragePrecision average_precision(const CleanRows& rows, std::int64_t label) {
    std::vector<std::size_t> order(rows.truth.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto score = [&](std::size_t i) { return rows.probability_at(static_cast<std::int64_t>(i), label); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score(a) > score(b); });
    AveragePrecision result;
    Weight positives;
    CompensatedSum right, taken, sum;
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from;
        const double before = right.value();
        for (; to < order.size() && score(order[to]) == score(order[from]); ++to) {
            const double weight = rows.weight_of(order[to]);
            taken.add(weight);
            if (rows.truth[order[to]] != static_cast<double>(label)) continue;
            right.add(weight);
            positives.add(weight);
        }
        const double gained = right.value() - before;
        sum.add(gained * (right.value() / taken.value()));
        result.perfect = result.perfect && (gained == 0.0 || right.value() == taken.value());
        from = to;
    }
    result.value = result.perfect ? 1.0 : sum.value() / positives.sum();
    result.positives = positives.rows();
    return result;
}

/// Boyd, Eng and Page, ECML PKDD 2013: as of a share of the class's rows, on the logit's scale.
Interval interval_of(const AveragePrecision& area, double level) {
    if (area.value >= 1.0) return {lower_of_all(area.positives, level), 1.0, level};
    const double error = std::sqrt(area.value * (1.0 - area.value) / area.positives);
    return logit_interval(area.value, normal_quantile(0.5 + 0.5 * level) * error, level);
}

/// How sure a row is of the class that it names, and whether that is the true one. The first of equals is named.
struct Guess {
    double confidence;
    bool right;
};
Guess guess_of(const CleanRows& rows, std::size_t row) {
    std::int64_t named = 0;
    for (std::int64_t c = 1; c < rows.classes; ++c) {
        const auto at = static_cast<std::int64_t>(row);
        if (rows.probability_at(at, c) > rows.probability_at(at, named)) named = c;
    }
    return {rows.probability_at(static_cast<std::int64_t>(row), named), rows.truth[row] == static_cast<double>(named)};
}

}  // namespace

void score_auc(QualityValue& result, const CleanRows& rows, double level) {
    result.reason = why_unranked(rows);
    if (result.insufficient()) return;
    const Auc auc = auc_of(rows);
    result.value = auc.value;
    result.method = "DeLong, logit, Student";
    result.interval = delong(auc, level);
}

void score_pr_auc(QualityValue& result, const CleanRows& rows, double level) {
    result.reason = why_unranked(rows);
    if (result.insufficient()) return;
    CompensatedSum value, lower, upper;
    const std::int64_t first = rows.classes == 2 ? 1 : 0;
    for (std::int64_t label = first; label < rows.classes; ++label) {
        const AveragePrecision area = average_precision(rows, label);
        const Interval own = interval_of(area, level);
        value.add(area.value);
        lower.add(own.lower);
        upper.add(own.upper);
    }
    const auto classes = static_cast<double>(rows.classes - first);
    result.value = value.value() / classes;
    result.method = rows.classes == 2 ? "Boyd-Eng-Page, logit" : "mean of classes' Boyd-Eng-Page, logit";
    result.interval = {lower.value() / classes, upper.value() / classes, level};
}

void score_top_k(QualityValue& result, const CleanRows& rows, std::int64_t k, double level) {
    CompensatedSum right;
    bool any_wrong = false;
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        const auto row = static_cast<std::int64_t>(i), label = static_cast<std::int64_t>(rows.truth[i]);
        const double own = rows.probability_at(row, label);
        std::int64_t before = 0;  // of equals, the later class comes first
        for (std::int64_t c = 0; c < rows.classes; ++c) {
            const double other = rows.probability_at(row, c);
            before += other > own || (other == own && c > label) ? 1 : 0;
        }
        if (before < k)
            right.add(rows.weight_of(i));
        else
            any_wrong = true;
    }
    result.value = any_wrong ? right.value() / weight_of_all(rows).sum() : 1.0;
    result.method = "Wilson";
    result.interval = wilson(result.value * result.effective_rows, result.effective_rows, level);
}

// The bins' weighted gaps are normal for many rows, and ece is a convex function of them that no direction of them
// changes faster than 1. So it lies within z of their spread from its median (Borell, Invent. Math. 30, 1975); its
// median is at least the true value, and at most that and the gaps' mean absolute errors (Jensen).
void score_ece(QualityValue& result, const CleanRows& rows, std::int64_t bins, double level) {
    const auto count = static_cast<std::size_t>(bins);
    std::vector<CompensatedSum> gap(count), squares(count);
    CompensatedSum all_squares;
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        const Guess guess = guess_of(rows, i);
        if (!(guess.confidence >= 0.0 && guess.confidence <= 1.0)) {
            result.reason = "a row names its class with probability " + std::to_string(guess.confidence) +
                            "; between 0 and 1 wanted";
            return;
        }
        const double at = std::ceil(guess.confidence * static_cast<double>(bins)) - 1.0;  // bins are closed above
        const auto bin = static_cast<std::size_t>(std::max(0.0, at));
        const double part = rows.weight_of(i) * ((guess.right ? 1.0 : 0.0) - guess.confidence);
        gap[bin].add(part);
        squares[bin].add(part * part);
        all_squares.add(part * part);
    }
    const double all = weight_of_all(rows).sum();
    CompensatedSum value, mean_errors;
    for (std::size_t bin = 0; bin < count; ++bin) {
        value.add(std::abs(gap[bin].value()) / all);
        mean_errors.add(std::sqrt(squares[bin].value() * 2.0 / std::numbers::pi) / all);
    }
    result.value = value.value();
    if (all_squares.value() == 0.0) {  // each row sure, and right: no spread to go by
        result.method = "Clopper-Pearson";
        result.interval = {0.0, 1.0 - lower_of_all(result.effective_rows, level), level};
        return;
    }
    result.method = "Gaussian concentration";
    const double width = normal_quantile(0.5 + 0.5 * level) * std::sqrt(all_squares.value()) / all;
    result.interval = {std::max(0.0, result.value - mean_errors.value() - width), std::min(1.0, result.value + width),
                       level};
}

}  // namespace holdfast::stats::detail

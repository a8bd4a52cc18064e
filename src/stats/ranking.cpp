#include "stats/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>

#include "stats/auc.hpp"
#include "stats/confusion.hpp"
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

}  // namespace

Interval boyd_eng_page(double area, double positives, double level) {
    if (area >= 1.0) return {lower_of_all(positives, level), 1.0, level};
    const double error = std::sqrt(area * (1.0 - area) / positives);
    return logit_interval(area, normal_quantile(0.5 + 0.5 * level) * error, level);
}

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
        const Interval own = boyd_eng_page(area.value, area.positives, level);
        value.add(area.value);
        lower.add(own.lower);
        upper.add(own.upper);
    }
    const auto classes = static_cast<double>(rows.classes - first);
    result.value = value.value() / classes;
    result.method = rows.classes == 2 ? "Boyd-Eng-Page, logit" : "mean of classes' Boyd-Eng-Page, logit";
    result.interval = {lower.value() / classes, upper.value() / classes, level};
}

Guess guess_of(std::span<const double> probability, std::int64_t truth) {
    const auto named = static_cast<std::int64_t>(std::ranges::max_element(probability) - probability.begin());
    return {probability[static_cast<std::size_t>(named)], truth == named};
}

std::int64_t rank_of(std::span<const double> probability, std::int64_t truth) {
    const double own = probability[static_cast<std::size_t>(truth)];
    std::int64_t before = 0;
    for (std::size_t c = 0; c < probability.size(); ++c) {
        const bool later = static_cast<std::int64_t>(c) > truth;
        before += probability[c] > own || (probability[c] == own && later) ? 1 : 0;
    }
    return before;
}

std::size_t calibration_bin(double confidence, std::int64_t bins) {
    return static_cast<std::size_t>(std::max(0.0, std::ceil(confidence * static_cast<double>(bins)) - 1.0));
}

void score_top_k(QualityValue& result, const CleanRows& rows, std::int64_t k, double level) {
    Weight right;
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        if (rank_of(rows.probabilities(i), static_cast<std::int64_t>(rows.truth[i])) < k) right.add(rows.weight_of(i));
    }
    score_share(result, right, weight_of_all(rows), level);
}

void score_ece(QualityValue& result, const CleanRows& rows, std::int64_t bins, double level) {
    const auto count = static_cast<std::size_t>(bins);
    std::vector<CompensatedSum> gap(count), squares(count);
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        const Guess guess = guess_of(rows.probabilities(i), static_cast<std::int64_t>(rows.truth[i]));
        if (!guess.is_probability()) {
            result.reason = "a row names its class with probability " + std::to_string(guess.confidence) +
                            "; between 0 and 1 wanted";
            return;
        }
        const std::size_t bin = calibration_bin(guess.confidence, bins);
        const double part = rows.weight_of(i) * guess.gap();
        gap[bin].add(part);
        squares[bin].add(part * part);
    }
    std::vector<CalibrationBin> sums(count);
    for (std::size_t bin = 0; bin < count; ++bin) sums[bin] = {gap[bin].value(), squares[bin].value()};
    score_ece(result, sums, weight_of_all(rows).sum(), level);
}

// The bins' weighted gaps are normal for many rows, and ece is a convex function of them that no direction of them
// changes faster than 1. So it lies within z of their spread from its median (Borell, Invent. Math. 30, 1975); its
// median is at least the true value, and at most that and the gaps' mean absolute errors (Jensen).
void score_ece(QualityValue& result, std::span<const CalibrationBin> bins, double all, double level) {
    CompensatedSum value, mean_errors, all_squares;
    for (const CalibrationBin& bin : bins) {
        value.add(std::abs(bin.gap) / all);
        mean_errors.add(std::sqrt(bin.squares * 2.0 / std::numbers::pi) / all);
        all_squares.add(bin.squares);
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

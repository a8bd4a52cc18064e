#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/quality.hpp>

#include "stats/auc.hpp"
#include "stats/compensated.hpp"
#include "stats/distributions.hpp"
#include "stats/ranking.hpp"
#include "stats/rows.hpp"

namespace holdfast::stats {
namespace {

using detail::CleanRows;
constexpr double infinite = std::numeric_limits<double>::infinity();

struct Paired {
    CleanRows champion, challenger;
};

Paired paired_rows(const MetricSpec& metric, const ScoredRows& champion, const ScoredRows& challenger) {
    detail::check_rows(metric, champion);
    detail::check_rows(metric, challenger);
    if (champion.truth.size() != challenger.truth.size()) {
        throw InvalidArgument("compare: " + std::to_string(challenger.truth.size()) + " rows of the challenger, " +
                              std::to_string(champion.truth.size()) + " wanted: the champion's own");
    }
    const bool scored = metric.input == QualityInput::probabilities;
    std::vector<bool> keep = detail::usable(scored, champion);
    const std::vector<bool> other = detail::usable(scored, challenger);
    for (std::size_t i = 0; i < keep.size(); ++i) {
        keep[i] = keep[i] && other[i];
        if (keep[i] && champion.truth[i] != challenger.truth[i]) {
            throw InvalidArgument("compare: row " + std::to_string(i) + " has other true values on the two sides");
        }
    }
    return {detail::clean(scored, champion, keep), detail::clean(scored, challenger, keep)};
}

// Lower bound of a mean difference of paired losses by Student's t.
double lower_by_t(const std::vector<double>& differences, double confidence) {
    if (differences.size() < 2) return -infinite;
    const auto n = static_cast<double>(differences.size());
    const auto [mean, variance] = detail::mean_of(differences);
    return mean - detail::t_quantile(n - 1.0, confidence) * std::sqrt(variance / n);
}

// Bonett and Price, Br. J. Math. Stat. Psychol. 65, 2012: one more disagreement on each side, so that a few rows
// without any are not taken for certainty.
double lower_of_accuracy(const std::vector<double>& differences, double confidence) {
    const auto n = static_cast<double>(differences.size());
    const auto better = static_cast<double>(std::count(differences.begin(), differences.end(), 1.0)) + 1.0;
    const auto worse = static_cast<double>(std::count(differences.begin(), differences.end(), -1.0)) + 1.0;
    const double p = better / (n + 2.0), q = worse / (n + 2.0);
    const double error = std::sqrt((p + q - (p - q) * (p - q)) / (n + 2.0));
    return p - q - detail::normal_quantile(confidence) * error;
}

void compare_auc(Comparison& result, const Paired& rows, double confidence) {
    const detail::Auc a = detail::auc_of(rows.champion), b = detail::auc_of(rows.challenger);
    result.champion = a.value;
    result.challenger = b.value;
    if (std::isnan(a.value) || std::isnan(b.value)) return;
    detail::Auc difference;
    for (std::size_t i = 0; i < a.influence.size(); ++i)
        difference.influence.push_back(b.influence[i] - a.influence[i]);
    result.lower = b.value - a.value - detail::normal_quantile(confidence) * std::sqrt(difference.variance());
    if (a.rarest < 2.0) result.lower = -infinite;
}

/// Sums over a resample of what rmse and r2 are made of.
struct Sums {
    double champion = 0.0, challenger = 0.0, truth = 0.0, square = 0.0;
};

double improvement_of(std::string_view metric, const Sums& sums, double n) {
    if (metric == "rmse") return std::sqrt(sums.champion / n) - std::sqrt(sums.challenger / n);
    const double total = sums.square - sums.truth * sums.truth / n;
    return total <= 0.0 ? 0.0 : (sums.champion - sums.challenger) / total;
}

// One-sided percentile bootstrap of paired rows: the same seed, the same bits.
double lower_by_bootstrap(std::string_view metric, const Paired& rows, double confidence, std::uint64_t seed) {
    const std::size_t n = rows.champion.truth.size();
    if (n < 2) return -infinite;
    const std::vector<double> a = detail::losses("rmse", rows.champion), b = detail::losses("rmse", rows.challenger);
    const double centre = detail::mean_of(rows.champion.truth).mean;
    const std::int64_t draws = std::clamp<std::int64_t>(200'000'000 / static_cast<std::int64_t>(n), 200, 2000);
    Rng rng(seed, "stats.compare", metric);
    std::vector<double> improvements;
    improvements.reserve(static_cast<std::size_t>(draws));
    for (std::int64_t draw = 0; draw < draws; ++draw) {
        Sums sums;
        for (std::size_t i = 0; i < n; ++i) {
            const auto row = static_cast<std::size_t>(rng.below(static_cast<std::int64_t>(n)));
            const double y = rows.champion.truth[row] - centre;
            sums.champion += a[row];
            sums.challenger += b[row];
            sums.truth += y;
            sums.square += y * y;
        }
        improvements.push_back(improvement_of(metric, sums, static_cast<double>(n)));
    }
    const auto position = static_cast<std::ptrdiff_t>((1.0 - confidence) * static_cast<double>(draws));
    std::nth_element(improvements.begin(), improvements.begin() + position, improvements.end());
    return improvements[static_cast<std::size_t>(position)];
}

ScoredRows all_of(const CleanRows& rows) { return {rows.truth, rows.prediction, rows.probability, rows.classes}; }

/// Of metrics that are no function of a few sums: the same bootstrap, of weights that say how often a row was drawn.
/// Draws in which one of them is not defined are left out; with more than a tenth of those there is no bound.
double lower_by_weights(const MetricSpec& metric, const Paired& rows, double confidence, std::uint64_t seed) {
    const std::size_t n = rows.champion.truth.size();
    const std::int64_t draws = std::clamp<std::int64_t>(10'000'000 / static_cast<std::int64_t>(n), 200, 2000);
    Rng rng(seed, "stats.compare", metric.name);
    std::vector<double> improvements, times(n);
    for (std::int64_t draw = 0; draw < draws; ++draw) {
        std::fill(times.begin(), times.end(), 0.0);
        for (std::size_t i = 0; i < n; ++i)
            times[static_cast<std::size_t>(rng.below(static_cast<std::int64_t>(n)))] += 1.0;
        const double a = quality(metric.name, all_of(rows.champion), times, metric.options).value;
        const double b = quality(metric.name, all_of(rows.challenger), times, metric.options).value;
        if (!std::isnan(b - a)) improvements.push_back(b - a);
    }
    const auto defined = static_cast<std::int64_t>(improvements.size());
    if (10 * defined < 9 * draws) return -infinite;
    const auto position = static_cast<std::ptrdiff_t>((1.0 - confidence) * static_cast<double>(defined));
    std::nth_element(improvements.begin(), improvements.begin() + position, improvements.end());
    return improvements[static_cast<std::size_t>(position)];
}

/// Of ece, which draws make larger than it is: both intervals hold at once.
double lower_of_ece(const MetricSpec& metric, const Paired& rows, double confidence) {
    QualityOptions options = metric.options;
    options.level = confidence;
    const Interval champion = quality(metric.name, all_of(rows.champion), {}, options).interval;
    const Interval challenger = quality(metric.name, all_of(rows.challenger), {}, options).interval;
    return champion.lower - challenger.upper;
}

/// The losses of both, row by row.
std::vector<double> differences_of(const MetricSpec& metric, const Paired& rows) {
    const auto losses = [&](const CleanRows& of) {
        if (metric.name != "top_k_accuracy") return detail::losses(metric.name, of, metric.options.quantile);
        std::vector<double> missed;
        for (std::size_t i = 0; i < of.truth.size(); ++i) {
            const auto truth = static_cast<std::int64_t>(of.truth[i]);
            missed.push_back(detail::rank_of(of.probabilities(i), truth) < metric.options.top ? 0.0 : 1.0);
        }
        return missed;
    };
    std::vector<double> differences = losses(rows.champion);
    const std::vector<double> challenger = losses(rows.challenger);
    for (std::size_t i = 0; i < differences.size(); ++i) differences[i] -= challenger[i];
    return differences;
}

double lower_bound(const MetricSpec& metric, const Paired& rows, double confidence, std::uint64_t seed) {
    constexpr std::array<std::string_view, 5> of_draws{"precision", "recall", "f1", "mcc", "pr_auc"};
    if (metric.name == "rmse" || metric.name == "r2") return lower_by_bootstrap(metric.name, rows, confidence, seed);
    if (metric.name == "ece") return lower_of_ece(metric, rows, confidence);
    if (std::find(of_draws.begin(), of_draws.end(), metric.name) != of_draws.end())
        return lower_by_weights(metric, rows, confidence, seed);
    const std::vector<double> differences = differences_of(metric, rows);
    const bool shares = metric.name == "accuracy" || metric.name == "top_k_accuracy";
    return shares ? lower_of_accuracy(differences, confidence) : lower_by_t(differences, confidence);
}

}  // namespace

Comparison compare(std::string_view text, const ScoredRows& champion, const ScoredRows& challenger, double confidence,
                   std::uint64_t seed) {
    if (!(confidence > 0.0 && confidence < 1.0)) {
        throw InvalidArgument("compare: confidence is " + std::to_string(confidence) + ", between 0 and 1 wanted");
    }
    const MetricSpec metric = parse_metric(text);
    const Paired rows = paired_rows(metric, champion, challenger);
    Comparison result;
    result.metric = std::string(text);
    result.confidence = confidence;
    result.rows = rows.champion.size();
    result.lower = -infinite;
    if (metric.name == "auc" && result.rows > 0) {
        compare_auc(result, rows, confidence);
    } else {
        result.champion = quality(metric.name, all_of(rows.champion), {}, metric.options).value;
        result.challenger = quality(metric.name, all_of(rows.challenger), {}, metric.options).value;
        const bool defined = !std::isnan(result.champion) && !std::isnan(result.challenger);
        if (defined) result.lower = lower_bound(metric, rows, confidence, seed);
    }
    result.improvement =
        metric.greater_is_better ? result.challenger - result.champion : result.champion - result.challenger;
    return result;
}

Json to_json(const Comparison& comparison) {
    return Json::object({{"challenger", comparison.challenger},
                         {"champion", comparison.champion},
                         {"confidence", comparison.confidence},
                         {"improvement", comparison.improvement},
                         {"lower", comparison.lower},
                         {"metric", comparison.metric},
                         {"rows", comparison.rows}});
}

Comparison comparison_from_json(const Json& json) {
    Comparison comparison;
    comparison.metric = json.at("metric").as_string();
    comparison.champion = json.at("champion").as_double();
    comparison.challenger = json.at("challenger").as_double();
    comparison.improvement = json.at("improvement").as_double();
    comparison.lower = json.at("lower").as_double();
    comparison.confidence = json.at("confidence").as_double();
    comparison.rows = json.at("rows").as_int();
    return comparison;
}

}  // namespace holdfast::stats

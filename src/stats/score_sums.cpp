#include <holdfast/stats/score_sums.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

#include <holdfast/base/error.hpp>

#include "stats/confusion.hpp"
#include "stats/expansion.hpp"
#include "stats/intervals.hpp"
#include "stats/quality_parts.hpp"
#include "stats/rows.hpp"

namespace holdfast::stats {
namespace {

using detail::Expansion;
using detail::minus;
using detail::times;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t version = 2;
// Fourth powers of numbers up to this, and what the interval of r2 makes of them, do not overflow.
constexpr double largest = 0x1p96;

bool can_be_summed(double value) { return std::abs(value) <= largest; }

/// Whether a sum of squares is so small that it, or fourth powers below it, may have been lost.
bool vanishes(const Expansion& squares) { return !squares.empty() && detail::value(squares) < 0x1p-150; }

bool is_class(double truth, std::int64_t classes) {
    return std::isnan(truth) || (truth >= 0.0 && truth < static_cast<double>(classes) && truth == std::floor(truth));
}

Expansion number(std::int64_t n) { return {static_cast<double>(n)}; }

}  // namespace

void ScoreSums::add(const ScoredRows& rows) { count(rows, 1.0); }
void ScoreSums::remove(const ScoredRows& rows) { count(rows, -1.0); }

void ScoreSums::count(const ScoredRows& rows, double sign) {
    detail::check_predictions("sums of scores", rows);
    const auto one = static_cast<std::int64_t>(sign);
    for (std::size_t row = 0; row < rows.truth.size(); ++row) {
        const double truth_value = rows.truth[row], prediction = rows.prediction[row];
        seen_ += one;
        whole_ += one;
        if (std::isnan(truth_value) || std::isnan(prediction)) continue;
        rows_ += one;
        right_ += truth_value == prediction ? one : 0;
        if (rows.classes < 2) count_number(truth_value, prediction, sign);
    }
    if (rows.classes >= 2) count_classes(rows, sign);
}

void ScoreSums::count_number(double truth_value, double prediction, double sign) {
    const double gap = truth_value - prediction;
    if (!can_be_summed(truth_value) || !can_be_summed(gap)) {
        unsummed_ += static_cast<std::int64_t>(sign);
        return;
    }
    numbers_ += static_cast<std::int64_t>(sign);
    const Expansion e{gap}, y{truth_value}, e2 = times(e, e), y2 = times(y, y);
    detail::add(sums_[error], e, sign);
    detail::add(sums_[absolute], sign * std::abs(gap));
    detail::add(sums_[error2], e2, sign);
    detail::add(sums_[error4], times(e2, e2), sign);
    detail::add(sums_[truth], y, sign);
    detail::add(sums_[truth2], y2, sign);
    detail::add(sums_[truth3], times(y2, y), sign);
    detail::add(sums_[truth4], times(y2, y2), sign);
    detail::add(sums_[error2_truth], times(e2, y), sign);
    detail::add(sums_[error2_truth2], times(e2, y2), sign);
    if (gap < 0.0) detail::add(sums_[over2], e2, sign);
    const double share = std::abs(gap) / std::abs(truth_value);
    if (truth_value == 0.0 || !can_be_summed(share)) {
        (truth_value == 0.0 ? zeros_ : beyond_) += static_cast<std::int64_t>(sign);
        return;
    }
    detail::add(sums_[relative], sign * share);
    detail::add_square(sums_[relative2], share, sign);
}

void ScoreSums::count_classes(const ScoredRows& rows, double sign) {
    const auto one = static_cast<std::int64_t>(sign);
    if (!rows.probability.empty()) classed_ += one * static_cast<std::int64_t>(rows.truth.size());
    const bool outside =
        std::ranges::any_of(rows.truth, [&](double truth_value) { return !is_class(truth_value, rows.classes); });
    if (outside || std::ranges::any_of(rows.probability, [](double p) { return std::isinf(p); })) {
        unsummed_ += one * static_cast<std::int64_t>(rows.truth.size());
        return;
    }
    of_classes_.count(rows, one);
    if (rows.probability.empty()) return;
    detail::check_probabilities("sums of scores", rows);
    const auto kept = detail::clean(true, rows, detail::usable(true, rows));
    scored_ += one * kept.size();
    for (const auto& [metric, first, second] :
         {std::tuple{"brier", brier, brier2}, std::tuple{"log_loss", log_loss, log_loss2}}) {
        for (const double loss : detail::losses(metric, kept)) {
            detail::add(sums_[first], sign * loss);
            detail::add_square(sums_[second], loss, sign);
        }
    }
}

ScoreSums& ScoreSums::operator+=(const ScoreSums& other) {
    seen_ += other.seen_;
    rows_ += other.rows_;
    right_ += other.right_;
    numbers_ += other.numbers_;
    classed_ += other.classed_;
    scored_ += other.scored_;
    unsummed_ += other.unsummed_;
    whole_ += other.whole_;
    zeros_ += other.zeros_;
    beyond_ += other.beyond_;
    of_classes_ += other.of_classes_;
    for (std::size_t i = 0; i < sums_.size(); ++i) detail::add(sums_[i], other.sums_[i]);
    return *this;
}

double ScoreSums::bias() const {
    return numbers_ == 0 || unsummed_ != 0 ? nan : -detail::value(sums_[error]) / static_cast<double>(numbers_);
}

void ScoreSums::score_losses(QualityValue& result, const Expansion& sum, const Expansion& squares, double level) const {
    const double n = result.effective_rows;
    double variance = 0.0;
    if (n > 1.0) {
        const Expansion about_mean = minus(times({n}, squares), times(sum, sum));
        variance = std::max(0.0, detail::value(about_mean)) / n / (n - 1.0);
    }
    detail::score_mean(result, detail::value(sum) / n, std::sqrt(variance / n), level);
}

/// Each loss is the quantile's share of an error that is too small, and the rest's of one too large: so are their sums.
void ScoreSums::score_quantile_loss(QualityValue& result, const QualityOptions& options) const {
    const double q = options.quantile, rest = 1.0 - q;
    Expansion twice_under = sums_[absolute], twice_over = sums_[absolute];
    detail::add(twice_under, sums_[error]);
    detail::add(twice_over, sums_[error], -1.0);
    Expansion sum = times({0.5 * q}, twice_under);
    detail::add(sum, times({0.5 * rest}, twice_over));
    Expansion squares = times(times({q}, {q}), minus(sums_[error2], sums_[over2]));
    detail::add(squares, times(times({rest}, {rest}), sums_[over2]));
    score_losses(result, sum, squares, options.level);
}

void ScoreSums::score_mape(QualityValue& result, double level) const {
    if (zeros_ != 0) {
        result.reason = "a true value is 0";
        return;
    }
    score_losses(result, sums_[relative], sums_[relative2], level);
}

/// As score_r2 in r2.cpp, multiplied out: with A = n sum e^2 and B = n sum (y - mean)^2 it is 1 - A / B, and the
/// sum of squared influences is (B^2 sum e^4 - 2 A B sum e^2 (y - mean)^2 + A^2 sum (y - mean)^4) n^2 / B^4.
void ScoreSums::score_r2(QualityValue& result, double level) const {
    const Expansion n = number(rows_), &y = sums_[truth];
    const Expansion n2 = times(n, n), n3 = times(n2, n), y_y = times(y, y);
    const Expansion a = times(n, sums_[error2]), b = minus(times(n, sums_[truth2]), y_y);
    if (rows_ < 2 || b.empty()) {
        result.reason = rows_ < 2 ? "one row has no variance" : "the true values are constant";
        return;
    }
    result.method = "delta method, Student";
    const double of_b = detail::value(b);
    result.value = 1.0 - detail::value(a) / of_b;

    Expansion mixed = minus(times(n2, sums_[error2_truth2]), times({2.0}, times(n, times(y, sums_[error2_truth]))));
    detail::add(mixed, times(y_y, sums_[error2]));  // n^2 sum e^2 (y - mean)^2
    Expansion fourth = minus(times(n3, sums_[truth4]), times({4.0}, times(n2, times(y, sums_[truth3]))));
    detail::add(fourth, times({6.0}, times(n, times(y_y, sums_[truth2]))));
    detail::add(fourth, times({-3.0}, times(y_y, y_y)));  // n^3 sum (y - mean)^4
    Expansion squares = times(n3, times(times(b, b), sums_[error4]));
    detail::add(squares, times({-2.0}, times(n, times(times(a, b), mixed))));
    detail::add(squares, times(times(a, a), fourth));
    const double root = std::sqrt(std::max(0.0, detail::value(squares)) / static_cast<double>(rows_));
    const double quantile = detail::t_quantile(static_cast<double>(rows_) - 1.0, 0.5 + 0.5 * level);
    const double width = quantile * root / of_b / of_b;
    result.interval = {result.value - width, std::min(1.0, result.value + width), level};
}

/// Whether all rows are in what the metric is made of.
bool ScoreSums::knows(const MetricSpec& metric) const {
    if (unsummed_ != 0) return false;
    if (metric.name == "accuracy") return true;
    if (metric.name == "brier" || metric.name == "log_loss") return classed_ == seen_;
    const bool of_version_1 = metric.name == "mae" || metric.name == "rmse" || metric.name == "r2";
    if (!of_version_1 && whole_ != seen_) return false;
    if (metric.input == QualityInput::classes) return true;
    if (metric.input == QualityInput::probabilities) return classed_ == seen_;
    const bool vanished = vanishes(sums_[relative2]) || sums_[relative].empty() != sums_[relative2].empty();
    if (metric.name == "mape" && (beyond_ != 0 || vanished)) return false;
    return numbers_ == rows_ && !vanishes(sums_[error2]) && !vanishes(sums_[truth2]);
}

std::optional<QualityValue> ScoreSums::of_metric(const MetricSpec& metric) const {
    const double level = metric.options.level;
    const bool of_losses = metric.name == "brier" || metric.name == "log_loss";
    if (metric.input != QualityInput::numbers && metric.name != "accuracy" && !of_losses)
        return of_classes_.quality(metric);
    const std::int64_t rows = of_losses ? scored_ : rows_;
    QualityValue result = detail::undefined(metric.name, level, rows, static_cast<double>(rows));
    if (rows == 0) {
        result.reason = "every row has a missing value";
    } else if (metric.name == "accuracy") {
        detail::Weight right, all;
        right.add(static_cast<double>(right_), static_cast<double>(right_));
        all.add(static_cast<double>(rows), static_cast<double>(rows));
        detail::score_share(result, right, all, level);
    } else if (metric.name == "brier") {
        score_losses(result, sums_[brier], sums_[brier2], level);
    } else if (metric.name == "log_loss") {
        score_losses(result, sums_[log_loss], sums_[log_loss2], level);
    } else if (metric.name == "mae") {
        score_losses(result, sums_[absolute], sums_[error2], level);
    } else if (metric.name == "rmse") {
        score_losses(result, sums_[error2], sums_[error4], level);
    } else if (metric.name == "r2") {
        score_r2(result, level);
    } else if (metric.name == "mape") {
        score_mape(result, level);
    } else {
        score_quantile_loss(result, metric.options);
    }
    if (result.insufficient()) detail::forget(result);
    return result;
}

std::optional<QualityValue> ScoreSums::score(std::string_view text, double level) const {
    QualityOptions options;
    options.level = level;
    const MetricSpec metric = parse_metric(text, options);
    if (!knows(metric)) return std::nullopt;
    std::optional<QualityValue> result;
    if (seen_ == 0) {
        result = detail::undefined(metric.name, level, 0, 0.0);
        result->reason = "no rows";
    } else {
        result = of_metric(metric);
    }
    if (result) result->metric = std::string(text);
    return result;
}

std::optional<Confusion> ScoreSums::confusion() const {
    if (unsummed_ != 0 || whole_ != seen_) return std::nullopt;
    return of_classes_.confusion();
}

Json ScoreSums::to_json() const {
    Json sums = Json::array();
    for (const auto& parts : sums_) {
        Json list = Json::array();
        for (const double part : parts) list.push_back(part);
        sums.push_back(std::move(list));
    }
    Json counts = Json::array();
    for (const std::int64_t count :
         {seen_, rows_, right_, numbers_, classed_, scored_, unsummed_, whole_, zeros_, beyond_})
        counts.push_back(count);
    return Json::object({{"classes", of_classes_.to_json()},
                         {"counts", std::move(counts)},
                         {"sums", std::move(sums)},
                         {"version", version}});
}

// The first form had no version, seven counts and fourteen sums: what came later is not known of its rows.
ScoreSums ScoreSums::from_json(const Json& json) {
    ScoreSums read;
    const Json* written = json.find("version");
    const std::int64_t seen = written != nullptr ? written->as_int() : 1;
    if (seen > version) {
        throw Unsupported("sums of scores: version " + std::to_string(seen) + " seen, at most " +
                          std::to_string(version) + " wanted; a newer Holdfast wrote them");
    }
    const auto& counts = json.at("counts").as_array();
    const auto& sums = json.at("sums").as_array();
    const std::size_t counts_wanted = seen == 1 ? 7 : 10, sums_wanted = seen == 1 ? moments_of_version_1 : moments;
    if (counts.size() != counts_wanted || sums.size() != sums_wanted) {
        throw CorruptArtifact("sums of scores: " + std::to_string(counts.size()) + " counts and " +
                              std::to_string(sums.size()) + " sums seen, " + std::to_string(counts_wanted) + " and " +
                              std::to_string(sums_wanted) + " wanted");
    }
    const std::array<std::int64_t*, 10> all{&read.seen_,    &read.rows_,   &read.right_,    &read.numbers_,
                                            &read.classed_, &read.scored_, &read.unsummed_, &read.whole_,
                                            &read.zeros_,   &read.beyond_};
    for (std::size_t i = 0; i < counts_wanted; ++i) *all[i] = counts[i].as_int();
    for (std::size_t i = 0; i < sums_wanted; ++i) {
        for (const Json& part : sums[i].as_array()) read.sums_[i].push_back(part.as_double());
    }
    if (seen > 1) read.of_classes_ = ClassSums::from_json(json.at("classes"));
    return read;
}

}  // namespace holdfast::stats

#include <holdfast/stats/score_sums.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

#include <holdfast/base/error.hpp>

#include "stats/expansion.hpp"
#include "stats/intervals.hpp"
#include "stats/rows.hpp"

namespace holdfast::stats {
namespace {

using detail::Expansion;
using detail::minus;
using detail::times;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
// Fourth powers of numbers up to this, and what the interval of r2 makes of them, do not overflow.
constexpr double largest = 0x1p96;

bool can_be_summed(double value) { return std::abs(value) <= largest; }

/// Whether a sum of squares is so small that fourth powers may have been lost below it.
bool vanishes(const Expansion& squares) { return !squares.empty() && detail::value(squares) < 0x1p-150; }

bool is_class(double truth, std::int64_t classes) {
    return std::isnan(truth) || (truth >= 0.0 && truth < static_cast<double>(classes) && truth == std::floor(truth));
}

Expansion number(std::int64_t n) { return {static_cast<double>(n)}; }

}  // namespace

void ScoreSums::add(const ScoredRows& rows) { count(rows, 1.0); }
void ScoreSums::remove(const ScoredRows& rows) { count(rows, -1.0); }

void ScoreSums::count(const ScoredRows& rows, double sign) {
    detail::check_rows("accuracy", rows);
    const auto one = static_cast<std::int64_t>(sign);
    for (std::size_t row = 0; row < rows.truth.size(); ++row) {
        const double truth_value = rows.truth[row], prediction = rows.prediction[row];
        seen_ += one;
        if (std::isnan(truth_value) || std::isnan(prediction)) continue;
        rows_ += one;
        right_ += truth_value == prediction ? one : 0;
        if (rows.classes < 2) count_number(truth_value, prediction, sign);
    }
    if (rows.classes >= 2) count_losses(rows, sign);
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
}

void ScoreSums::count_losses(const ScoredRows& rows, double sign) {
    const auto one = static_cast<std::int64_t>(sign);
    classed_ += one * static_cast<std::int64_t>(rows.truth.size());
    const auto outside = std::count_if(rows.truth.begin(), rows.truth.end(),
                                       [&](double truth_value) { return !is_class(truth_value, rows.classes); });
    if (outside > 0) {
        unsummed_ += one * static_cast<std::int64_t>(rows.truth.size());
        return;
    }
    detail::check_rows("brier", rows);
    const auto kept = detail::clean("brier", rows, detail::usable("brier", rows));
    scored_ += one * kept.size();
    for (const auto& [metric, first, second] :
         {std::tuple{"brier", brier, brier2}, std::tuple{"log_loss", log_loss, log_loss2}}) {
        for (const double loss : detail::losses(metric, kept)) {
            detail::add(sums_[first], sign * loss);
            detail::add(sums_[second], times({loss}, {loss}), sign);
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
    for (std::size_t i = 0; i < sums_.size(); ++i) detail::add(sums_[i], other.sums_[i]);
    return *this;
}

double ScoreSums::bias() const {
    return numbers_ == 0 || unsummed_ != 0 ? nan : -detail::value(sums_[error]) / static_cast<double>(numbers_);
}

MetricValue ScoreSums::of_losses(std::string_view metric, std::int64_t n, Moment first, Moment second,
                                 double level) const {
    MetricValue result{std::string(metric), nan, {nan, nan, level}, n};
    if (n == 0) return result;
    const auto count = static_cast<double>(n);
    detail::Mean of{detail::value(sums_[first]) / count, 0.0};
    if (n > 1) {
        const Expansion squares = minus(times(number(n), sums_[second]), times(sums_[first], sums_[first]));
        of.variance = std::max(0.0, detail::value(squares)) / count / (count - 1.0);
    }
    result.value = of.mean;
    result.interval = detail::mean_interval(of, count, level);
    return result;
}

/// As score_r2 in scores.cpp, multiplied out: with A = n sum e^2 and B = n sum (y - mean)^2 it is 1 - A / B, and the
/// sum of squared influences is (B^2 sum e^4 - 2 A B sum e^2 (y - mean)^2 + A^2 sum (y - mean)^4) n^2 / B^4.
MetricValue ScoreSums::of_r2(double level) const {
    MetricValue result{"r2", nan, {nan, nan, level}, rows_};
    const Expansion n = number(rows_), &y = sums_[truth];
    const Expansion n2 = times(n, n), n3 = times(n2, n), y_y = times(y, y);
    const Expansion a = times(n, sums_[error2]), b = minus(times(n, sums_[truth2]), y_y);
    if (rows_ < 2 || b.empty()) return result;
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
    return result;
}

std::optional<MetricValue> ScoreSums::score(std::string_view metric, double level) const {
    if (unsummed_ != 0) return std::nullopt;
    if (metric == "accuracy") {
        MetricValue result{"accuracy", nan, {nan, nan, level}, rows_};
        if (rows_ == 0) return result;
        const auto right = static_cast<double>(right_), n = static_cast<double>(rows_);
        result.value = right / n;
        result.interval = detail::wilson(right, n, level);
        return result;
    }
    if (needs_probability(metric)) {
        if (metric == "auc" || classed_ != seen_) return std::nullopt;
        return metric == "brier" ? of_losses(metric, scored_, brier, brier2, level)
                                 : of_losses(metric, scored_, log_loss, log_loss2, level);
    }
    if (numbers_ != rows_ || vanishes(sums_[error2]) || vanishes(sums_[truth2])) return std::nullopt;
    if (metric == "mae") return of_losses(metric, rows_, absolute, error2, level);
    if (metric == "r2") return of_r2(level);
    MetricValue result = of_losses("rmse", rows_, error2, error4, level);
    result.value = std::sqrt(result.value);  // and the interval of the mean square, through the root
    result.interval = {std::sqrt(result.interval.lower), std::sqrt(result.interval.upper), level};
    return result;
}

Json ScoreSums::to_json() const {
    Json sums = Json::array();
    for (const auto& parts : sums_) {
        Json list = Json::array();
        for (const double part : parts) list.push_back(part);
        sums.push_back(std::move(list));
    }
    Json counts = Json::array();
    for (const std::int64_t count : {seen_, rows_, right_, numbers_, classed_, scored_, unsummed_})
        counts.push_back(count);
    return Json::object({{"counts", std::move(counts)}, {"sums", std::move(sums)}});
}

ScoreSums ScoreSums::from_json(const Json& json) {
    ScoreSums read;
    const auto& counts = json.at("counts").as_array();
    const auto& sums = json.at("sums").as_array();
    if (counts.size() != 7 || sums.size() != moments) {
        throw CorruptArtifact("sums of scores: " + std::to_string(counts.size()) + " counts and " +
                              std::to_string(sums.size()) + " sums seen, 7 and " + std::to_string(moments) + " wanted");
    }
    std::size_t at = 0;
    for (std::int64_t* count :
         {&read.seen_, &read.rows_, &read.right_, &read.numbers_, &read.classed_, &read.scored_, &read.unsummed_})
        *count = counts[at++].as_int();
    for (std::size_t i = 0; i < moments; ++i) {
        for (const Json& part : sums[i].as_array()) read.sums_[i].push_back(part.as_double());
    }
    return read;
}

}  // namespace holdfast::stats

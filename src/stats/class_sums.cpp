#include <holdfast/stats/class_sums.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <holdfast/base/error.hpp>

#include "stats/auc.hpp"
#include "stats/confusion.hpp"
#include "stats/expansion.hpp"
#include "stats/packed.hpp"
#include "stats/quality_parts.hpp"
#include "stats/ranking.hpp"

namespace holdfast::stats {
namespace {

/// Adds to a count, which is not kept where it is 0, so that rows that went leave nothing.
template <class Counts, class Key>
void add_to(Counts& counts, const Key& key, std::int64_t rows) {
    const auto found = counts.try_emplace(key, 0).first;
    if ((found->second += rows) == 0) counts.erase(found);
}

std::int64_t class_of(double label, std::int64_t classes) {
    const bool known = label >= 0.0 && label < static_cast<double>(classes) && label == std::floor(label);
    return known ? static_cast<std::int64_t>(label) : -1;
}

/// Six decimals, rounded up: a bound.
std::string bound_text(double bound) { return std::to_string(std::ceil(bound * 1e6) / 1e6); }

}  // namespace

void ClassSums::count(const ScoredRows& rows, std::int64_t sign) {
    if (rows.truth.empty()) return;
    if (classes_ == 0) classes_ = rows.classes;
    if (classes_ != rows.classes) classes_ = mixed;
    if (rows.classes > most_classes) return;
    const auto classes = static_cast<std::size_t>(rows.classes);
    for (std::size_t row = 0; row < rows.truth.size(); ++row) {
        if (std::isnan(rows.truth[row])) continue;
        const auto truth = static_cast<std::int64_t>(rows.truth[row]);
        if (!std::isnan(rows.prediction[row]))
            add_to(cells_, std::pair(truth, class_of(rows.prediction[row], rows.classes)), sign);
        if (rows.probability.empty()) continue;
        const auto probability = rows.probability.subspan(row * classes, classes);
        if (std::ranges::none_of(probability, [](double p) { return std::isnan(p); }))
            count_scores(truth, probability, sign);
    }
}

void ClassSums::count_scores(std::int64_t truth, std::span<const double> probability, std::int64_t sign) {
    scored_ += sign;
    add_to(ranks_, detail::rank_of(probability, truth), sign);
    const detail::Guess guess = detail::guess_of(probability, truth);
    if (guess.is_probability()) {
        CalibrationSums& bin = calibration_[detail::calibration_bin(guess.confidence, calibration_bins)];
        detail::add(bin.gap, static_cast<double>(sign) * guess.gap());
        detail::add_square(bin.squares, guess.gap(), static_cast<double>(sign));
    } else {
        beyond_ += sign;
    }
    const auto classes = static_cast<std::int64_t>(probability.size());
    if (classes > most_ranked_classes) return;
    const std::int64_t first = classes == 2 ? 1 : 0;
    scores_.resize(static_cast<std::size_t>(classes - first));
    for (std::int64_t label = first; label < classes; ++label) {
        scores_[static_cast<std::size_t>(label - first)].count(probability[static_cast<std::size_t>(label)],
                                                               label == truth, sign);
    }
}

ClassSums& ClassSums::operator+=(const ClassSums& other) {
    if (other.classes_ == 0) return *this;
    if (classes_ == 0) classes_ = other.classes_;
    if (classes_ != other.classes_) {
        *this = {};
        classes_ = mixed;
        return *this;
    }
    for (const auto& [cell, rows] : other.cells_) add_to(cells_, cell, rows);
    for (const auto& [rank, rows] : other.ranks_) add_to(ranks_, rank, rows);
    scored_ += other.scored_;
    beyond_ += other.beyond_;
    for (std::size_t bin = 0; bin < calibration_.size(); ++bin) {
        detail::add(calibration_[bin].gap, other.calibration_[bin].gap);
        detail::add(calibration_[bin].squares, other.calibration_[bin].squares);
    }
    scores_.resize(std::max(scores_.size(), other.scores_.size()));
    for (std::size_t i = 0; i < other.scores_.size(); ++i) scores_[i] += other.scores_[i];
    return *this;
}

std::optional<QualityValue> ClassSums::quality(const MetricSpec& metric) const {
    if (classes_ < 2 || classes_ > most_classes) return std::nullopt;
    const bool of_scores = metric.input == QualityInput::probabilities;
    std::int64_t rows = scored_;
    detail::ClassCells cells{classes_, 0};
    if (!of_scores) {
        for (const auto& [where, count] : cells_) {
            const auto weight = static_cast<double>(count);
            cells.cells.push_back({where.first, where.second, weight, weight});
            cells.rows += count;
        }
        rows = cells.rows;
    }
    QualityValue result = detail::undefined(metric.name, metric.options.level, rows, static_cast<double>(rows));
    if (rows == 0) {
        result.reason = "every row has a missing value";
    } else if (!of_scores) {
        if (metric.options.average == "binary" && metric.name != "mcc" && classes_ != 2) return std::nullopt;
        detail::score_cells(result, cells, metric.options);
    } else if (metric.name == "top_k_accuracy") {
        detail::Weight right, all;
        for (const auto& [rank, count] : ranks_) {
            const auto weight = static_cast<double>(count);
            if (rank < metric.options.top) right.add(weight, weight);
            all.add(weight, weight);
        }
        detail::score_share(result, right, all, metric.options.level);
    } else if (metric.name == "ece") {
        if (metric.options.bins != calibration_bins || beyond_ != 0) return std::nullopt;
        std::vector<detail::CalibrationBin> bins;
        for (const CalibrationSums& bin : calibration_)
            bins.push_back({detail::value(bin.gap), detail::value(bin.squares)});
        detail::score_ece(result, bins, static_cast<double>(rows), metric.options.level);
    } else if (scores_.empty()) {
        return std::nullopt;
    } else {
        result = of_areas(metric);
    }
    if (result.insufficient()) detail::forget(result);
    return result;
}

QualityValue ClassSums::of_areas(const MetricSpec& metric) const {
    const double level = metric.options.level;
    QualityValue result = detail::undefined(metric.name, level, scored_, static_cast<double>(scored_));
    detail::CompensatedSum value, least, most, lower, upper, deviation;
    auto rarest = static_cast<double>(scored_);
    for (std::size_t i = 0; i < scores_.size(); ++i) {
        const ScoreHistogram& own = scores_[i];
        const std::size_t label = scores_.size() == 1 ? 1 : i;
        if (own.of_class() == 0 || own.of_rest() == 0) {
            result.reason = "no row of class " + std::to_string(own.of_class() == 0 ? label : 1 - label);
            return result;
        }
        const auto area = metric.name == "auc" ? own.auc() : own.average_precision();
        value.add(area.value);
        least.add(area.least);
        most.add(area.most);
        deviation.add(std::sqrt(area.variance));
        rarest = std::min({rarest, static_cast<double>(own.of_class()), static_cast<double>(own.of_rest())});
        const Interval of_class = detail::boyd_eng_page(area.value, static_cast<double>(own.of_class()), level);
        lower.add(of_class.lower);
        upper.add(of_class.upper);
    }
    const auto classes = static_cast<double>(scores_.size());
    const bool macro = scores_.size() > 1;
    result.value = value.value() / classes;
    if (metric.name == "auc") {
        // Of several classes' areas no more is known than that they vary together at most fully.
        const double error = deviation.value() / classes;
        result.interval = detail::delong(result.value, error * error, rarest, level);
        result.method = macro ? "DeLong of classes together, logit, Student" : "DeLong, logit, Student";
    } else {
        result.interval = {lower.value() / classes, upper.value() / classes, level};
        result.method = macro ? "mean of classes' Boyd-Eng-Page, logit" : "Boyd-Eng-Page, logit";
    }
    const double below = result.value - least.value() / classes, above = most.value() / classes - result.value;
    result.interval.lower = std::max(0.0, result.interval.lower - below);
    result.interval.upper = std::min(1.0, result.interval.upper + above);
    result.note = "from score sketches: the rows' own is at most " + bound_text(below) + " below and " +
                  bound_text(above) + " above; the interval allows for that";
    return result;
}

std::optional<Confusion> ClassSums::confusion() const {
    if (classes_ < 2 || classes_ > most_classes) return std::nullopt;
    detail::ClassCells cells{classes_, 0};
    for (const auto& [where, count] : cells_) {
        cells.cells.push_back({where.first, where.second, static_cast<double>(count), static_cast<double>(count)});
        cells.rows += count;
    }
    return detail::confusion_of(cells);
}

Json ClassSums::to_json() const {
    detail::PackedWriter packed;
    for (const std::int64_t count : {classes_, scored_, beyond_, static_cast<std::int64_t>(cells_.size())})
        packed.count(count);
    for (const auto& [where, rows] : cells_) {
        for (const std::int64_t each : {where.first, where.second, rows}) packed.count(each);
    }
    packed.count(static_cast<std::int64_t>(ranks_.size()));
    for (const auto& [rank, rows] : ranks_) {
        for (const std::int64_t each : {rank, rows}) packed.count(each);
    }
    for (const CalibrationSums& bin : calibration_) {
        packed.numbers(bin.gap);
        packed.numbers(bin.squares);
    }
    Json::Array scores;
    for (const ScoreHistogram& own : scores_) scores.push_back(own.to_json());
    return Json::object({{"packed", std::move(packed).text()}, {"scores", std::move(scores)}});
}

ClassSums ClassSums::from_json(const Json& json) {
    ClassSums read;
    detail::PackedReader packed(json.at("packed").as_string(), "sums of classes");
    for (std::int64_t* count : {&read.classes_, &read.scored_, &read.beyond_}) *count = packed.count();
    for (std::int64_t cells = packed.count(); cells > 0; --cells) {
        const std::int64_t truth = packed.count(), prediction = packed.count();
        if (truth < 0 || truth >= most_classes || prediction < -1 || prediction >= most_classes)
            packed.refuse("a cell of class " + std::to_string(truth) + " predicted as " + std::to_string(prediction));
        add_to(read.cells_, std::pair(truth, prediction), packed.count());
    }
    for (std::int64_t ranks = packed.count(); ranks > 0; --ranks) {
        const std::int64_t rank = packed.count();
        add_to(read.ranks_, rank, packed.count());
    }
    for (CalibrationSums& bin : read.calibration_) {
        bin.gap = packed.numbers();
        bin.squares = packed.numbers();
    }
    if (!packed.done()) packed.refuse("more than its numbers seen");
    for (const Json& own : json.at("scores").as_array()) read.scores_.push_back(ScoreHistogram::from_json(own));
    return read;
}

}  // namespace holdfast::stats

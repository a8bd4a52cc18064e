#include "stats/confusion.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "stats/distributions.hpp"
#include "stats/intervals.hpp"
#include "stats/weighted.hpp"

namespace holdfast::stats::detail {
namespace {

/// A row's class position; -1 where it is none.
std::int64_t position(double label, std::int64_t classes) {
    const bool known = label >= 0.0 && label < static_cast<double>(classes) && label == std::floor(label);
    return known ? static_cast<std::int64_t>(label) : -1;
}

/// precision, recall and f1 are one fraction, right / of: a row of the class that is predicted as it adds its weight to
/// both, and a miss or a false alarm adds its part of it to `of`.
struct Fraction {
    double miss, alarm;
};
Fraction fraction_of(std::string_view metric) {
    if (metric == "precision") return {0.0, 1.0};
    if (metric == "recall") return {1.0, 0.0};
    return {0.5, 0.5};
}

/// One class's fraction.
struct Share {
    CompensatedSum right, of;
    Weight weight;  // of the rows that have a part in it
    bool any_wrong = false;
    [[nodiscard]] double value() const { return any_wrong ? right.value() / of.value() : 1.0; }
    void add_right(double row_weight) {
        right.add(row_weight);
        of.add(row_weight);
        weight.add(row_weight);
    }
    void add_wrong(double row_weight, double part) {
        if (part == 0.0) return;
        of.add(part * row_weight);
        weight.add(row_weight);
        any_wrong = true;
    }
};

std::vector<Share> shares_of(const Fraction& fraction, const CleanRows& rows) {
    std::vector<Share> shares(static_cast<std::size_t>(rows.classes));
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        const auto truth = static_cast<std::size_t>(rows.truth[i]);
        const std::int64_t prediction = position(rows.prediction[i], rows.classes);
        if (rows.truth[i] == rows.prediction[i]) {
            shares[truth].add_right(rows.weight_of(i));
            continue;
        }
        shares[truth].add_wrong(rows.weight_of(i), fraction.miss);
        if (prediction >= 0) shares[static_cast<std::size_t>(prediction)].add_wrong(rows.weight_of(i), fraction.alarm);
    }
    return shares;
}

std::string why_empty(std::string_view metric, std::size_t label) {
    const std::string name = "class " + std::to_string(label);
    if (metric == "precision") return "no row is predicted as " + name;
    if (metric == "recall") return "no row of " + name;
    return "no row of " + name + ", and none predicted as it";
}

/// Wilson's; f1 = 2 j / (1 + j), where j is the share that is right of the rows that are, or are predicted as, the
/// class.
Interval class_interval(std::string_view metric, const Share& share, double level) {
    const double rows = share.weight.rows(), value = share.value();
    if (metric != "f1") return wilson(value * rows, rows, level);
    const Interval of = wilson(value / (2.0 - value) * rows, rows, level);
    return {2.0 * of.lower / (1.0 + of.lower), 2.0 * of.upper / (1.0 + of.upper), level};
}

/// Covariances of f1 between classes: a row that is wrong lies in two. (A row has a part in the precision, or in the
/// recall, of one class only.)
std::map<std::pair<std::size_t, std::size_t>, double> covariances(const Fraction& fraction, const CleanRows& rows,
                                                                  const std::vector<Share>& shares) {
    std::map<std::pair<std::size_t, std::size_t>, double> sums;
    const auto add = [&](std::size_t a, double part_a, std::size_t b, double part_b) {
        sums[std::minmax(a, b)] += part_a / shares[a].of.value() * (part_b / shares[b].of.value());
    };
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        const auto truth = static_cast<std::size_t>(rows.truth[i]);
        const std::int64_t predicted = position(rows.prediction[i], rows.classes);
        const double weight = rows.weight_of(i);
        if (rows.truth[i] == rows.prediction[i]) {
            const double part = weight * (1.0 - shares[truth].value());
            add(truth, part, truth, part);
            continue;
        }
        const double missed = weight * fraction.miss * shares[truth].value();
        add(truth, missed, truth, missed);
        if (predicted < 0) continue;
        const auto prediction = static_cast<std::size_t>(predicted);
        const double alarmed = weight * fraction.alarm * shares[prediction].value();
        add(prediction, alarmed, prediction, alarmed);
        add(truth, missed, prediction, alarmed);
    }
    return sums;
}

/// Zou and Donner, Stat. Med. 27, 2008: the classes' own ends, put together as their estimates vary together.
Interval macro_interval(std::string_view metric, const Fraction& fraction, const CleanRows& rows,
                        const std::vector<Share>& shares, double value, double level) {
    const auto classes = static_cast<double>(shares.size());
    std::vector<double> below, above;
    CompensatedSum lower, upper;
    for (const Share& share : shares) {
        const Interval own = class_interval(metric, share, level);
        below.push_back(share.value() - own.lower);
        above.push_back(own.upper - share.value());
        lower.add(below.back() * below.back());
        upper.add(above.back() * above.back());
    }
    if (metric == "f1") {
        const auto sums = covariances(fraction, rows, shares);
        for (const auto& [pair, sum] : sums) {
            const auto [a, b] = pair;
            const double variances = sums.at({a, a}) * sums.at({b, b});
            if (a == b || variances == 0.0) continue;
            const double correlation = sum / std::sqrt(variances);
            lower.add(2.0 * correlation * below[a] * below[b]);
            upper.add(2.0 * correlation * above[a] * above[b]);
        }
    }
    return {std::max(0.0, value - std::sqrt(std::max(0.0, lower.value())) / classes),
            std::min(1.0, value + std::sqrt(std::max(0.0, upper.value())) / classes), level};
}

/// Gorodkin's R_K: covariances of true and predicted classes; those that are none of the classes are one more.
struct Agreement {
    CompensatedSum together, truth_alone, prediction_alone;
    double covariance = 0.0, truth_variance = 0.0, prediction_variance = 0.0;
    std::vector<double> of_truth, of_prediction;  // shares
};

Agreement agreement_of(const CleanRows& rows) {
    const auto classes = static_cast<std::size_t>(rows.classes) + 1;
    const double all = weight_of_all(rows).sum();
    std::vector<CompensatedSum> truth(classes), prediction(classes);
    CompensatedSum right;
    const auto index = [&](double label) {
        const std::int64_t at = position(label, rows.classes);
        return at < 0 ? classes - 1 : static_cast<std::size_t>(at);
    };
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        truth[index(rows.truth[i])].add(rows.weight_of(i));
        prediction[index(rows.prediction[i])].add(rows.weight_of(i));
        if (rows.truth[i] == rows.prediction[i]) right.add(rows.weight_of(i));
    }
    Agreement found;
    found.together.add(right.value() / all);
    for (std::size_t c = 0; c < classes; ++c) {
        const double t = truth[c].value() / all, p = prediction[c].value() / all;
        found.of_truth.push_back(t);
        found.of_prediction.push_back(p);
        found.together.add(-t * p);
        // t (1 - t), as a sum over the others, is 0 to the bit where one class has all
        for (std::size_t other = 0; other < classes; ++other) {
            if (other == c) continue;
            found.truth_alone.add(t * (truth[other].value() / all));
            found.prediction_alone.add(p * (prediction[other].value() / all));
        }
    }
    found.covariance = found.together.value();
    found.truth_variance = found.truth_alone.value();
    found.prediction_variance = found.prediction_alone.value();
    return found;
}

/// What each row adds to R_K = covariance / sqrt(truth variance x prediction variance), to first order.
std::vector<double> influence_on_mcc(const CleanRows& rows, const Agreement& found, double value) {
    const std::size_t other = found.of_truth.size() - 1;
    const auto at = [&](const std::vector<double>& shares, double label) {
        const std::int64_t c = position(label, rows.classes);
        return shares[c < 0 ? other : static_cast<std::size_t>(c)];
    };
    double sum_tp = 0.0, sum_tt = 0.0, sum_pp = 0.0;
    for (std::size_t c = 0; c <= other; ++c) {
        sum_tp += found.of_truth[c] * found.of_prediction[c];
        sum_tt += found.of_truth[c] * found.of_truth[c];
        sum_pp += found.of_prediction[c] * found.of_prediction[c];
    }
    const double right = found.covariance + sum_tp;
    const double root = std::sqrt(found.truth_variance) * std::sqrt(found.prediction_variance);
    std::vector<double> influence(rows.truth.size());
    for (std::size_t i = 0; i < influence.size(); ++i) {
        const double t = rows.truth[i], p = rows.prediction[i];
        const double covariance =
            (t == p ? 1.0 : 0.0) - right - (at(found.of_prediction, t) + at(found.of_truth, p) - 2.0 * sum_tp);
        const double truth_variance = -2.0 * (at(found.of_truth, t) - sum_tt);
        const double prediction_variance = -2.0 * (at(found.of_prediction, p) - sum_pp);
        influence[i] =
            covariance / root -
            0.5 * value * (truth_variance / found.truth_variance + prediction_variance / found.prediction_variance);
    }
    return influence;
}

/// Two classes, each taken for the other.
bool is_wrong_everywhere(const CleanRows& rows) {
    if (rows.classes != 2) return false;
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        if (rows.prediction[i] != 1.0 - rows.truth[i]) return false;
    }
    return true;
}

double rows_of_rarest(const CleanRows& rows) {
    std::vector<Weight> weights(static_cast<std::size_t>(rows.classes));
    for (std::size_t i = 0; i < rows.truth.size(); ++i)
        weights[static_cast<std::size_t>(rows.truth[i])].add(rows.weight_of(i));
    double rarest = static_cast<double>(rows.size());
    for (const Weight& weight : weights) {
        if (weight.sum() > 0.0) rarest = std::min(rarest, weight.rows());
    }
    return rarest;
}

}  // namespace

Confusion confusion_of(const CleanRows& rows) {
    const auto classes = static_cast<std::size_t>(rows.classes);
    std::vector<CompensatedSum> weight(classes * classes), unforeseen(classes);
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        const auto truth = static_cast<std::size_t>(rows.truth[i]);
        const std::int64_t prediction = position(rows.prediction[i], rows.classes);
        CompensatedSum& cell =
            prediction < 0 ? unforeseen[truth] : weight[truth * classes + static_cast<std::size_t>(prediction)];
        cell.add(rows.weight_of(i));
    }
    Confusion result;
    result.classes = rows.classes;
    result.rows = rows.size();
    for (const CompensatedSum& cell : weight) result.weight.push_back(cell.value());
    for (const CompensatedSum& cell : unforeseen) result.unforeseen.push_back(cell.value());
    return result;
}

void score_accuracy(QualityValue& result, const CleanRows& rows, double level) {
    CompensatedSum right, wrong;
    for (std::size_t i = 0; i < rows.truth.size(); ++i)
        (rows.truth[i] == rows.prediction[i] ? right : wrong).add(rows.weight_of(i));
    result.method = "Wilson";
    result.value = wrong.value() == 0.0 ? 1.0 : right.value() / weight_of_all(rows).sum();
    result.interval = wilson(result.value * result.effective_rows, result.effective_rows, level);
}

void score_class_share(QualityValue& result, const CleanRows& rows, bool macro, double level) {
    const Fraction fraction = fraction_of(result.metric);
    const std::vector<Share> shares = shares_of(fraction, rows);
    CompensatedSum sum;
    for (std::size_t label = macro ? 0 : 1; label < shares.size(); ++label) {
        if (shares[label].of.value() == 0.0) {
            result.reason = why_empty(result.metric, label);
            return;
        }
        sum.add(shares[label].value());
    }
    result.method = result.metric == "f1" ? "Wilson of the Jaccard share" : "Wilson";
    if (!macro) {
        result.value = shares[1].value();
        result.interval = class_interval(result.metric, shares[1], level);
        return;
    }
    result.method = "MOVER of classes' " + result.method;
    result.value = sum.value() / static_cast<double>(shares.size());
    result.interval = macro_interval(result.metric, fraction, rows, shares, result.value, level);
}

void score_mcc(QualityValue& result, const CleanRows& rows, double level) {
    const Agreement found = agreement_of(rows);
    if (found.truth_variance == 0.0 || found.prediction_variance == 0.0) {
        result.reason =
            found.truth_variance == 0.0 ? "all rows are of one class" : "all rows are predicted as one class";
        return;
    }
    const bool all_right = rows.truth == rows.prediction;
    if (all_right || is_wrong_everywhere(rows)) {
        const double end = 2.0 * lower_of_all(rows_of_rarest(rows), level) - 1.0;
        result.value = all_right ? 1.0 : -1.0;
        result.method = "Clopper-Pearson, rows of the rarest class";
        result.interval = all_right ? Interval{end, 1.0, level} : Interval{-1.0, -end, level};
        return;
    }
    const double root = std::sqrt(found.truth_variance) * std::sqrt(found.prediction_variance);
    result.value = std::clamp(found.covariance / root, -1.0, 1.0);
    const double error = linearised_error(rows, influence_on_mcc(rows, found, result.value));
    result.method = "delta method, Fisher's z";
    result.interval = fisher_interval(result.value, error, level);
}

}  // namespace holdfast::stats::detail

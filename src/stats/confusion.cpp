#include "stats/confusion.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "stats/distributions.hpp"
#include "stats/intervals.hpp"

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
    void add_right(const ClassCell& cell) {
        right.add(cell.weight);
        of.add(cell.weight);
        weight.add(cell.weight, cell.squares);
    }
    void add_wrong(const ClassCell& cell, double part) {
        if (part == 0.0) return;
        of.add(part * cell.weight);
        weight.add(cell.weight, cell.squares);
        any_wrong = true;
    }
};

std::vector<Share> shares_of(const Fraction& fraction, const ClassCells& rows) {
    std::vector<Share> shares(static_cast<std::size_t>(rows.classes));
    for (const ClassCell& cell : rows.cells) {
        Share& of_truth = shares[static_cast<std::size_t>(cell.truth)];
        if (cell.right()) {
            of_truth.add_right(cell);
            continue;
        }
        of_truth.add_wrong(cell, fraction.miss);
        if (cell.prediction >= 0) shares[static_cast<std::size_t>(cell.prediction)].add_wrong(cell, fraction.alarm);
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
std::map<std::pair<std::size_t, std::size_t>, double> covariances(const Fraction& fraction, const ClassCells& rows,
                                                                  const std::vector<Share>& shares) {
    std::map<std::pair<std::size_t, std::size_t>, double> sums;
    for (const ClassCell& cell : rows.cells) {
        const auto add = [&](std::size_t a, double part_a, std::size_t b, double part_b) {
            sums[std::minmax(a, b)] += cell.squares * (part_a / shares[a].of.value() * (part_b / shares[b].of.value()));
        };
        const auto truth = static_cast<std::size_t>(cell.truth);
        if (cell.right()) {
            const double part = 1.0 - shares[truth].value();
            add(truth, part, truth, part);
            continue;
        }
        const double missed = fraction.miss * shares[truth].value();
        add(truth, missed, truth, missed);
        if (cell.prediction < 0) continue;
        const auto prediction = static_cast<std::size_t>(cell.prediction);
        const double alarmed = fraction.alarm * shares[prediction].value();
        add(prediction, alarmed, prediction, alarmed);
        add(truth, missed, prediction, alarmed);
    }
    return sums;
}

/// Zou and Donner, Stat. Med. 27, 2008: the classes' own ends, put together as their estimates vary together.
Interval macro_interval(std::string_view metric, const Fraction& fraction, const ClassCells& rows,
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
    [[nodiscard]] double truth_of(std::int64_t label) const { return of_truth[index(label)]; }
    [[nodiscard]] double prediction_of(std::int64_t label) const { return of_prediction[index(label)]; }
    [[nodiscard]] std::size_t index(std::int64_t label) const {
        return label < 0 ? of_truth.size() - 1 : static_cast<std::size_t>(label);
    }
};

Agreement agreement_of(const ClassCells& rows) {
    const auto classes = static_cast<std::size_t>(rows.classes) + 1;
    const double all = rows.weight().sum();
    std::vector<CompensatedSum> truth(classes), prediction(classes);
    CompensatedSum right;
    for (const ClassCell& cell : rows.cells) {
        truth[static_cast<std::size_t>(cell.truth)].add(cell.weight);
        prediction[cell.prediction < 0 ? classes - 1 : static_cast<std::size_t>(cell.prediction)].add(cell.weight);
        if (cell.right()) right.add(cell.weight);
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

/// The standard error of R_K = covariance / sqrt(truth variance x prediction variance), out of what the rows of each
/// cell add to it to first order.
double error_of_mcc(const ClassCells& rows, const Agreement& found, double value) {
    double sum_tp = 0.0, sum_tt = 0.0, sum_pp = 0.0;
    for (std::size_t c = 0; c < found.of_truth.size(); ++c) {
        sum_tp += found.of_truth[c] * found.of_prediction[c];
        sum_tt += found.of_truth[c] * found.of_truth[c];
        sum_pp += found.of_prediction[c] * found.of_prediction[c];
    }
    const double right = found.covariance + sum_tp;
    const double root = std::sqrt(found.truth_variance) * std::sqrt(found.prediction_variance);
    CompensatedSum squares;
    for (const ClassCell& cell : rows.cells) {
        const double covariance = (cell.right() ? 1.0 : 0.0) - right -
                                  (found.prediction_of(cell.truth) + found.truth_of(cell.prediction) - 2.0 * sum_tp);
        const double truth_variance = -2.0 * (found.truth_of(cell.truth) - sum_tt);
        const double prediction_variance = -2.0 * (found.prediction_of(cell.prediction) - sum_pp);
        const double influence =
            covariance / root -
            0.5 * value * (truth_variance / found.truth_variance + prediction_variance / found.prediction_variance);
        squares.add(cell.squares * (influence * influence));
    }
    return linearised_error(rows.weight(), squares.value());
}

bool all_right(const ClassCells& rows) {
    return std::all_of(rows.cells.begin(), rows.cells.end(), [](const ClassCell& cell) { return cell.right(); });
}

/// Two classes, each taken for the other.
bool all_swapped(const ClassCells& rows) {
    return rows.classes == 2 && std::all_of(rows.cells.begin(), rows.cells.end(),
                                            [](const ClassCell& cell) { return cell.prediction == 1 - cell.truth; });
}

double rows_of_rarest(const ClassCells& rows) {
    std::vector<Weight> weights(static_cast<std::size_t>(rows.classes));
    for (const ClassCell& cell : rows.cells)
        weights[static_cast<std::size_t>(cell.truth)].add(cell.weight, cell.squares);
    auto rarest = static_cast<double>(rows.rows);
    for (const Weight& weight : weights) {
        if (weight.sum() > 0.0) rarest = std::min(rarest, weight.rows());
    }
    return rarest;
}

}  // namespace

Weight ClassCells::weight() const {
    Weight all;
    for (const ClassCell& cell : cells) all.add(cell.weight, cell.squares);
    return all;
}

ClassCells cells_of(const CleanRows& rows) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::pair<CompensatedSum, CompensatedSum>> sums;
    for (std::size_t i = 0; i < rows.truth.size(); ++i) {
        auto& [weight, squares] =
            sums[{static_cast<std::int64_t>(rows.truth[i]), position(rows.prediction[i], rows.classes)}];
        weight.add(rows.weight_of(i));
        squares.add(rows.weight_of(i) * rows.weight_of(i));
    }
    ClassCells result{rows.classes, rows.size()};
    for (const auto& [where, sum] : sums)
        result.cells.push_back({where.first, where.second, sum.first.value(), sum.second.value()});
    return result;
}

Confusion confusion_of(const ClassCells& rows) {
    const auto classes = static_cast<std::size_t>(rows.classes);
    Confusion result{rows.classes, rows.rows, std::vector<double>(classes * classes), std::vector<double>(classes)};
    for (const ClassCell& cell : rows.cells) {
        const auto truth = static_cast<std::size_t>(cell.truth);
        if (cell.prediction < 0) {
            result.unforeseen[truth] = cell.weight;
        } else {
            result.weight[truth * classes + static_cast<std::size_t>(cell.prediction)] = cell.weight;
        }
    }
    return result;
}

void score_share(QualityValue& result, const Weight& right, const Weight& all, double level) {
    const double rows = all.rows();
    const bool all_right = right.sum() == all.sum();
    result.method = "Wilson";
    result.value = right.sum() / all.sum();
    result.interval = wilson(all_right ? rows : right.sum() * (rows / all.sum()), rows, level);
}

void score_class_share(QualityValue& result, const ClassCells& rows, bool macro, double level) {
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

void score_mcc(QualityValue& result, const ClassCells& rows, double level) {
    const Agreement found = agreement_of(rows);
    if (found.truth_variance == 0.0 || found.prediction_variance == 0.0) {
        result.reason =
            found.truth_variance == 0.0 ? "all rows are of one class" : "all rows are predicted as one class";
        return;
    }
    const bool right = all_right(rows);
    if (right || all_swapped(rows)) {
        const double end = 2.0 * lower_of_all(rows_of_rarest(rows), level) - 1.0;
        result.value = right ? 1.0 : -1.0;
        result.method = "Clopper-Pearson, rows of the rarest class";
        result.interval = right ? Interval{end, 1.0, level} : Interval{-1.0, -end, level};
        return;
    }
    const double root = std::sqrt(found.truth_variance) * std::sqrt(found.prediction_variance);
    result.value = std::clamp(found.covariance / root, -1.0, 1.0);
    result.method = "delta method, Fisher's z";
    result.interval = fisher_interval(result.value, error_of_mcc(rows, found, result.value), level);
}

void score_cells(QualityValue& result, const ClassCells& rows, const QualityOptions& options) {
    if (rows.classes < 2) {
        result.reason = "fewer than two classes";
        return;
    }
    if (result.metric == "mcc") return score_mcc(result, rows, options.level);
    const bool macro = options.average == "macro" || (options.average == "auto" && rows.classes != 2);
    score_class_share(result, rows, macro, options.level);
}

}  // namespace holdfast::stats::detail

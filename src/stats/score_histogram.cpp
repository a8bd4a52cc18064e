#include <holdfast/stats/score_histogram.hpp>

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "stats/compensated.hpp"
#include "stats/packed.hpp"

namespace holdfast::stats {
namespace {

constexpr int mantissa_bits = 5;  // 32 bins an octave
constexpr std::uint64_t key(double score) { return std::bit_cast<std::uint64_t>(score) >> (52 - mantissa_bits); }
constexpr std::size_t side = ScoreHistogram::bins / 2;
static_assert(key(0.5) - key(0x1p-24) + 1 == side);

/// Of a score in [0, 0.5], counted from 0.
std::size_t bin_below_half(double score) {
    if (!(score >= 0x1p-24)) return 0;
    return std::min<std::size_t>(key(score) - key(0x1p-24) + 1, side - 1);
}

std::size_t bin_of(double score) {
    return score < 0.5 ? bin_below_half(score) : ScoreHistogram::bins - 1 - bin_below_half(1.0 - score);
}

}  // namespace

void ScoreHistogram::count(double score, bool of_class, std::int64_t rows) {
    counts_.resize(2 * bins);
    counts_[bin_of(score) + (of_class ? 0 : bins)] += rows;
    (of_class ? of_class_ : of_rest_) += rows;
}

ScoreHistogram& ScoreHistogram::operator+=(const ScoreHistogram& other) {
    of_class_ += other.of_class_;
    of_rest_ += other.of_rest_;
    if (other.counts_.empty()) return *this;
    counts_.resize(2 * bins);
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    return *this;
}

ScoreHistogram::Area ScoreHistogram::auc() const {
    const auto p = static_cast<double>(of_class_), q = static_cast<double>(of_rest_);
    double wins = 0.0, within = 0.0, below = 0.0;  // pairs; whole numbers and halves, exact below 2^52
    for (std::size_t bin = 0; bin < bins; ++bin) {
        const auto here = static_cast<double>(counts_[bin]), rest = static_cast<double>(counts_[bins + bin]);
        wins += here * (below + 0.5 * rest);
        within += here * rest;
        below += rest;
    }
    Area area{wins / (p * q), (wins - 0.5 * within) / (p * q), (wins + 0.5 * within) / (p * q), 0.0};
    detail::CompensatedSum of_class, of_rest;
    double class_below = 0.0, rest_below = 0.0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
        const auto here = static_cast<double>(counts_[bin]), rest = static_cast<double>(counts_[bins + bin]);
        const double outranked = (rest_below + 0.5 * rest) / q - area.value;
        const double outranking = 1.0 - (class_below + 0.5 * here) / p - area.value;
        of_class.add(here * (outranked * outranked));
        of_rest.add(rest * (outranking * outranking));
        class_below += here;
        rest_below += rest;
    }
    area.variance = of_class.value() / (p * std::max(1.0, p - 1.0)) + of_rest.value() / (q * std::max(1.0, q - 1.0));
    return area;
}

namespace {

/// The least that a bin's rows of the class add, when the rest of it comes first: the sum over j = 1 to `here` of
/// (before + j) / (taken + rest + j), which grows with j. Its first few dozen terms, then the first of each of as many
/// pieces.
double least_of_bin(double before, double taken, std::int64_t here, double rest) {
    constexpr std::int64_t pieces = 64;
    const std::int64_t step = (here + pieces - 1) / pieces;
    double sum = 0.0;
    for (std::int64_t j = 1; j <= here; j += step) {
        const auto first = static_cast<double>(j);
        sum += static_cast<double>(std::min(step, here - j + 1)) * ((before + first) / (taken + rest + first));
    }
    return sum;
}

}  // namespace

ScoreHistogram::Area ScoreHistogram::average_precision() const {
    const auto p = static_cast<double>(of_class_);
    detail::CompensatedSum value, least, most;
    double before = 0.0, taken = 0.0;  // rows of the class, and all rows, in the bins above
    for (std::size_t bin = bins; bin-- > 0;) {
        const auto here = static_cast<double>(counts_[bin]), rest = static_cast<double>(counts_[bins + bin]);
        if (here > 0.0) {
            value.add(here * ((before + here) / (taken + here + rest)));
            // Any order, and any ties: at best all of the class come first, and count together.
            most.add(here * ((before + here) / (taken + here)));
            least.add(least_of_bin(before, taken, counts_[bin], rest));
        }
        before += here;
        taken += here + rest;
    }
    return {value.value() / p, least.value() / p, most.value() / p, 0.0};
}

/// Of each bin that is not empty: how many were passed over, and its count.
Json ScoreHistogram::to_json() const {
    detail::PackedWriter packed;
    std::int64_t passed = 0;
    for (const std::int64_t rows : counts_) {
        if (rows == 0) {
            ++passed;
            continue;
        }
        packed.count(passed);
        packed.count(rows);
        passed = 0;
    }
    return std::move(packed).text();
}

ScoreHistogram ScoreHistogram::from_json(const Json& json) {
    ScoreHistogram histogram;
    detail::PackedReader packed(json.as_string(), "histogram of scores");
    if (!packed.done()) histogram.counts_.resize(2 * bins);
    constexpr auto all = static_cast<std::int64_t>(2 * bins);
    for (std::int64_t bin = 0; !packed.done(); ++bin) {
        const std::int64_t passed = packed.count(), rows = packed.count();
        if (passed < 0 || passed >= all || (bin += passed) >= all)
            packed.refuse("more than its " + std::to_string(all) + " bins seen");
        histogram.counts_[static_cast<std::size_t>(bin)] = rows;
        (2 * bin < all ? histogram.of_class_ : histogram.of_rest_) += rows;
    }
    return histogram;
}

}  // namespace holdfast::stats

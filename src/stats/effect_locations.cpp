#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <holdfast/base/math.hpp>

#include "stats/compensated.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_laws.hpp"
#include "stats/effect_parts.hpp"
#include "stats/location_scale.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

Effect without_spread(double difference, std::string_view note) {
    Effect effect;
    effect.value = difference == 0.0 ? 0.0 : infinite;
    effect.p_value = difference == 0.0 ? 1.0 : 0.0;
    effect.statistic = effect.value;
    effect.is_judged = false;
    remark(effect.note, note);
    return effect;
}

/// Third and fourth central moments, about the exact mean, from the rows or from what the sketch kept of them.
struct Shape {
    double cubes = 0.0, fourths = 0.0;
};

Shape shape_of(const ColumnSample& sample) {
    CompensatedSum cubes, fourths;
    for (std::size_t i = 0; i < sample.values.size(); ++i) {
        const double weight = sample.weights.empty() ? 1.0 : static_cast<double>(sample.weights[i]);
        const double gap = sample.values[i] - sample.mean, square = gap * gap;
        cubes.add(weight * square * gap);
        fourths.add(weight * square * square);
    }
    const auto rows = static_cast<double>(sample.finite());
    return {cubes.value() / rows, fourths.value() / rows};
}

// The variance of one row's share in d = (mean - mean) / u, u^2 the mean of both variances: of
// +-(x - mean) / u - d / (4 u^2) ((x - mean)^2 - variance).
double share_of_row(double variance, const Shape& shape, double d, double unit, double sign) {
    const double scale = -0.25 * d / (unit * unit);
    const double cross = 2.0 * sign / unit * scale * shape.cubes;
    const double square = scale * scale * std::max(0.0, shape.fourths - variance * variance);
    const double share = variance / (unit * unit) + cross + square;
    return std::isfinite(share) ? std::max(0.0, share) : infinite;
}

// A few rows of a heavy tail do not tell its spread, nor how badly they tell it: by simulation, where the kurtosis is
// beyond 0.6 times the root of the rows, or 1.9 times their cube root, which is less from a thousand rows on.
bool is_too_heavy(double variance, const Shape& shape, double rows) {
    const double kurtosis = shape.fourths / (variance * variance);
    return kurtosis * kurtosis > 0.36 * rows || kurtosis * kurtosis * kurtosis > 6.859 * rows;
}

void judge_tails(Effect& effect, const ColumnSample& reference, const Shape& a, const ColumnSample& current,
                 const Shape& b) {
    if (!is_too_heavy(reference.variance(), a, static_cast<double>(reference.finite())) &&
        !is_too_heavy(current.variance(), b, static_cast<double>(current.finite()))) {
        return;
    }
    effect.is_judged = false;
    remark(effect.note, "tails too heavy for so few rows");
}

// The logarithm of the mean distance from the median, without what both estimates leave of order 1 / n.
double log_of_mean_distance(const Moments& distances, std::span<const double> sorted) {
    const double mean = distances.mean + median_shortfall(sorted);
    return math::log(mean) + 0.5 * distances.variance() / (distances.n * mean * mean);
}

}  // namespace

Effect see_mean(const ColumnSample& reference, const ColumnSample& current) {
    const auto n = static_cast<double>(reference.finite()), m = static_cast<double>(current.finite());
    const double difference = current.mean - reference.mean;
    if (n < 2.0 || m < 2.0) return without_spread(difference, "a sample of one row: no variance");
    const double v = reference.variance(), w = current.variance(), unit = std::sqrt(0.5 * (v + w));
    if (!(unit > 0.0)) return without_spread(difference, "neither sample varies");
    if (!std::isfinite(unit)) return without_spread(difference, "values too large for a variance");
    Effect effect;
    const double d = difference / unit, error = std::sqrt(v / n + w / m);
    effect.statistic = -difference / error;
    effect.p_value = AbsoluteLaw(difference, {n, v, w}).p_drift(0.0, m);
    effect.value = std::abs(d);
    const Shape a = shape_of(reference), b = shape_of(current);
    effect.law = std::make_shared<AbsoluteLaw>(
        d, AbsoluteLaw::Variance{n, share_of_row(v, a, d, unit, -1.0), share_of_row(w, b, d, unit, 1.0)});
    judge_tails(effect, reference, a, current, b);
    return effect;
}

Effect see_levene(const ColumnSample& reference, const ColumnSample& current) {
    const Moments a = median_deviations(reference.values), b = median_deviations(current.values);
    if (a.n < 2.0 || b.n < 2.0) return without_spread(0.0, "a sample of one row: no spread");
    const double within = a.squares + b.squares;
    if (!std::isfinite(within)) return without_spread(0.0, "values too large for a variance");
    if (within == 0.0) return without_spread(b.mean - a.mean, "the deviations do not vary");
    if (!(a.mean > 0.0) || !(b.mean > 0.0)) return without_spread(b.mean - a.mean, "a side does not vary");
    Effect effect;
    const double root = levene_root(a, b);
    const double ratio = log_of_mean_distance(b, current.values) - log_of_mean_distance(a, reference.values);
    effect.statistic = root * root;
    effect.p_value = 2.0 * t_sf(a.n + b.n - 2.0, root);
    effect.value = std::abs(ratio);
    effect.law = std::make_shared<AbsoluteLaw>(
        ratio, AbsoluteLaw::Variance{a.n, a.variance() / (a.mean * a.mean), b.variance() / (b.mean * b.mean)});
    judge_tails(effect, reference, shape_of(reference), current, shape_of(current));
    return effect;
}

Effect see_mann_whitney(const CurveSquares& squares, const ColumnSample& reference, const ColumnSample& current) {
    const auto n = static_cast<double>(reference.finite()), m = static_cast<double>(current.finite());
    Effect effect;
    effect.largest = 1.0;
    effect.statistic = 0.5 * n * m * (1.0 - squares.delta);
    effect.value = std::abs(squares.delta);
    const double slack = 2.0 * (reference.rank_error + current.rank_error);
    if (slack > 0.0) remark(effect.note, "from sketches");
    if (n < 2.0 || m < 2.0) {
        effect.is_judged = false;
        remark(effect.note, "a sample of one row: no variance");
        return effect;
    }
    const AbsoluteLaw::Variance variance{n, squares.delta_reference, squares.delta_current};
    effect.p_value = squares.delta == 0.0 ? 1.0 : AbsoluteLaw(squares.delta, variance).p_drift(0.0, m);
    effect.law = std::make_shared<AbsoluteLaw>(squares.delta, variance, slack);
    return effect;
}

}  // namespace holdfast::stats::detail

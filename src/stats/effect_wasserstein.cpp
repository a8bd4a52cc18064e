#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "stats/compensated.hpp"
#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"
#include "stats/kernels.hpp"
#include "stats/samples.hpp"
#include "stats/wasserstein_bounds.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

class WassersteinLaw final : public EffectLaw {
  public:
    WassersteinLaw(const WassersteinBounds& bounds, double unit, double sketches)
        : bounds_(bounds), unit_(unit), sketches_(sketches) {}

    // The means are exact: the sketches' error touches the bound by the area alone.
    double lower(double alpha, double rows) const override { return bounds_.lower(alpha, rows, sketch(alpha)) / unit_; }
    double upper(double alpha, double rows) const override { return bounds_.upper(alpha, rows, sketch(alpha)) / unit_; }
    double detectable(double tolerance, double alpha, double rows) const override {
        const double typical = bounds_.standard_error(rows) * normal_quantile(detectable_power);
        return tolerance + (bounds_.lower_width(alpha, rows) + sketch(alpha) + typical) / unit_;
    }
    double p_drift(double tolerance, double rows) const override {
        return p_within(sketches_, [&](double sketch) { return bounds_.p_drift(tolerance * unit_, rows, sketch); });
    }
    double p_ok(double tolerance, double rows) const override {
        return p_within(sketches_, [&](double sketch) { return bounds_.p_ok(tolerance * unit_, rows, sketch); });
    }

  private:
    double sketch(double alpha) const { return sketches_ * widened_to(alpha); }

    WassersteinBounds bounds_;
    double unit_, sketches_;
};

/// The reference has no spread to measure by: as far as can be, or not at all.
class ConstantLaw final : public EffectLaw {
  public:
    explicit ConstantLaw(double effect) : effect_(effect) {}
    double lower(double, double) const override { return effect_; }
    double upper(double, double) const override { return effect_; }
    double detectable(double tolerance, double, double) const override { return tolerance; }
    double p_drift(double tolerance, double) const override { return effect_ > tolerance ? 0.0 : 1.0; }
    double p_ok(double tolerance, double) const override { return effect_ < tolerance ? 0.0 : 1.0; }

  private:
    double effect_;
};

// Twice what one sketch may be off by at a point, integrated.
double sketch_area(const ColumnSample& column) {
    if (column.point_rank_error == 0.0) return 0.0;
    return column.point_rank_error *
           integral_of_share(column, [&](double share) { return std::sqrt(passed_square(column, share)); });
}

double unit_of(const ColumnSample& reference, EffectUnit unit) {
    if (unit == EffectUnit::raw) return 1.0;
    if (unit == EffectUnit::iqr) return quantile(reference, 3, 4) - quantile(reference, 1, 4);
    return std::sqrt(reference.variance());
}

/// Of a sketch, the most that it may be.
double fourth_moment(const ColumnSample& sample) {
    constexpr std::size_t block = 512;
    CompensatedSum fourths;
    std::span<const double> values = sample.values;
    for (const std::int64_t weight : sample.weights) {
        fourths.add(static_cast<double>(weight) * fourths_about(sample.mean, values.first(1)));
        values = values.subspan(1);
    }
    for (; !values.empty(); values = values.subspan(std::min(block, values.size())))
        fourths.add(fourths_about(sample.mean, values.first(std::min(block, values.size()))));
    const double seen = fourths.value() / static_cast<double>(sample.finite());
    if (sample.point_rank_error == 0.0) return seen;
    const auto passed = [&](double share) { return std::sqrt(passed_square(sample, share)); };
    const auto fourth = [&](double value) { return fourths_about(sample.mean, std::span(&value, 1)); };
    return seen + sample.point_rank_error * integral_of_share(sample, passed, fourth);
}

/// Of the logarithm of the standard deviation: delta method.
double error_of_spread(const ColumnSample& sample) {
    const double kurtosis = fourth_moment(sample) / (sample.variance() * sample.variance());
    return 0.5 * std::sqrt(std::max(0.0, kurtosis - 1.0) / static_cast<double>(sample.finite()));
}

Spread spread_of(const ColumnSample& sample) {
    return {static_cast<double>(sample.finite()), sample.mean, sample.variance()};
}

}  // namespace

Effect see_wasserstein(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current,
                       EffectUnit units) {
    Effect effect;
    effect.statistic = gaps.area;
    const double unit = unit_of(reference, units);
    if (unit == 0.0 || (units != EffectUnit::raw && reference.min == reference.max)) {
        effect.value = gaps.area == 0.0 ? 0.0 : infinite;
        remark(effect.note, "the reference has no spread to measure by");
        effect.is_judged = gaps.n > 1.0;
        effect.law = std::make_shared<ConstantLaw>(effect.value);
        return effect;
    }
    const double sketches = sketch_area(reference) + sketch_area(current);
    if (sketches > 0.0) remark(effect.note, "from sketches");
    const double unit_error = units == EffectUnit::sd ? error_of_spread(reference) : 0.0;
    const WassersteinBounds bounds(gaps, spread_of(reference), spread_of(current), unit_error);
    effect.value = bounds.corrected() / unit;
    effect.law = std::make_shared<WassersteinLaw>(bounds, unit, sketches);
    return effect;
}

}  // namespace holdfast::stats::detail

#include <algorithm>
#include <cmath>

#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"
#include "stats/kstwo.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats::detail {
namespace {

/// D less what both samples' distribution functions may be off by (Massart), and plus what they may be off by at the
/// point where F and G are the farthest apart (Hoeffding).
class KsLaw final : public EffectLaw {
  public:
    KsLaw(double n, double distance, double sketches) : n_(n), distance_(distance), sketches_(sketches) {}

    double lower(double alpha, double rows) const override {
        return std::max(0.0, distance_ - sup_deviation(n_, rows, alpha) - sketch(alpha));
    }
    double upper(double alpha, double rows) const override {
        return std::min(1.0, distance_ + point_deviation(n_, rows, alpha) + sketch(alpha));
    }
    double detectable(double tolerance, double alpha, double rows) const override {
        const double typical = 0.5 * std::sqrt(1.0 / n_ + 1.0 / rows) * normal_quantile(detectable_power);
        return tolerance + sup_deviation(n_, rows, alpha) + sketch(alpha) + typical;
    }
    double p_drift(double tolerance, double rows) const override {
        if (sketches_ > 0.0) return EffectLaw::p_drift(tolerance, rows);
        return distance_ <= tolerance ? 1.0 : sup_tail(n_, rows, distance_ - tolerance);
    }
    double p_ok(double tolerance, double rows) const override {
        if (sketches_ > 0.0) return EffectLaw::p_ok(tolerance, rows);
        return tolerance <= distance_ ? 1.0 : point_tail(n_, rows, tolerance - distance_);
    }

  private:
    double sketch(double alpha) const { return sketches_ * widened_to(alpha); }

    double n_, distance_, sketches_;
};

}  // namespace

Effect see_ks(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current) {
    Effect effect;
    effect.largest = 1.0;
    const double distance = effect.statistic = std::max(gaps.above, gaps.below);
    effect.value = corrected_distance(gaps.n, gaps.m, distance);
    effect.p_value = ks_limit_p(gaps.n, gaps.m, distance);
    const double sketches = reference.rank_error + current.rank_error;
    if (sketches > 0.0) remark(effect.note, "from sketches");
    effect.law = std::make_shared<KsLaw>(gaps.n, distance, sketches);
    return effect;
}

}  // namespace holdfast::stats::detail

#include <algorithm>
#include <cmath>
#include <utility>

#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"
#include "stats/samples.hpp"
#include "stats/shares.hpp"

namespace holdfast::stats::detail {
namespace {

class TotalVariationLaw final : public EffectLaw {
  public:
    TotalVariationLaw(const CountPair& counts, double distance, double slack)
        : n_(counts.n), width_(counts), distance_(distance), slack_(slack) {}

    double lower(double alpha, double rows) const override {
        return std::max(0.0, distance_ - width_.at(alpha, rows) - slack_);
    }
    double upper(double alpha, double rows) const override {
        return std::min(1.0, distance_ + point_deviation(n_, rows, alpha) + slack_);
    }
    double detectable(double tolerance, double alpha, double rows) const override {
        const double typical = 0.5 * std::sqrt(1.0 / n_ + 1.0 / rows) * normal_quantile(detectable_power);
        return tolerance + width_.at(alpha, rows) + slack_ + typical;
    }
    double p_drift(double tolerance, double rows) const override {
        const double width = distance_ - slack_ - tolerance;
        return width <= 0.0 ? 1.0 : width_.tail(width, rows);
    }
    double p_ok(double tolerance, double rows) const override {
        const double width = tolerance - distance_ - slack_;
        return width <= 0.0 ? 1.0 : point_tail(n_, rows, width);
    }

  private:
    double n_;
    TotalVariationWidth width_;
    double distance_, slack_;
};

}  // namespace

Effect see_total_variation(const ColumnCounts& counts) {
    Effect effect;
    const CountPair pair = count_pair("total_variation", counts.reference, counts.current);
    effect.largest = 1.0;
    effect.statistic = total_variation_of(pair);
    effect.value = corrected_total_variation(pair);
    const double degrees = pair.categories() - 1.0;
    effect.p_value = degrees == 0.0 ? 1.0 : chi2_sf(degrees, chi2_statistic(pair));
    if (counts.slack > 0.0) remark(effect.note, "rare values not counted one by one");
    effect.law = std::make_shared<TotalVariationLaw>(pair, effect.statistic, counts.slack);
    return effect;
}

}  // namespace holdfast::stats::detail

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"
#include "stats/samples.hpp"
#include "stats/shares.hpp"

namespace holdfast::stats::detail {
namespace {

/// Near equality the statistic is a noncentral chi-square whose noncentrality the effect scales. k bins off by e each
/// move its root by at most e k sqrt(n m / (n + m)).
class NoncentralLaw final : public EffectLaw {
  public:
    NoncentralLaw(const NoncentralScale& scale, double plain, double bin_error)
        : scale_(scale), plain_(plain), bin_error_(bin_error) {}

    double lower(double alpha, double rows) const override {
        const double root = std::max(0.0, root_seen(rows) - sketch(alpha, rows));
        return scale_.effect_of(noncentrality_at(scale_.degrees(), root * root, 1.0 - alpha), rows);
    }
    double upper(double alpha, double rows) const override {
        const double root = root_seen(rows) + sketch(alpha, rows);
        return scale_.effect_of(noncentrality_at(scale_.degrees(), root * root, alpha), rows);
    }
    double detectable(double tolerance, double alpha, double rows) const override {
        const double degrees = scale_.degrees();
        const double critical =
            noncentral_chi2_quantile(degrees, scale_.statistic_of(tolerance, rows), 1.0 - alpha);
        const double root = std::sqrt(critical) + 2.0 * sketch(alpha, rows);
        return scale_.effect_of(noncentrality_at(degrees, root * root, 1.0 - detectable_power), rows);
    }
    double p_drift(double tolerance, double rows) const override {
        if (bin_error_ > 0.0) return EffectLaw::p_drift(tolerance, rows);
        return noncentral_chi2_sf(scale_.degrees(), scale_.statistic_of(tolerance, rows), seen(rows));
    }
    double p_ok(double tolerance, double rows) const override {
        if (bin_error_ > 0.0) return EffectLaw::p_ok(tolerance, rows);
        return noncentral_chi2_cdf(scale_.degrees(), scale_.statistic_of(tolerance, rows), seen(rows));
    }

  private:
    double seen(double rows) const { return scale_.statistic_of(plain_, rows); }
    double root_seen(double rows) const { return std::sqrt(seen(rows)); }
    double sketch(double alpha, double rows) const {
        const double n = scale_.reference_rows();
        return bin_error_ * widened_to(alpha) * (scale_.degrees() + 1.0) * std::sqrt(n * rows / (n + rows));
    }

    NoncentralScale scale_;
    double plain_, bin_error_;
};

double rarest_expected(const CountPair& pair) {
    double rarest = std::numeric_limits<double>::infinity();
    const double smaller = std::min(pair.n, pair.m) / (pair.n + pair.m);
    for (std::size_t i = 0; i < pair.reference.size(); ++i)
        rarest = std::min(rarest, (pair.reference[i] + pair.current[i]) * smaller);
    return rarest;
}

double plug_in(std::string_view test, const CountPair& pair) {
    constexpr double smoothing = 0.5;
    if (test == "psi") return psi_of(pair, smoothing);
    if (test == "js") return std::sqrt(js_divergence(pair));
    return std::sqrt(chi2_statistic(pair) / (pair.n + pair.m));
}

}  // namespace

Effect see_divergence(std::string_view test, const ColumnCounts& counts) {
    Effect effect;
    const CountPair pair = count_pair(test, counts.reference, counts.current);
    if (test != "psi") effect.largest = 1.0;
    const double plain = plug_in(test, pair);
    effect.statistic = plain;
    if (test == "chi2") {
        effect.statistic = chi2_statistic(pair);
        effect.p_value = pair.categories() < 2.0 ? 1.0 : chi2_sf(pair.categories() - 1.0, effect.statistic);
    }
    const NoncentralScale scale(test, pair);
    effect.value = scale.corrected(plain, pair.m);
    if (rarest_expected(pair) < 5.0) {
        effect.is_judged = false;
        remark(effect.note, "fewer than five rows expected in a bin: the approximation does not hold");
    }
    if (counts.slack > 0.0) {
        effect.is_judged = false;
        remark(effect.note, "rare values are not counted one by one");
    }
    effect.law = std::make_shared<NoncentralLaw>(scale, plain, counts.bin_error);
    return effect;
}

}  // namespace holdfast::stats::detail

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "stats/compensated.hpp"
#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"
#include "stats/samples.hpp"
#include "stats/shares.hpp"

namespace holdfast::stats::detail {
namespace {

/// Near equality X is n m / (n + m) times the sum of (p - q)^2 / p, whose root bins off by e each move by at most
/// e times the root of n m / (n + m) times the sum of 1 / p.
class DivergenceLaw final : public EffectLaw {
  public:
    DivergenceLaw(const Divergence& divergence, double shift) : divergence_(divergence), shift_(shift) {}

    double lower(double alpha, double rows) const override {
        return divergence_.lower(alpha, rows, shift(alpha, rows));
    }
    double upper(double alpha, double rows) const override {
        return divergence_.upper(alpha, rows, shift(alpha, rows));
    }
    double detectable(double tolerance, double alpha, double rows) const override {
        return divergence_.detectable(tolerance, alpha, rows, detectable_power, shift(alpha, rows));
    }
    double p_drift(double tolerance, double rows) const override {
        return p_within(shift_at(rows), [&](double shift) { return divergence_.p_drift(tolerance, rows, shift); });
    }
    double p_ok(double tolerance, double rows) const override {
        return p_within(shift_at(rows), [&](double shift) { return divergence_.p_ok(tolerance, rows, shift); });
    }

  private:
    double shift_at(double rows) const {
        const double n = divergence_.reference_rows();
        return shift_ * std::sqrt(n * rows / (n + rows));
    }
    double shift(double alpha, double rows) const { return shift_at(rows) * widened_to(alpha); }

    Divergence divergence_;
    double shift_;
};

double root_of_inverse_shares(const CountPair& pair) {
    CompensatedSum sum;
    for (std::size_t i = 0; i < pair.reference.size(); ++i)
        sum.add((pair.n + pair.m) / (pair.reference[i] + pair.current[i]));
    return std::sqrt(sum.value());
}

}  // namespace

Effect see_divergence(std::string_view test, const ColumnCounts& counts) {
    Effect effect;
    const CountPair pair = count_pair(test, counts.reference, counts.current);
    if (test != "psi" && test != "kl") effect.largest = 1.0;
    const Divergence divergence(test, pair);
    effect.statistic = divergence.plain();
    effect.value = divergence.corrected();
    if (test == "chi2" || test == "g_test") {
        effect.statistic = test == "chi2" ? chi2_statistic(pair) : g_statistic(pair);
        effect.p_value = pair.categories() < 2.0 ? 1.0 : chi2_sf(pair.categories() - 1.0, effect.statistic);
    }
    if (test == "g_test" && divergence.fewest_expected() < 50.0) {
        effect.p_value = std::numeric_limits<double>::quiet_NaN();
        remark(effect.note, "fewer than fifty rows expected in a bin: no p-value");
    }
    if (divergence.fewest_expected() < 5.0) {
        effect.is_judged = false;
        remark(effect.note, "fewer than five rows expected in a bin: the approximation does not hold");
    }
    if (counts.slack > 0.0) {
        effect.is_judged = false;
        remark(effect.note, "rare values are not counted one by one");
    }
    if (counts.bin_error > 0.0) remark(effect.note, "from sketches");
    effect.law = std::make_shared<DivergenceLaw>(divergence, counts.bin_error * root_of_inverse_shares(pair));
    return effect;
}

}  // namespace holdfast::stats::detail

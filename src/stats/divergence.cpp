#include <algorithm>
#include <cmath>
#include <numbers>

#include <holdfast/base/math.hpp>

#include "stats/compensated.hpp"
#include "stats/distributions.hpp"
#include "stats/shares.hpp"

namespace holdfast::stats::detail {
namespace {

bool is_root(std::string_view test) { return test == "js" || test == "chi2" || test == "hellinger"; }

double plain_of(std::string_view test, const CountPair& counts, double smoothing) {
    if (test == "psi") return psi_of(counts, smoothing);
    if (test == "kl") return kl_of(counts, smoothing);
    if (test == "js") return std::sqrt(js_divergence(counts));
    if (test == "hellinger") return hellinger_of(counts);
    if (test == "g_test") return g_statistic(counts) / (2.0 * std::numbers::ln2 * (counts.n + counts.m));
    return std::sqrt(chi2_statistic(counts) / (counts.n + counts.m));
}

/// A mean and a variance over categories of given shares.
class ShareVariance {
  public:
    void add(double share, double slope) {
        mean_.add(share * slope);
        squares_.add(share * slope * slope);
    }
    [[nodiscard]] double value() const { return std::max(0.0, squares_.value() - mean_.value() * mean_.value()); }

  private:
    CompensatedSum mean_, squares_;
};

}  // namespace

Divergence::Divergence(std::string_view test, const CountPair& counts, double smoothing)
    : test_(test),
      n_(counts.n),
      m_(counts.m),
      degrees_(std::max(1.0, counts.categories() - 1.0)),
      plain_(plain_of(test, counts, smoothing)) {
    const CountPair pair = smoothed(counts, smoothing);
    ShareVariance reference, current;
    for (std::size_t i = 0; i < pair.reference.size(); ++i) {
        const double p = pair.reference[i] / pair.n, q = pair.current[i] / pair.m;
        const Slopes slope = slopes(p, q);
        rarest_ = std::min(rarest_, (counts.reference[i] + counts.current[i]) / (n_ + m_));
        reference.add(p, slope.reference);
        current.add(q, slope.current);
    }
    of_reference_ = reference.value();
    of_current_ = current.value();
}

Divergence::Slopes Divergence::slopes(double p, double q) const {
    if (test_ == "hellinger") return {-0.5 * std::sqrt(q / p), -0.5 * std::sqrt(p / q)};
    if (test_ == "psi") {
        const double log_ratio = math::log(p / q);
        return {log_ratio - q / p, -log_ratio - p / q};
    }
    if (test_ == "kl") return {math::log(p / q), -p / q};
    if (test_ == "js") {
        const double middle = 0.5 * (p + q);
        return {0.5 * math::log(p / middle) / std::numbers::ln2, 0.5 * math::log(q / middle) / std::numbers::ln2};
    }
    const double of_n = n_ / (n_ + m_), of_m = m_ / (n_ + m_), pooled = of_n * p + of_m * q;
    if (test_ == "g_test") {
        return {of_n * math::log(p / pooled) / std::numbers::ln2, of_m * math::log(q / pooled) / std::numbers::ln2};
    }
    const double gap = (p - q) / pooled;
    return {of_n * of_m * gap * (2.0 - of_n * gap), -of_n * of_m * gap * (2.0 + of_m * gap)};
}

double Divergence::per_unit(double rows) const {
    const double harmonic = n_ * rows / (n_ + rows);
    if (test_ == "psi") return harmonic;
    if (test_ == "js") return 8.0 * std::numbers::ln2 * harmonic;
    if (test_ == "kl") return 2.0 * harmonic;
    if (test_ == "hellinger") return 8.0 * harmonic;
    return (test_ == "g_test" ? 2.0 * std::numbers::ln2 : 1.0) * (n_ + rows);
}

double Divergence::statistic_of(double effect, double rows) const {
    return per_unit(rows) * (is_root(test_) ? effect * effect : effect);
}

double Divergence::effect_of(double statistic, double rows) const {
    const double effect = statistic / per_unit(rows);
    return is_root(test_) ? std::sqrt(effect) : effect;
}

double Divergence::inflation(double rows) const {
    const double few = 1.0 + 5.0 / (rarest_ * std::min(n_, rows));
    const double seen = is_root(test_) ? plain_ * plain_ : plain_;
    if (!(seen > 0.0)) return few;
    return few * std::max(1.0, (of_reference_ / n_ + of_current_ / rows) * per_unit(rows) / (4.0 * seen));
}

double Divergence::corrected() const { return effect_of(std::max(0.0, statistic_of(plain_, m_) - degrees_), m_); }

double Divergence::lower(double alpha, double rows, double shift) const {
    const double r = inflation(rows), root = std::max(0.0, std::sqrt(statistic_of(plain_, rows)) - shift);
    return effect_of(r * noncentrality_at(degrees_, root * root / r, 1.0 - alpha), rows);
}

double Divergence::upper(double alpha, double rows, double shift) const {
    const double r = inflation(rows), root = std::sqrt(statistic_of(plain_, rows)) + shift;
    return effect_of(r * noncentrality_at(degrees_ / r, root * root / r, alpha), rows);
}

double Divergence::p_drift(double tolerance, double rows, double shift) const {
    const double r = inflation(rows), root = std::max(0.0, std::sqrt(statistic_of(plain_, rows)) - shift);
    return noncentral_chi2_sf(degrees_, statistic_of(tolerance, rows) / r, root * root / r);
}

double Divergence::p_ok(double tolerance, double rows, double shift) const {
    const double r = inflation(rows), root = std::sqrt(statistic_of(plain_, rows)) + shift;
    return noncentral_chi2_cdf(degrees_ / r, statistic_of(tolerance, rows) / r, root * root / r);
}

double Divergence::detectable(double tolerance, double alpha, double rows, double power, double shift) const {
    const double r = inflation(rows);
    const double critical = noncentral_chi2_quantile(degrees_, statistic_of(tolerance, rows) / r, 1.0 - alpha);
    const double root = std::sqrt(r * critical) + 2.0 * shift;
    return effect_of(r * noncentrality_at(degrees_ / r, root * root / r, 1.0 - power), rows);
}

}  // namespace holdfast::stats::detail

/// Shares: two rows of counts over the same categories, and what the divergences make of them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace holdfast::stats::detail {

/// Categories that are zero on both sides are left out.
struct CountPair {
    std::vector<double> reference, current;
    double n = 0.0, m = 0.0;
    [[nodiscard]] double categories() const { return static_cast<double>(reference.size()); }
};
/// InvalidArgument: lengths that differ, a negative or non-finite count, a side that sums to zero.
[[nodiscard]] CountPair count_pair(std::string_view test, std::span<const double> reference,
                                   std::span<const double> current);

[[nodiscard]] double total_variation_of(const CountPair& counts);
[[nodiscard]] double chi2_statistic(const CountPair& counts);
[[nodiscard]] double g_statistic(const CountPair& counts);
[[nodiscard]] double psi_of(const CountPair& counts, double smoothing);
[[nodiscard]] double js_divergence(const CountPair& counts);            ///< in bits
[[nodiscard]] double kl_of(const CountPair& counts, double smoothing);  ///< reference from current, in nats
[[nodiscard]] double hellinger_of(const CountPair& counts);
[[nodiscard]] double l_infinity_of(const CountPair& counts);

/// Total variation's one-sided widths; `m` current rows, of which the shares are those of `counts`.
[[nodiscard]] double tv_lower_width(const CountPair& counts, double m, double alpha);

/// psi, kl, js, hellinger, chi2 and g_test behave, near equality, as a noncentral chi-square X with categories - 1
/// degrees of freedom whose noncentrality is `scale` times a function of the effect.
class NoncentralScale {
  public:
    NoncentralScale(std::string_view test, const CountPair& counts, double m);
    [[nodiscard]] double statistic_of(double effect) const;  ///< X at which the plug-in effect is this
    [[nodiscard]] double effect_of(double noncentrality) const;
    [[nodiscard]] double degrees() const { return degrees_; }

  private:
    bool is_root_;     // the effect is the root of what is proportional to X (js, hellinger, chi2)
    double per_unit_;  // X per unit of effect (or of its square)
    double degrees_;
};

}  // namespace holdfast::stats::detail

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

/// Without what chance alone adds to the square: E of the squared distance at equality, by pairs of categories.
[[nodiscard]] double corrected_total_variation(const CountPair& counts);

/// TV(p, q) >= TV of the samples - Z, Z = half the sum of |(p_n - p) - (q_m - q)|. Either Z's mean is bounded by Jensen
/// and its excess by McDiarmid, or the union over the 2^k - 2 subsets of categories by Hoeffding (Weissman et al. 2003).
class TotalVariationWidth {
  public:
    explicit TotalVariationWidth(const CountPair& counts);
    /// What Z exceeds with probability alpha at most, `rows` current rows with the shares that were seen.
    [[nodiscard]] double at(double alpha, double rows) const;
    /// The smallest alpha at which the width is this.
    [[nodiscard]] double tail(double width, double rows) const;

  private:
    [[nodiscard]] double mean(double rows) const;

    double n_, m_;
    double mean_;         // of Z, with the rows there are
    double log_subsets_;  // log(2^k - 2)
};

/// psi, kl, js, hellinger, chi2 and g_test behave, near equality, as a noncentral chi-square X with categories - 1
/// degrees of freedom whose noncentrality is a multiple of the effect (or of its square).
class NoncentralScale {
  public:
    NoncentralScale(std::string_view test, const CountPair& counts);
    [[nodiscard]] double statistic_of(double effect, double rows) const;  ///< X at which the plug-in effect is this
    [[nodiscard]] double effect_of(double noncentrality, double rows) const;
    /// What is left of a plug-in effect when the mean of X at equality, its degrees of freedom, is taken off.
    [[nodiscard]] double corrected(double effect, double rows) const;
    [[nodiscard]] double degrees() const { return degrees_; }
    [[nodiscard]] double reference_rows() const { return n_; }

  private:
    [[nodiscard]] double per_unit(double rows) const;  // X per unit of effect (or of its square)

    bool is_root_;    // the effect is the root of what is proportional to X (js, hellinger, chi2)
    bool by_total_;   // X per unit grows with n + m (chi2, g_test), not with n m / (n + m)
    double factor_, n_, degrees_;
};

}  // namespace holdfast::stats::detail

/// Shares: two rows of counts over the same categories, and what the divergences make of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
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
/// A count of zero is taken as `smoothing`.
[[nodiscard]] CountPair smoothed(CountPair counts, double smoothing);

/// Without what chance alone adds to the square: E of the squared distance at equality, by pairs of categories.
[[nodiscard]] double corrected_total_variation(const CountPair& counts);

/// TV(p, q) >= TV of the samples - Z, Z = half the sum of |(p_n - p) - (q_m - q)|. Either Z's mean is bounded by Jensen
/// and its excess by McDiarmid, or the union over the 2^k - 2 subsets of categories by Hoeffding (Weissman et al.
/// 2003).
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

/// psi, kl, js, hellinger, chi2 and g_test: the plain value, its bias-corrected one, and its law.
///
/// Near equality X, the value (or its square, of js, hellinger and chi2) times `per_unit`, is a noncentral chi-square
/// with categories - 1 degrees of freedom (Cressie and Read, J. R. Stat. Soc. B 46, 1984). Farther off its variance is
/// the delta method's, r times the law's 4 lambda: X / r is then taken as noncentral chi-square, r at least 1.
class Divergence {
  public:
    Divergence(std::string_view test, const CountPair& counts, double smoothing = 0.5);

    [[nodiscard]] double plain() const { return plain_; }
    /// What is left when the mean of X at equality, its degrees of freedom, is taken off.
    [[nodiscard]] double corrected() const;
    /// `shift`: what the root of X may be off by besides.
    [[nodiscard]] double lower(double alpha, double rows, double shift = 0.0) const;
    [[nodiscard]] double upper(double alpha, double rows, double shift = 0.0) const;
    [[nodiscard]] double p_drift(double tolerance, double rows, double shift = 0.0) const;
    [[nodiscard]] double p_ok(double tolerance, double rows, double shift = 0.0) const;
    [[nodiscard]] double detectable(double tolerance, double alpha, double rows, double power, double shift) const;
    [[nodiscard]] double reference_rows() const { return n_; }
    /// In the rarest category of the smaller side.
    [[nodiscard]] double fewest_expected() const { return rarest_ * std::min(n_, m_); }

  private:
    struct Slopes {
        double reference = 0.0, current = 0.0;
    };
    [[nodiscard]] Slopes slopes(double p, double q) const;  // of the value by one category's shares
    [[nodiscard]] double per_unit(double rows) const;
    [[nodiscard]] double inflation(double rows) const;
    [[nodiscard]] double statistic_of(double effect, double rows) const;
    [[nodiscard]] double effect_of(double statistic, double rows) const;

    std::string test_;
    double n_, m_, degrees_;
    double plain_ = 0.0;
    double rarest_ = 1.0;                           // share of a category, pooled
    double of_reference_ = 0.0, of_current_ = 0.0;  // variance of one row's share in the value, or its square
};

}  // namespace holdfast::stats::detail

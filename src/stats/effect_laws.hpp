/// Laws that several tests share.
#pragma once

#include <holdfast/stats/effects.hpp>

#include "stats/curve_squares.hpp"

namespace holdfast::stats::detail {

/// abs(d) where d is Student's about its true value, with a variance of `reference / n + current / rows`.
class AbsoluteLaw final : public EffectLaw {
  public:
    struct Variance {
        double n = 0.0, reference = 0.0, current = 0.0;  ///< of one row of each side
    };
    /// `slack`: what `distance` may be off by besides, at 99 %.
    AbsoluteLaw(double distance, Variance variance, double slack = 0.0)
        : distance_(std::abs(distance)), variance_(variance), slack_(slack) {}

    double lower(double alpha, double rows) const override;
    double upper(double alpha, double rows) const override;
    double detectable(double tolerance, double alpha, double rows) const override;
    double p_drift(double tolerance, double rows) const override;
    double p_ok(double tolerance, double rows) const override;

  private:
    double error(double rows) const;
    double degrees(double rows) const;  // Welch and Satterthwaite
    double tail(double width, double tolerance, double rows) const;
    double critical(double alpha, double tolerance, double rows) const;

    double distance_;
    Variance variance_;
    double slack_;
};

/// The norm of F - G in a space of square-integrable functions, of which the effect is a multiple of the norm or of its
/// square. By the triangle inequality it is the norm seen, give or take the norm of the noise, whose square has the
/// mean S = `reference / n + current / rows` and is a weighted sum of chi-squares: P(it > z^2 S) is at most that of one
/// chi-square, P(abs(Z) > z), where that is below 0.215 (Szekely and Bakirov, Prob. Theory Relat. Fields 126, 2003).
class NormLaw final : public EffectLaw {
  public:
    struct Parts {
        double norm = 0.0;                               ///< seen
        double n = 0.0, reference = 0.0, current = 0.0;  ///< of S
        double slack = 0.0;                              ///< what the norm may be off by besides, at 99 %
        double unit = 1.0;                               ///< the effect is norm / unit, or its square
        bool is_square = false;
    };
    explicit NormLaw(const Parts& parts) : parts_(parts) {}

    double lower(double alpha, double rows) const override;
    double upper(double alpha, double rows) const override;
    double detectable(double tolerance, double alpha, double rows) const override;
    double p_drift(double tolerance, double rows) const override;
    double p_ok(double tolerance, double rows) const override;
    /// The effect without what chance alone adds to the square of the norm.
    double corrected(double rows) const;

  private:
    double noise(double rows) const;
    double slack_at(double alpha) const;
    double effect_of(double norm) const;
    double norm_of(double effect) const;

    Parts parts_;
};

/// Of one of the spaces of two samples' squares; `n` reference rows.
[[nodiscard]] NormLaw::Parts energy_parts(const CurveSquares& squares, double n);
[[nodiscard]] NormLaw::Parts cramer_von_mises_parts(const CurveSquares& squares, double n);
[[nodiscard]] NormLaw::Parts anderson_darling_parts(const CurveSquares& squares, double n);

/// Both bounds of a test's result at its interval's level; unknown below two rows.
void take_interval(TestResult& result, const EffectLaw& law, double largest);

}  // namespace holdfast::stats::detail

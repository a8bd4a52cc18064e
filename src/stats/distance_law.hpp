/// DistanceLaw: of a distance in [0, 1] that is the largest of many means' differences. What chance may add to it is a
/// Width's matter; what it may take off is Hoeffding's bound on the one mean whose true difference is the largest.
#pragma once

#include <algorithm>
#include <cmath>

#include <holdfast/stats/effects.hpp>

#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"

namespace holdfast::stats::detail {

/// Width: `at(alpha, rows)`, what chance adds with probability alpha at most, and `tail(width, rows)`, its inverse.
template <class Width>
class DistanceLaw final : public EffectLaw {
  public:
    /// `sketch`: what the distance may be off by at 99 %; `slack`: at worst.
    DistanceLaw(double n, Width width, double distance, double sketch, double slack = 0.0)
        : n_(n), width_(width), distance_(distance), sketch_(sketch), slack_(slack) {}

    double lower(double alpha, double rows) const override {
        return std::max(0.0, distance_ - width_.at(alpha, rows) - off(alpha));
    }
    double upper(double alpha, double rows) const override {
        return std::min(1.0, distance_ + point_deviation(n_, rows, alpha) + off(alpha));
    }
    double detectable(double tolerance, double alpha, double rows) const override {
        const double typical = 0.5 * std::sqrt(1.0 / n_ + 1.0 / rows) * normal_quantile(detectable_power);
        return tolerance + width_.at(alpha, rows) + 2.0 * off(alpha) + typical;
    }
    double p_drift(double tolerance, double rows) const override {
        return p_within(sketch_, [&](double sketch) {
            const double width = distance_ - slack_ - sketch - tolerance;
            return width > 0.0 ? width_.tail(width, rows) : 1.0;
        });
    }
    double p_ok(double tolerance, double rows) const override {
        return p_within(sketch_, [&](double sketch) {
            const double width = tolerance - distance_ - slack_ - sketch;
            return width > 0.0 ? point_tail(n_, rows, width) : 1.0;
        });
    }

  private:
    double off(double alpha) const { return sketch_ * widened_to(alpha) + slack_; }

    double n_;
    Width width_;
    double distance_, sketch_, slack_;
};

}  // namespace holdfast::stats::detail

#include "stats/effect_laws.hpp"

#include <algorithm>
#include <cmath>

#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"

namespace holdfast::stats::detail {

double AbsoluteLaw::error(double rows) const {
    return std::sqrt(variance_.reference / variance_.n + variance_.current / rows);
}

double AbsoluteLaw::degrees(double rows) const {
    const double a = variance_.reference / variance_.n, b = variance_.current / rows, all = a + b;
    if (!(all > 0.0 && std::isfinite(all))) return 1.0;
    const double share = a / all, other = b / all;
    return 1.0 / (share * share / std::max(1.0, variance_.n - 1.0) + other * other / std::max(1.0, rows - 1.0));
}

// P(abs(d) >= tolerance + width) where the true abs(d) is the tolerance: mostly to its own side.
double AbsoluteLaw::tail(double width, double tolerance, double rows) const {
    const double scale = error(rows);
    if (!std::isfinite(scale)) return 1.0;
    if (scale == 0.0) return width > 0.0 ? 0.0 : 1.0;
    const double freedom = degrees(rows);
    return std::min(1.0, t_sf(freedom, width / scale) + t_sf(freedom, (width + 2.0 * tolerance) / scale));
}

// The width whose tail is alpha.
double AbsoluteLaw::critical(double alpha, double tolerance, double rows) const {
    const double scale = error(rows);
    if (!std::isfinite(scale) || scale == 0.0) return scale;
    const double freedom = degrees(rows);
    double low = std::max(0.0, t_quantile(freedom, 1.0 - alpha)), high = t_quantile(freedom, 1.0 - alpha / 2.0);
    while (high - low > 1e-9 * high) {
        const double middle = 0.5 * (low + high);
        (tail(middle * scale, tolerance, rows) > alpha ? low : high) = middle;
    }
    return high * scale;
}

double AbsoluteLaw::p_drift(double tolerance, double rows) const {
    return p_within(slack_, [&](double slack) {
        const double width = distance_ - slack - tolerance;
        return width > 0.0 ? tail(width, tolerance, rows) : 1.0;
    });
}

double AbsoluteLaw::p_ok(double tolerance, double rows) const {
    const double scale = error(rows);
    return p_within(slack_, [&](double slack) {
        const double room = tolerance - distance_ - slack;
        if (!(room > 0.0) || !std::isfinite(scale)) return 1.0;
        return scale == 0.0 ? 0.0 : t_sf(degrees(rows), room / scale);
    });
}

// The tolerance whose tail is alpha: between what half of alpha to either side, and all of it to one, allow.
double AbsoluteLaw::lower(double alpha, double rows) const {
    const double seen = distance_ - slack_ * widened_to(alpha), scale = error(rows);
    if (!std::isfinite(scale)) return 0.0;
    if (scale == 0.0) return std::max(0.0, seen);
    const double freedom = degrees(rows);
    double low = std::max(0.0, seen - t_quantile(freedom, 1.0 - alpha / 2.0) * scale);
    double high = std::max(0.0, seen - t_quantile(freedom, 1.0 - alpha) * scale);
    while (high - low > 1e-10 * high) {
        const double middle = 0.5 * (low + high);
        (tail(seen - middle, middle, rows) > alpha ? high : low) = middle;
    }
    return low;
}

double AbsoluteLaw::upper(double alpha, double rows) const {
    return distance_ + slack_ * widened_to(alpha) + t_quantile(degrees(rows), 1.0 - alpha) * error(rows);
}

double AbsoluteLaw::detectable(double tolerance, double alpha, double rows) const {
    return tolerance + critical(alpha, tolerance, rows) + 2.0 * slack_ * widened_to(alpha) +
           normal_quantile(detectable_power) * error(rows);
}

double NormLaw::noise(double rows) const { return std::sqrt(parts_.reference / parts_.n + parts_.current / rows); }

double NormLaw::slack_at(double alpha) const { return parts_.slack * widened_to(alpha); }

double NormLaw::effect_of(double norm) const {
    const double effect = std::max(0.0, norm) / parts_.unit;
    return parts_.is_square ? effect * effect : effect;
}

double NormLaw::norm_of(double effect) const { return (parts_.is_square ? std::sqrt(effect) : effect) * parts_.unit; }

double NormLaw::lower(double alpha, double rows) const {
    return effect_of(parts_.norm - slack_at(alpha) - normal_quantile(1.0 - alpha / 2.0) * noise(rows));
}

double NormLaw::upper(double alpha, double rows) const {
    return effect_of(parts_.norm + slack_at(alpha) + normal_quantile(1.0 - alpha) * noise(rows));
}

double NormLaw::detectable(double tolerance, double alpha, double rows) const {
    const double quantiles = normal_quantile(1.0 - alpha / 2.0) + normal_quantile(detectable_power);
    return effect_of(norm_of(tolerance) + 2.0 * slack_at(alpha) + quantiles * noise(rows));
}

double NormLaw::p_drift(double tolerance, double rows) const {
    return p_within(parts_.slack, [&](double slack) {
        const double excess = parts_.norm - slack - norm_of(tolerance);
        return excess > 0.0 ? std::min(1.0, 2.0 * normal_sf(excess / noise(rows))) : 1.0;
    });
}

double NormLaw::p_ok(double tolerance, double rows) const {
    return p_within(parts_.slack, [&](double slack) {
        const double room = norm_of(tolerance) - parts_.norm - slack;
        return room > 0.0 ? normal_sf(room / noise(rows)) : 1.0;
    });
}

double NormLaw::corrected(double rows) const {
    const double mean_square = noise(rows) * noise(rows);
    return effect_of(std::sqrt(std::max(0.0, parts_.norm * parts_.norm - mean_square)));
}

NormLaw::Parts energy_parts(const CurveSquares& squares, double n) {
    const CurveSquares::Space& space = squares.over_values;
    return {std::sqrt(space.gap), n, space.reference, space.current, 0.0, std::sqrt(squares.across), true};
}

NormLaw::Parts cramer_von_mises_parts(const CurveSquares& squares, double n) {
    const CurveSquares::Space& space = squares.over_rows;
    return {std::sqrt(space.gap), n, space.reference, space.current, 0.0, 1.0, false};
}

NormLaw::Parts anderson_darling_parts(const CurveSquares& squares, double n) {
    const CurveSquares::Space& space = squares.over_odds;
    return {std::sqrt(space.gap), n, space.reference, space.current, 0.0, 1.0, true};
}

void take_interval(TestResult& result, const EffectLaw& law, double largest) {
    if (result.reference_rows < 2 || result.current_rows < 2) return;
    const double tail = 0.5 * (1.0 - result.interval.level), rows = static_cast<double>(result.current_rows);
    result.interval.lower = law.lower(tail, rows);
    result.interval.upper = std::min(largest, law.upper(tail, rows));
}

}  // namespace holdfast::stats::detail

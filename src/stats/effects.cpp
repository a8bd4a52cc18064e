#include <holdfast/stats/effects.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

#include "stats/compensated.hpp"
#include "stats/curves.hpp"
#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/kstwo.hpp"
#include "stats/profile_counts.hpp"
#include "stats/samples.hpp"
#include "stats/shares.hpp"
#include "stats/wasserstein_bounds.hpp"

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double power = 0.8;  // with which `detectable` is called drift
constexpr std::array<std::string_view, 7> names{"ks", "wasserstein", "total_variation", "missing", "psi", "js", "chi2"};

/// Bounds of an effect, and of what could be seen, were there `m` current rows like those there are.
struct Bounds {
    double lower = nan, upper = nan, detectable = nan;
};

/// What was seen, and its bounds as a function of the number of current rows.
struct Seen {
    double statistic = nan, p_value = nan, effect = nan;
    double largest = infinite;  // the effect's own maximum
    double n = 0.0, m = 0.0;
    std::function<Bounds(double m)> bounds;
    std::string note;
    bool judged = true;  // false: the bounds do not hold here, and no verdict is given
};

using detail::remark;

Seen see_ks(const ColumnProfile& reference, const ColumnProfile& current, double tolerance, double alpha) {
    Seen seen;
    seen.n = static_cast<double>(reference.finite());
    seen.m = static_cast<double>(current.finite());
    seen.largest = 1.0;
    double largest = 0.0;
    const auto a = reference.sketch.sorted(), b = current.sketch.sorted();
    detail::walk(a, seen.n, b, seen.m,
                 [&](double, double, double f, double g) { largest = std::max(largest, std::abs(f - g)); });
    seen.statistic = seen.effect = largest;
    const double sizes = seen.n * seen.m / (seen.n + seen.m);
    seen.p_value =
        detail::kstwo_sf(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::nearbyint(sizes))), largest);
    const double sketches = reference.sketch.rank_error() + current.sketch.rank_error();
    if (sketches > 0.0) remark(seen.note, "from sketches");
    seen.bounds = [=, n = seen.n](double m) {
        const double sketch = sketches * detail::widened_to(alpha);
        const double down = detail::sup_deviation(n, m, alpha) + sketch;
        const double up = detail::point_deviation(n, m, alpha) + sketch;
        const double typical = 0.5 * std::sqrt(1.0 / n + 1.0 / m) * detail::normal_quantile(power);
        return Bounds{std::max(0.0, largest - down), std::min(1.0, largest + up), tolerance + down + typical};
    };
    return seen;
}

// Twice what one sketch may be off by at a point, integrated: fewer than 1 / k of the values hardly pass a compaction.
double sketch_area(const ColumnProfile& column) {
    const double error = column.sketch.point_rank_error();
    if (error == 0.0) return 0.0;
    const auto kept = column.sketch.sorted();
    const auto n = static_cast<double>(column.finite());
    detail::CompensatedSum sum;
    detail::walk(kept, n, {}, 1.0, [&](double x, double next, double f, double) {
        sum.add(std::min(1.0, std::sqrt(column.sketch.k() * std::max(0.0, f * (1.0 - f)))) * (next - x));
    });
    return error * sum.value();
}

double variance_of(const ColumnProfile& column) { return column.finite() < 2 ? 0.0 : column.variance(); }

Seen see_constant_reference(Seen seen, double tolerance) {
    const double effect = seen.statistic == 0.0 ? 0.0 : infinite;
    seen.effect = effect;
    remark(seen.note, "the reference is constant");
    seen.judged = seen.n > 1.0;
    seen.bounds = [effect, tolerance](double) { return Bounds{effect, effect, tolerance}; };
    return seen;
}

Seen see_wasserstein(const ColumnProfile& reference, const ColumnProfile& current, double tolerance, double alpha) {
    Seen seen;
    seen.n = static_cast<double>(reference.finite());
    seen.m = static_cast<double>(current.finite());
    auto a = reference.sketch.sorted(), b = current.sketch.sorted();
    detail::CompensatedSum sum;
    detail::walk(a, seen.n, b, seen.m,
                 [&](double x, double next, double f, double g) { sum.add(std::abs(f - g) * (next - x)); });
    const double area = seen.statistic = sum.value();
    const double unit = std::sqrt(variance_of(reference));
    if (reference.min == reference.max || unit == 0.0) return see_constant_reference(std::move(seen), tolerance);
    seen.effect = area / unit;
    const double sketches = sketch_area(reference) + sketch_area(current);
    if (sketches > 0.0) remark(seen.note, "from sketches");
    const detail::Spread of_reference{seen.n, reference.mean, variance_of(reference)};
    const detail::Spread of_current{seen.m, current.mean, variance_of(current)};
    const detail::WassersteinBounds bounds(std::move(a), std::move(b), of_reference, of_current);
    const double of_means = std::abs(reference.mean - current.mean);
    seen.bounds = [=](double m) {
        const double sketch = sketches * detail::widened_to(alpha);
        // The means are exact: the sketches' error touches the bound by the area alone.
        const double low = std::max(bounds.lower(area - sketch, m, alpha), 0.0);
        const double high = std::max(bounds.upper(area + sketch, m, alpha), of_means);
        const double typical = bounds.standard_error(m) * detail::normal_quantile(power);
        return Bounds{low / unit, high / unit, tolerance + (bounds.lower_width(m, alpha) + sketch + typical) / unit};
    };
    return seen;
}

Seen see_total_variation(const ProfileCounts& counts, double tolerance, double alpha) {
    Seen seen;
    const auto pair = detail::count_pair("total_variation", counts.reference, counts.current);
    seen.n = pair.n;
    seen.m = pair.m;
    seen.largest = 1.0;
    const double effect = seen.statistic = seen.effect = detail::total_variation_of(pair);
    const double degrees = pair.categories() - 1.0;
    seen.p_value = degrees == 0.0 ? 1.0 : detail::chi2_sf(degrees, detail::chi2_statistic(pair));
    if (counts.slack > 0.0) remark(seen.note, "rare values not counted one by one");
    seen.bounds = [=, slack = counts.slack](double m) {
        const double down = detail::tv_lower_width(pair, m, alpha) + slack;
        const double up = detail::point_deviation(pair.n, m, alpha) + slack;
        const double typical = 0.5 * std::sqrt(1.0 / pair.n + 1.0 / m) * detail::normal_quantile(power);
        return Bounds{std::max(0.0, effect - down), std::min(1.0, effect + up), tolerance + down + typical};
    };
    return seen;
}

double rarest_expected(const detail::CountPair& pair) {
    double rarest = infinite;
    const double all = pair.n + pair.m;
    for (std::size_t i = 0; i < pair.reference.size(); ++i) {
        const double column = pair.reference[i] + pair.current[i];
        rarest = std::min(rarest, column * std::min(pair.n, pair.m) / all);
    }
    return rarest;
}

double plug_in(std::string_view test, const detail::CountPair& pair) {
    constexpr double smoothing = 0.5;
    if (test == "psi") return detail::psi_of(pair, smoothing);
    if (test == "js") return std::sqrt(detail::js_divergence(pair));
    return std::sqrt(detail::chi2_statistic(pair) / (pair.n + pair.m));
}

Seen see_divergence(std::string_view test, const ProfileCounts& counts, double tolerance, double alpha) {
    Seen seen;
    const auto pair = detail::count_pair(test, counts.reference, counts.current);
    seen.n = pair.n;
    seen.m = pair.m;
    if (test != "psi") seen.largest = 1.0;
    const double plain = plug_in(test, pair);
    seen.statistic = test == "chi2" ? detail::chi2_statistic(pair) : plain;
    if (test == "chi2") {
        seen.p_value = pair.categories() < 2.0 ? 1.0 : detail::chi2_sf(pair.categories() - 1.0, seen.statistic);
    }
    const detail::NoncentralScale here(test, pair, pair.m);
    // What is left of the statistic when the noise of equal samples, its degrees of freedom, is taken off.
    seen.effect = here.effect_of(std::max(0.0, here.statistic_of(plain) - here.degrees()));
    if (rarest_expected(pair) < 5.0) {
        seen.judged = false;
        remark(seen.note, "fewer than five rows expected in a bin: the approximation does not hold");
    }
    if (counts.slack > 0.0) {
        seen.judged = false;
        remark(seen.note, "rare values are not counted one by one");
    }
    seen.bounds = [=, name = std::string(test), bin_error = counts.bin_error](double m) {
        const detail::NoncentralScale scale(name, pair, m);
        // Near equality X is n m / (n + m) times the sum of (p - q)^2 / p: k bins off by e each move its root by at
        // most e k sqrt(n m / (n + m)).
        const double sketch =
            bin_error * detail::widened_to(alpha) * pair.categories() * std::sqrt(pair.n * m / (pair.n + m));
        const double x = scale.statistic_of(plain);
        const double low = std::max(0.0, std::sqrt(x) - sketch), high = std::sqrt(x) + sketch;
        const double degrees = scale.degrees();
        const double critical = detail::noncentral_chi2_quantile(degrees, scale.statistic_of(tolerance), 1.0 - alpha);
        const double seen_root = std::sqrt(critical) + 2.0 * sketch;
        return Bounds{scale.effect_of(detail::noncentrality_at(degrees, low * low, 1.0 - alpha)),
                      scale.effect_of(detail::noncentrality_at(degrees, high * high, alpha)),
                      scale.effect_of(detail::noncentrality_at(degrees, seen_root * seen_root, 1.0 - power))};
    };
    return seen;
}

Seen see(std::string_view test, const ColumnProfile& reference, const ColumnProfile& current, double tolerance,
         double alpha) {
    if (test == "ks") return see_ks(reference, current, tolerance, alpha);
    if (test == "wasserstein") return see_wasserstein(reference, current, tolerance, alpha);
    if (test == "missing") return see_total_variation(missing_counts(reference, current), tolerance, alpha);
    const ProfileCounts counts =
        kind_of(reference.type) == ColumnKind::numeric || kind_of(reference.type) == ColumnKind::timestamp
            ? binned_counts(reference, current)
            : item_counts(reference, current);
    if (test == "total_variation") return see_total_variation(counts, tolerance, alpha);
    return see_divergence(test, counts, tolerance, alpha);
}

Verdict judge(const Bounds& bounds, double tolerance) {
    if (bounds.lower > tolerance) return Verdict::drift;
    return bounds.upper < tolerance ? Verdict::ok : Verdict::insufficient;
}

// The smallest number of current rows at which the effect seen would be settled; 0: none would.
std::int64_t rows_that_settle(const Seen& seen, double tolerance) {
    constexpr double most = 1e12;
    const auto settled = [&](double m) { return judge(seen.bounds(m), tolerance) != Verdict::insufficient; };
    double low = seen.m, high = seen.m;
    while (!settled(high)) {
        if (high >= most) return 0;
        low = high;
        high *= 4.0;
    }
    while (high - low > std::max(1.0, 1e-3 * high)) {
        const double middle = std::floor(0.5 * (low + high));
        (settled(middle) ? high : low) = middle;
    }
    return static_cast<std::int64_t>(std::ceil(high));
}

void check(std::string_view test, const ColumnProfile& reference, const ColumnProfile& current, double tolerance,
           double alpha) {
    const ColumnKind kind = kind_of(reference.type);
    if (std::find(names.begin(), names.end(), test) == names.end()) {
        std::string known;
        for (std::string_view name : names) known += (known.empty() ? "" : ", ") + std::string(name);
        throw InvalidArgument("drift test \"" + std::string(test) + "\" is unknown; wanted: " + known);
    }
    if (kind != kind_of(current.type)) {
        throw InvalidArgument("the reference column is " + std::string(to_string(kind)) + ", the current one " +
                              std::string(to_string(kind_of(current.type))) + "; the same wanted");
    }
    if (!applies_to(test, kind)) {
        throw InvalidArgument("drift test \"" + std::string(test) + "\" does not compare " +
                              std::string(to_string(kind)) + " columns");
    }
    if (!(alpha > 0.0 && alpha < 1.0))
        throw InvalidArgument("alpha is " + std::to_string(alpha) + ", between 0 and 1 wanted");
    if (!(tolerance >= 0.0)) throw InvalidArgument("tolerance is " + std::to_string(tolerance) + ", 0 or more wanted");
}

bool has_nothing_to_compare(std::string_view test, const ColumnProfile& reference, const ColumnProfile& current) {
    if (reference.rows == 0 || current.rows == 0) return true;
    if (test == "missing") return false;
    if (reference.is_private || current.is_private) return true;
    const ColumnKind kind = kind_of(reference.type);
    const bool numbers = kind == ColumnKind::numeric || kind == ColumnKind::timestamp;
    return numbers && (reference.finite() == 0 || current.finite() == 0);
}

}  // namespace

std::vector<std::string_view> effect_tests() { return {names.begin(), names.end()}; }

bool applies_to(std::string_view test, ColumnKind kind) noexcept {
    const bool numbers = kind == ColumnKind::numeric || kind == ColumnKind::timestamp;
    if (test == "ks" || test == "wasserstein") return numbers;
    if (test == "total_variation") return !numbers;
    return std::find(names.begin(), names.end(), test) != names.end();
}

ColumnDrift effect_of(std::string_view test, const ColumnProfile& reference, const ColumnProfile& current,
                      double tolerance, double alpha) {
    check(test, reference, current, tolerance, alpha);
    ColumnDrift drift;
    drift.test = std::string(test);
    drift.tolerance = tolerance;
    drift.statistic = drift.p_value = drift.effect = drift.detectable = nan;
    drift.interval = {nan, nan, 1.0 - 2.0 * alpha};
    if (has_nothing_to_compare(test, reference, current)) {
        drift.note = reference.is_private || current.is_private ? "a private column: its values are not kept"
                                                                : "a side has no finite value";
        return drift;
    }
    const Seen seen = see(test, reference, current, tolerance, alpha);
    const Bounds bounds = seen.bounds(seen.m);
    drift.statistic = seen.statistic;
    drift.p_value = seen.p_value;
    drift.effect = seen.effect;
    drift.interval.lower = bounds.lower;
    drift.interval.upper = std::min(bounds.upper, seen.largest);
    drift.detectable = bounds.detectable > seen.largest ? infinite : bounds.detectable;
    drift.note = seen.note;
    if (!seen.judged) return drift;
    drift.verdict = judge(bounds, tolerance);
    if (drift.verdict == Verdict::insufficient) {
        drift.rows_wanted = rows_that_settle(seen, tolerance);
        if (drift.rows_wanted == 0) remark(drift.note, "no number of current rows would settle it at this effect");
    }
    return drift;
}

}  // namespace holdfast::stats

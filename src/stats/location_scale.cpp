#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <holdfast/base/math.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/compensated.hpp"
#include "stats/distributions.hpp"
#include "stats/location_scale.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

// Takes a sample's middle value off, so that a large offset does not eat the digits.
double take_off_middle(std::vector<double>& sorted) {
    const double middle = sorted[sorted.size() / 2];
    for (double& value : sorted) value -= middle;
    return middle;
}

bool is_huge(const std::vector<double>& sorted) { return std::max(-sorted.front(), sorted.back()) > 0x1p1022; }

// A difference over a spread of nothing: none, or infinite.
double over_nothing(double difference) { return difference == 0.0 ? 0.0 : std::copysign(infinite, difference); }

// Welch and Satterthwaite, of two means' variances.
double welch_degrees(double a, double n, double b, double m) {
    const double share = a / (a + b), other = b / (a + b);
    return 1.0 / (share * share / (n - 1.0) + other * other / (m - 1.0));
}

double welch_width(double a, double n, double b, double m, double level) {
    return detail::t_quantile(welch_degrees(a, n, b, m), 0.5 + 0.5 * level) * std::sqrt(a + b);
}

std::vector<double> deviations(std::span<const double> sorted, LeveneCenter center) {
    const std::size_t n = sorted.size();
    const double middle =
        center == LeveneCenter::mean ? detail::moments_of(sorted).mean : 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
    std::vector<double> all;
    all.reserve(n);
    for (double value : sorted) all.push_back(std::abs(value - middle));
    return all;
}

}  // namespace

namespace detail {

Moments moments_of(std::span<const double> values) {
    Moments of;
    of.n = static_cast<double>(values.size());
    CompensatedSum sum, squares, cubes, fourths;
    for (double value : values) sum.add(value);
    of.mean = sum.value() / of.n;
    for (double value : values) {
        const double gap = value - of.mean, square = gap * gap;
        squares.add(square);
        cubes.add(square * gap);
        fourths.add(square * square);
    }
    of.squares = squares.value();
    of.cubes = cubes.value() / of.n;
    of.fourths = fourths.value() / of.n;
    return of;
}

Moments median_deviations(std::span<const double> sorted) {
    return moments_of(deviations(sorted, LeveneCenter::median));
}

double median_shortfall(std::span<const double> sorted) {
    const std::size_t n = sorted.size(), reach = static_cast<std::size_t>(std::sqrt(static_cast<double>(n)));
    const std::size_t from = (n - 1) / 2 - std::min((n - 1) / 2, reach), to = std::min(n - 1, n / 2 + reach);
    return to == from ? 0.0 : (sorted[to] - sorted[from]) / (4.0 * static_cast<double>(to - from));
}

double levene_root(const Moments& a, const Moments& b) {
    const double rows = a.n + b.n;
    return std::abs(b.mean - a.mean) * std::sqrt(a.n * b.n / rows * (rows - 2.0) / (a.squares + b.squares));
}

}  // namespace detail

TestResult welch(std::span<const double> reference, std::span<const double> current) {
    auto samples = detail::sorted_pair("welch", reference, current);
    TestResult result = detail::result_of("welch", samples.n(), samples.m());
    result.note = samples.note;
    if (!detail::is_finite(samples)) {
        detail::remark(result.note, "infinite values: no mean");
        return result;
    }
    if (samples.n() < 2 || samples.m() < 2) {
        detail::remark(result.note, "a sample of one row: no variance");
        return result;
    }
    detail::rescale(samples);
    double apart = -take_off_middle(samples.reference) + take_off_middle(samples.current);
    apart = std::ldexp(apart, -detail::rescale(samples));
    const auto a = detail::moments_of(samples.reference), b = detail::moments_of(samples.current);
    const double difference = apart + (b.mean - a.mean);
    const double of_a = a.squares / (a.n - 1.0), of_b = b.squares / (b.n - 1.0);
    const double error = std::sqrt(of_a / a.n + of_b / b.n), unit = std::sqrt(0.5 * (of_a + of_b));
    if (error == 0.0) {
        result.effect = over_nothing(difference);
        result.statistic = -result.effect;
        result.p_value = difference == 0.0 ? 1.0 : 0.0;
        detail::remark(result.note, "neither sample varies");
        return result;
    }
    result.statistic = -difference / error;
    const double degrees = welch_degrees(of_a / a.n, a.n, of_b / b.n, b.n);
    result.p_value = 2.0 * detail::t_sf(degrees, std::abs(result.statistic));
    result.effect = difference / unit;
    const double width = detail::t_quantile(degrees, 0.5 + 0.5 * result.interval.level) * error / unit;
    result.interval.lower = result.effect - width;
    result.interval.upper = result.effect + width;
    return result;
}

TestResult levene(std::span<const double> reference, std::span<const double> current, LeveneCenter center) {
    auto samples = detail::sorted_pair("levene", reference, current);
    TestResult result = detail::result_of("levene", samples.n(), samples.m());
    result.note = samples.note;
    if (!detail::is_finite(samples)) {
        detail::remark(result.note, "infinite values: no deviation");
        return result;
    }
    if (samples.n() < 2 || samples.m() < 2) {
        detail::remark(result.note, "a sample of one row: no spread");
        return result;
    }
    // Where differences would overflow, and only there: what is small on one side is lost beside what is large.
    if (is_huge(samples.reference) || is_huge(samples.current)) detail::rescale(samples);
    take_off_middle(samples.reference);
    take_off_middle(samples.current);
    detail::rescale(samples);
    const auto a = detail::moments_of(deviations(samples.reference, center));
    const auto b = detail::moments_of(deviations(samples.current, center));
    const double difference = b.mean - a.mean;
    result.effect = a.mean == b.mean ? 0.0 : math::log(b.mean / a.mean);
    if (a.squares + b.squares == 0.0) {
        result.statistic = std::abs(over_nothing(difference));
        result.p_value = difference == 0.0 ? 1.0 : 0.0;
        detail::remark(result.note, "the deviations do not vary");
        return result;
    }
    const double t = detail::levene_root(a, b);
    result.statistic = t * t;  // F with 1 and N - 2 degrees of freedom is Student's t squared
    result.p_value = 2.0 * detail::t_sf(a.n + b.n - 2.0, t);
    if (a.mean > 0.0 && b.mean > 0.0) {
        const double of_a = a.variance() / (a.mean * a.mean) / a.n, of_b = b.variance() / (b.mean * b.mean) / b.n;
        if (of_a + of_b > 0.0 && std::isfinite(of_a + of_b)) {
            const double width = welch_width(of_a, a.n, of_b, b.n, result.interval.level);
            result.interval.lower = result.effect - width;
            result.interval.upper = result.effect + width;
        }
    }
    return result;
}

}  // namespace holdfast::stats

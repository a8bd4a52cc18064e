#include <algorithm>
#include <cmath>
#include <cstdint>

#include <holdfast/base/math.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/deviations.hpp"
#include "stats/limit_laws.hpp"
#include "stats/samples.hpp"
#include "stats/ties.hpp"

namespace holdfast::stats {
namespace {

// P(K > x) = 2 sum (4 j^2 x^2 - 1) exp(-2 j^2 x^2), Kuiper's limit (1960).
double limit_sf(double x) {
    if (x < 0.3) return 1.0;  // the distribution function is below 1e-20
    double sum = 0.0;
    for (double j = 1.0;; ++j) {
        const double square = j * j * x * x;
        const double term = (4.0 * square - 1.0) * math::exp(-2.0 * square);
        sum += term;
        if (square > 1.0 && term <= 1e-18 * sum) break;
    }
    return std::clamp(2.0 * sum, 0.0, 1.0);
}

}  // namespace

double detail::kuiper_p(double n, double m, double v) {
    const double root = std::sqrt(n * m / (n + m));
    return limit_sf((root + 0.155 + 0.24 / root) * v);
}

TestResult kuiper(std::span<const double> reference, std::span<const double> current) {
    const auto samples = detail::sorted_pair("kuiper", reference, current);
    const std::int64_t n = samples.n(), m = samples.m();
    TestResult result = detail::result_of("kuiper", n, m);
    result.note = samples.note;
    __extension__ using Wide = __int128;
    Wide i = 0, j = 0, above = 0, below = 0;
    for (const detail::Tie& tie : detail::ties_of(samples)) {
        i += tie.reference;
        j += tie.current;
        above = std::max(above, i * m - j * n);
        below = std::max(below, j * n - i * m);
    }
    const auto rows = static_cast<double>(n), others = static_cast<double>(m);
    result.statistic = result.effect = static_cast<double>(above + below) / (rows * others);
    result.p_value = detail::kuiper_p(rows, others, result.statistic);
    detail::remark(result.note, "asymptotic p-value");
    const double tail = 0.5 * (1.0 - result.interval.level);
    result.interval.lower = std::max(0.0, result.effect - 2.0 * detail::sup_deviation(rows, others, tail));
    result.interval.upper = std::min(1.0, result.effect + detail::point_deviation(rows, others, tail));
    return result;
}

}  // namespace holdfast::stats

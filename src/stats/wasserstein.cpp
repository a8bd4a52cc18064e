#include <algorithm>
#include <cmath>
#include <limits>

#include <holdfast/stats/tests.hpp>

#include "stats/compensated.hpp"
#include "stats/samples.hpp"
#include "stats/wasserstein_bounds.hpp"

namespace holdfast::stats {
namespace {

detail::Spread spread_of(const std::vector<double>& sorted) {
    const auto n = static_cast<double>(sorted.size());
    detail::CompensatedSum sum, squares;
    for (double value : sorted) sum.add(value / n);
    const double mean = sum.value();
    for (double value : sorted) squares.add((value - mean) * (value - mean));
    return {n, mean, n > 1.0 ? squares.value() / (n - 1.0) : 0.0};
}

}  // namespace

TestResult wasserstein(std::span<const double> reference, std::span<const double> current) {
    const auto samples = detail::sorted_pair("wasserstein", reference, current);
    TestResult result = detail::result_of("wasserstein", samples.n(), samples.m());
    result.note = samples.note;
    if (!detail::is_finite(samples)) {
        detail::remark(result.note, "infinite values: no distance");
        return result;
    }
    const auto gaps = detail::gaps_between({samples.reference, {}}, {samples.current, {}});
    result.statistic = gaps.area;
    const auto a = spread_of(samples.reference), b = spread_of(samples.current);
    const double unit = samples.reference.front() == samples.reference.back() ? 0.0 : std::sqrt(a.variance);
    if (!std::isfinite(unit) || !std::isfinite(result.statistic)) {
        detail::remark(result.note, "values too large for a standard deviation");
        return result;
    }
    if (unit == 0.0) {
        result.effect = result.statistic == 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
        detail::remark(result.note, "the reference is constant");
        return result;
    }
    const detail::WassersteinBounds bounds(gaps, a, b);
    const double tail = 0.5 * (1.0 - result.interval.level);
    result.effect = bounds.corrected() / unit;
    result.interval.lower = bounds.lower(tail, b.count) / unit;
    result.interval.upper = bounds.upper(tail, b.count) / unit;
    return result;
}

}  // namespace holdfast::stats

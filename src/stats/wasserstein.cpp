#include <algorithm>
#include <cmath>
#include <limits>

#include <holdfast/stats/tests.hpp>

#include "stats/compensated.hpp"
#include "stats/samples.hpp"
#include "stats/wasserstein_bounds.hpp"

namespace holdfast::stats {
namespace {

std::vector<Kll::Weighted> weighted(const std::vector<double>& values) {
    std::vector<Kll::Weighted> all;
    all.reserve(values.size());
    for (double value : values) all.push_back({value, 1});
    return all;
}

// The area between the two distribution functions: |i m - j n| / (n m) times each gap between values.
double area(const std::vector<double>& a, const std::vector<double>& b) {
    const auto n = static_cast<double>(a.size());
    const auto m = static_cast<double>(b.size());
    detail::CompensatedSum sum;
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        const double x = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        while (i < a.size() && a[i] == x) ++i;
        while (j < b.size() && b[j] == x) ++j;
        if (i == a.size() && j == b.size()) break;
        const double next = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
        const double gap = std::abs(static_cast<double>(i) * m - static_cast<double>(j) * n);
        if (gap > 0.0) sum.add(gap / (n * m) * (next - x));
    }
    return sum.value();
}

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
    result.statistic = area(samples.reference, samples.current);
    const auto a = spread_of(samples.reference), b = spread_of(samples.current);
    const double unit = samples.reference.front() == samples.reference.back() ? 0.0 : std::sqrt(a.variance);
    if (!std::isfinite(unit) || !std::isfinite(result.statistic)) {
        detail::remark(result.note, "infinite values: no standard deviation");
        return result;
    }
    if (unit == 0.0) {
        result.effect = result.statistic == 0.0 ? 0.0 : std::numeric_limits<double>::infinity();
        detail::remark(result.note, "the reference is constant");
        return result;
    }
    result.effect = result.statistic / unit;
    const detail::WassersteinBounds bounds(weighted(samples.reference), weighted(samples.current), a, b);
    const double tail = 0.5 * (1.0 - result.interval.level);
    result.interval.lower = bounds.lower(result.statistic, b.count, tail) / unit;
    result.interval.upper = bounds.upper(result.statistic, b.count, tail) / unit;
    return result;
}

}  // namespace holdfast::stats

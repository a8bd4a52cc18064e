#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <holdfast/stats/tests.hpp>

#include "stats/deviations.hpp"
#include "stats/kstwo.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats {
namespace {

constexpr std::int64_t most_exact = 10'000;

// n m D as a whole number: the largest |i m - j n| over the steps (i values of one sample and j of the other are <= x).
double largest_gap(const std::vector<double>& a, const std::vector<double>& b) {
    const auto n = static_cast<std::int64_t>(a.size());
    const auto m = static_cast<std::int64_t>(b.size());
    __extension__ using Wide = __int128;
    Wide largest = 0;
    std::int64_t i = 0, j = 0;
    while (i < n && j < m) {
        const double x = std::min(a[static_cast<std::size_t>(i)], b[static_cast<std::size_t>(j)]);
        while (i < n && a[static_cast<std::size_t>(i)] == x) ++i;
        while (j < m && b[static_cast<std::size_t>(j)] == x) ++j;
        const Wide gap = static_cast<Wide>(i) * m - static_cast<Wide>(j) * n;
        largest = std::max(largest, gap < 0 ? -gap : gap);
    }
    return static_cast<double>(largest);
}

// P(D >= h / n) for two samples of n: reflections (Gnedenko and Korolyuk 1951), as a product and a Horner scheme.
double exact_equal_sizes(std::int64_t n, std::int64_t h) {
    double p = 0.0;
    for (std::int64_t k = n / h; k >= 1; --k) {
        double term = 1.0;
        const std::int64_t shift = (k - 1) * h;
        for (std::int64_t j = 0; j < h; ++j) {
            term *= static_cast<double>(n - shift - j) / static_cast<double>(n + shift + j + 1);
        }
        p = term * (1.0 - p);
    }
    return std::min(1.0, 2.0 * p);
}

// P(D >= h / lcm) for sizes n and m: the share of lattice paths from (0, 0) to (m, n) that leave the strip
// |x n' - y m'| < h, by Hodges' recursion (1958) on shares, which needs no scaling and subtracts nothing.
double exact_by_paths(std::int64_t m, std::int64_t n, std::int64_t h) {
    if (m < n) std::swap(m, n);
    const std::int64_t divisor = std::gcd(m, n);
    const std::int64_t mg = m / divisor, ng = n / divisor;
    const auto first_inside = [&](std::int64_t x) {
        return std::max<std::int64_t>(0, x * ng < h ? 0 : (x * ng - h) / mg + 1);
    };
    const auto last_inside = [&](std::int64_t x) { return std::min(n, (x * ng + h - 1) / mg); };
    std::vector<double> column(static_cast<std::size_t>(n + 1), 1.0);
    for (std::int64_t y = 0; y <= last_inside(0); ++y) column[static_cast<std::size_t>(y)] = 0.0;
    for (std::int64_t x = 1; x <= m; ++x) {
        const std::int64_t low = first_inside(x);
        if (low > 0) column[static_cast<std::size_t>(low - 1)] = 1.0;
        const std::int64_t high = last_inside(x);
        double below = low == 0 ? 0.0 : 1.0;
        for (std::int64_t y = low; y <= high; ++y) {
            double& share = column[static_cast<std::size_t>(y)];
            below = (share * static_cast<double>(x) + below * static_cast<double>(y)) / static_cast<double>(x + y);
            share = below;
        }
    }
    return last_inside(m) < n ? 1.0 : column[static_cast<std::size_t>(n)];
}

double p_value(std::int64_t n, std::int64_t m, double gap, double d, std::string& note) {
    if (gap == 0.0) return 1.0;
    const double effective = static_cast<double>(n) * static_cast<double>(m) / static_cast<double>(n + m);
    if (effective * d * d > 400.0) return 0.0;  // below exp(-800): no double is as small
    if (std::max(n, m) <= most_exact) return detail::ks_exact_p(n, m, gap);
    detail::remark(note, "asymptotic p-value");
    return detail::kstwo_sf(static_cast<std::int64_t>(std::nearbyint(effective)), d);
}

}  // namespace

double detail::ks_exact_p(std::int64_t n, std::int64_t m, double gap) {
    if (gap == 0.0) return 1.0;
    const auto h = static_cast<std::int64_t>(gap) / std::gcd(n, m);
    return n == m ? exact_equal_sizes(n, h) : exact_by_paths(n, m, h);
}

TestResult ks(std::span<const double> reference, std::span<const double> current) {
    const auto samples = detail::sorted_pair("ks", reference, current);
    TestResult result = detail::result_of("ks", samples.n(), samples.m());
    const auto n = static_cast<double>(samples.n());
    const auto m = static_cast<double>(samples.m());
    const double gap = largest_gap(samples.reference, samples.current);
    result.statistic = gap / (n * m);
    result.effect = detail::corrected_distance(n, m, result.statistic);
    result.note = samples.note;
    result.p_value = p_value(samples.n(), samples.m(), gap, result.statistic, result.note);
    const double tail = 0.5 * (1.0 - result.interval.level);
    result.interval.lower = std::max(0.0, result.statistic - detail::sup_deviation(n, m, tail));
    result.interval.upper = std::min(1.0, result.statistic + detail::point_deviation(n, m, tail));
    return result;
}

}  // namespace holdfast::stats

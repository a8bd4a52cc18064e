#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <holdfast/base/math.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/distributions.hpp"
#include "stats/samples.hpp"
#include "stats/ties.hpp"

namespace holdfast::stats {
namespace {

constexpr std::int64_t most_exact = 4'000;  // n m

// P(U >= least) for untied samples: the share of orders with each U, by the sample that the largest row is of (Mann and
// Whitney 1947, eq. 1), on shares, which subtracts nothing.
double exact_tail(std::int64_t n, std::int64_t m, std::int64_t least) {
    if (n > m) std::swap(n, m);
    std::vector<std::vector<double>> laws(static_cast<std::size_t>(n + 1));  // of i and j rows
    for (auto& law : laws) law = {1.0};                                      // j = 0: U is 0
    for (std::int64_t j = 1; j <= m; ++j) {
        for (std::int64_t i = 1; i <= n; ++i) {
            std::vector<double> next(static_cast<std::size_t>(i * j + 1), 0.0);
            const auto &smaller = laws[static_cast<std::size_t>(i - 1)], &fewer = laws[static_cast<std::size_t>(i)];
            const double own = static_cast<double>(i) / static_cast<double>(i + j);
            const double other = static_cast<double>(j) / static_cast<double>(i + j);
            for (std::size_t u = 0; u < smaller.size(); ++u) next[u + static_cast<std::size_t>(j)] += own * smaller[u];
            for (std::size_t u = 0; u < fewer.size(); ++u) next[u] += other * fewer[u];
            laws[static_cast<std::size_t>(i)] = std::move(next);
        }
    }
    const auto& law = laws[static_cast<std::size_t>(n)];
    double sum = 0.0;
    for (std::size_t u = law.size(); u-- > static_cast<std::size_t>(least);) sum += law[u];
    return sum;
}

double normal_p(const std::vector<detail::Tie>& ties, double n, double m, double larger) {
    const double all = n + m;
    double tied = 0.0;
    for (const detail::Tie& tie : ties) {
        const auto size = static_cast<double>(tie.size());
        tied += size * (size - 1.0) * (size + 1.0);
    }
    const double variance = n * m / 12.0 * ((all + 1.0) - tied / (all * (all - 1.0)));
    const double z = (larger - 0.5 * n * m - 0.5) / std::sqrt(variance);
    return std::min(1.0, 2.0 * detail::normal_sf(z));
}

}  // namespace

TestResult mann_whitney(std::span<const double> reference, std::span<const double> current) {
    const auto samples = detail::sorted_pair("mann_whitney", reference, current);
    const auto ties = detail::ties_of(samples);
    const auto n = static_cast<double>(samples.n()), m = static_cast<double>(samples.m());
    __extension__ using Wide = __int128;
    Wide doubled = 0, smaller = 0;  // twice the pairs with the reference's value the larger; current rows so far
    for (const detail::Tie& tie : ties) {
        doubled += Wide{tie.reference} * (2 * smaller + tie.current);
        smaller += tie.current;
    }
    TestResult result = detail::result_of("mann_whitney", samples.n(), samples.m());
    result.note = samples.note;
    result.statistic = 0.5 * static_cast<double>(doubled);
    result.effect = static_cast<double>(Wide{samples.n()} * samples.m() - doubled) / (n * m);
    const double larger = std::max(result.statistic, n * m - result.statistic);
    if (ties.size() == 1) {
        result.p_value = 1.0;
    } else if (!detail::has_ties(ties) && samples.n() * samples.m() <= most_exact) {
        const double tail = exact_tail(samples.n(), samples.m(), static_cast<std::int64_t>(larger));
        result.p_value = std::min(1.0, 2.0 * tail);
    } else {
        result.p_value = normal_p(ties, n, m, larger);
        detail::remark(result.note, "normal approximation");
    }
    // Hoeffding 1963, section 5b: a two-sample U statistic is a mean of min(n, m) independent pairs in [-1, 1].
    const double width = std::sqrt(2.0 * math::log(2.0 / (1.0 - result.interval.level)) / std::min(n, m));
    result.interval.lower = std::max(-1.0, result.effect - width);
    result.interval.upper = std::min(1.0, result.effect + width);
    return result;
}

}  // namespace holdfast::stats

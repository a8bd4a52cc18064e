#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <holdfast/stats/tests.hpp>

#include "stats/limit_laws.hpp"
#include "stats/samples.hpp"
#include "stats/ties.hpp"

namespace holdfast::stats {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t most_exact = 400;  // n m

// 4 times the sum of squares of (midrank - i) over the i-th to the last of `taken` rows in a tie of `size` that begins
// behind `below` pooled rows, `before` of them of this sample: a whole number.
Wide squares(std::int64_t below, std::int64_t size, std::int64_t before, std::int64_t taken) {
    const Wide k = taken;
    const Wide first = 2 * Wide{below - before} + size - 1;  // twice the midrank less the first i
    return k * first * first - 2 * first * k * (k - 1) + 2 * k * (k - 1) * (2 * k - 1) / 3;
}

// What a tie adds to 4 U, U = n sum (r_i - i)^2 + m sum (s_j - j)^2 (Anderson 1962, eq. 9).
Wide part_of(const detail::Tie& tie, std::int64_t n, std::int64_t m, std::int64_t below, std::int64_t before,
             std::int64_t taken) {
    return n * squares(below, tie.size(), before, taken) +
           m * squares(below, tie.size(), below - before, tie.size() - taken);
}

struct Counted {
    Wide value;    // of 4 U so far
    double share;  // of the splits that get here
};

void add(std::vector<Counted>& all, const std::vector<Counted>& more, Wide shift, double weight) {
    std::vector<Counted> both;
    both.reserve(all.size() + more.size());
    auto left = all.begin();
    for (const Counted& one : more) {
        const Counted moved{one.value + shift, one.share * weight};
        while (left != all.end() && left->value < moved.value) both.push_back(*left++);
        both.push_back(moved);
        if (left != all.end() && left->value == moved.value) both.back().share += (left++)->share;
    }
    both.insert(both.end(), left, all.end());
    all = std::move(both);
}

// P(U >= the one seen) over all splits of the pooled rows: the law of U among those that take `before` rows of the
// reference out of the ties so far, tie by tie (Xiao, Gordon and Yakovlev 2006, with ties).
double exact_p(const std::vector<detail::Tie>& ties, std::int64_t n, std::int64_t m, Wide seen) {
    std::vector<std::vector<Counted>> laws(static_cast<std::size_t>(n + 1));
    laws[0] = {{0, 1.0}};
    std::int64_t below = 0;
    for (const detail::Tie& tie : ties) {
        std::vector<std::vector<Counted>> next(laws.size());
        for (std::int64_t before = std::max<std::int64_t>(0, below - m); before <= std::min(n, below); ++before) {
            double ways = 1.0;
            for (std::int64_t taken = 0; taken <= std::min(tie.size(), n - before); ++taken) {
                if (below - before + tie.size() - taken <= m) {
                    add(next[static_cast<std::size_t>(before + taken)], laws[static_cast<std::size_t>(before)],
                        part_of(tie, n, m, below, before, taken), ways);
                }
                ways *= static_cast<double>(tie.size() - taken) / static_cast<double>(taken + 1);
            }
        }
        laws = std::move(next);
        below += tie.size();
    }
    double reached = 0.0, all = 0.0;
    for (const Counted& one : laws[static_cast<std::size_t>(n)]) {
        all += one.share;
        if (one.value >= seen) reached += one.share;
    }
    return reached / all;
}

// Mean and variance of T at these sizes carried to those of the limit (Anderson 1962, section 3; SciPy does the same).
double asymptotic_p(double n, double m, double statistic) {
    const double all = n + m, product = n * m;
    const double mean = (1.0 + 1.0 / all) / 6.0;
    const double variance = (all + 1.0) * (4.0 * product * all - 3.0 * (n * n + m * m) - 2.0 * product) /
                            (45.0 * all * all * 4.0 * product);
    return detail::cramer_von_mises_sf(1.0 / 6.0 + (statistic - mean) / std::sqrt(45.0 * variance));
}

// Root of the mean over the pooled rows of (F - G)^2.
double root_mean_square_gap(const std::vector<detail::Tie>& ties, double n, double m) {
    double sum = 0.0, i = 0.0, j = 0.0;
    for (const detail::Tie& tie : ties) {
        i += static_cast<double>(tie.reference);
        j += static_cast<double>(tie.current);
        const double gap = (i * m - j * n) / (n * m);
        sum += gap * gap * static_cast<double>(tie.size());
    }
    return std::sqrt(sum / (n + m));
}

}  // namespace

TestResult cramer_von_mises(std::span<const double> reference, std::span<const double> current) {
    const auto samples = detail::sorted_pair("cramer_von_mises", reference, current);
    const std::int64_t n = samples.n(), m = samples.m();
    const auto ties = detail::ties_of(samples);
    TestResult result = detail::result_of("cramer_von_mises", n, m);
    result.note = samples.note;
    Wide seen = 0;
    std::int64_t below = 0, before = 0;
    for (const detail::Tie& tie : ties) {
        seen += part_of(tie, n, m, below, before, tie.reference);
        below += tie.size();
        before += tie.reference;
    }
    const auto rows = static_cast<double>(n), others = static_cast<double>(m);
    const Wide product = Wide{n} * m;
    result.statistic =
        static_cast<double>(3 * seen - 2 * product * (4 * product - 1)) / (12.0 * rows * others * (rows + others));
    result.effect = root_mean_square_gap(ties, rows, others);
    if (ties.size() == 1) {
        result.p_value = 1.0;
    } else if (n * m <= most_exact) {
        result.p_value = exact_p(ties, n, m, seen);
    } else {
        detail::remark(result.note, "asymptotic p-value");
        result.p_value = asymptotic_p(rows, others, result.statistic);
    }
    return result;
}

}  // namespace holdfast::stats

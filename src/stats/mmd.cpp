#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/base/math.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/multivariate.hpp>

#include "stats/compensated.hpp"
#include "stats/distributions.hpp"
#include "stats/kernel_sums.hpp"
#include "stats/permutations.hpp"
#include "stats/pooled_columns.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats {
namespace {

constexpr std::int64_t most_rows = 100'000;
constexpr std::size_t drawn_rows = 1'000;  // for the bandwidth

double squared_distance(const detail::PooledColumns& pooled, std::size_t a, std::size_t b) {
    double sum = 0.0;
    for (const auto& column : pooled.columns) {
        const double gap = column[a] - column[b];
        sum += gap * gap;
    }
    return sum;
}

// 2 sigma^2 by the median heuristic; where half of the pairs are duplicates, of the others.
double median_squared_distance(const detail::PooledColumns& pooled, std::uint64_t seed) {
    std::vector<std::size_t> rows(static_cast<std::size_t>(pooled.rows()));
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    if (rows.size() > drawn_rows) {
        Rng rng(seed, "stats.mmd", "bandwidth");
        for (std::size_t i = 0; i < drawn_rows; ++i) {
            std::swap(rows[i],
                      rows[i + static_cast<std::size_t>(rng.below(std::ssize(rows) - static_cast<std::int64_t>(i)))]);
        }
        rows.resize(drawn_rows);
    }
    std::vector<double> all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) all.push_back(squared_distance(pooled, rows[i], rows[j]));
    }
    const auto median = [&all] {
        const auto middle = all.begin() + std::ssize(all) / 2;
        std::nth_element(all.begin(), middle, all.end());
        return *middle;
    };
    if (median() == 0.0) std::erase(all, 0.0);
    return all.empty() ? 1.0 : median();
}

// The kernel is exp(-rate |x - y|^2).
double rate_of(const detail::PooledColumns& pooled, const MmdOptions& options) {
    if (options.bandwidth == 0.0) return 1.0 / median_squared_distance(pooled, options.permutations.seed);
    return 1.0 / (2.0 * options.bandwidth * options.bandwidth);
}

// The rows, standardised, and the result's frame. A test is not to go on where the rows are not finite.
detail::PooledColumns rows_of(TestResult& result, const Table& reference, const Table& current,
                              const MmdOptions& options) {
    if (!(options.bandwidth >= 0.0 && std::isfinite(options.bandwidth))) {
        throw InvalidArgument("mmd: bandwidth " + Json(options.bandwidth).canonical() +
                              ", finite and above 0 wanted (0: the median heuristic)");
    }
    detail::PooledColumns pooled = detail::pooled_columns("mmd", reference, current);
    detail::check("mmd", options.permutations, pooled.n, pooled.m);
    result = detail::result_of("mmd", pooled.n, pooled.m);
    result.note = pooled.note;
    if (!pooled.is_finite()) {
        detail::remark(result.note, "infinite values: no distance");
    } else if (options.standardise) {
        pooled.standardise();
    }
    return pooled;
}

// Sums over the pairs of a split's two samples, each pair once, as unbiased MMD^2.
double unbiased(double both, double touched, double all, double n, double m) {
    const double across = touched - 2.0 * both, current = all - touched + both;
    return 2.0 * both / (n * (n - 1.0)) + 2.0 * current / (m * (m - 1.0)) - 2.0 * across / (n * m);
}

struct Seen {
    double statistic = 0.0, p_value = 1.0;
    detail::RowSums rows;
};

Seen permuted(const detail::PooledColumns& pooled, double rate, std::int64_t block, const Permutations& asked) {
    const auto n = static_cast<double>(pooled.n), m = static_cast<double>(pooled.m);
    const std::int64_t rounds = detail::rounds_of(asked);
    std::string data;
    for (const auto& column : pooled.columns) data = detail::digest_of(std::as_bytes(std::span(column)), data);
    detail::Splits splits(data, asked.seed, pooled.n, pooled.m, block);
    std::vector<std::uint8_t> as_seen(static_cast<std::size_t>(pooled.rows()));
    std::fill_n(as_seen.begin(), pooled.n, std::uint8_t{1});
    Seen seen;
    std::int64_t reached = 0;
    for (std::int64_t first = 0; first <= rounds; first += detail::splits_at_once) {  // split 0 is the one seen
        detail::SplitFlags flags(pooled.rows(), std::min(detail::splits_at_once, rounds + 1 - first));
        for (std::int64_t s = 0; s < flags.splits(); ++s) flags.set(s, first + s == 0 ? as_seen : splits.next());
        const detail::KernelSums sums = detail::kernel_sums(pooled, rate, flags, first == 0 ? &seen.rows : nullptr);
        for (std::size_t s = 0; s < sums.both.size(); ++s) {
            const double value = unbiased(sums.both[s], sums.touched[s], sums.all, n, m);
            if (first == 0 && s == 0) {
                seen.statistic = value;
            } else if (value >= seen.statistic - 1e-12) {  // beyond what rounding can tell apart
                ++reached;
            }
        }
    }
    seen.p_value = static_cast<double>(1 + reached) / static_cast<double>(1 + rounds);
    return seen;
}

double sum_of(std::span<const double> values) {
    detail::CompensatedSum sum;
    for (const double value : values) sum.add(value);
    return sum.value();
}

double squares_of(std::span<const double> values, double centre = 0.0) {
    detail::CompensatedSum sum;
    for (const double value : values) sum.add((value - centre) * (value - centre));
    return sum.value();
}

// |C|^2 of a sample's covariance operator, unbiased: HSIC of the sample with itself (Song et al., J. Mach. Learn. Res.
// 13, 2012, eq. 5).
double squared_norm(std::span<const double> with_own, double squares, double n) {
    const double sum = sum_of(with_own);
    return (2.0 * squares + sum * sum / ((n - 1.0) * (n - 2.0)) - 2.0 / (n - 2.0) * squares_of(with_own)) /
           (n * (n - 3.0));
}

// Mean and variance of the squared distance between an embedding's estimate and itself; and the variance of the
// estimate along the difference seen.
struct Spread {
    double mean = 0.0, variance = 0.0, along = 0.0;
};

Spread spread_of(const detail::PooledColumns& pooled, const detail::RowSums& sums) {
    const auto n = static_cast<double>(pooled.n), m = static_cast<double>(pooled.m);
    const auto first = static_cast<std::size_t>(pooled.n);
    const std::span<const double> xx(sums.with_reference.data(), first), xy(sums.with_current.data(), first);
    const std::span<const double> yx = std::span(sums.with_reference).subspan(first),
                                  yy = std::span(sums.with_current).subspan(first);
    Spread spread;
    spread.mean = (1.0 - sum_of(xx) / (n * (n - 1.0))) / n + (1.0 - sum_of(yy) / (m * (m - 1.0))) / m;

    const double across = sum_of(xy);
    const double product = (sums.squares_across - squares_of(xy) / m - squares_of(yx) / n + across * across / (n * m)) /
                           ((n - 1.0) * (m - 1.0));
    spread.variance = 2.0 * (squared_norm(xx, sums.squares_reference, n) / (n * n) +
                             squared_norm(yy, sums.squares_current, m) / (m * m) + 2.0 * product / (n * m));

    const auto variance = [](std::span<const double> with_own, std::span<const double> with_other, double own,
                             double other) {  // of the witness function over a sample
        std::vector<double> witness(with_own.size());
        for (std::size_t i = 0; i < witness.size(); ++i) witness[i] = with_own[i] / (own - 1.0) - with_other[i] / other;
        return squares_of(witness, sum_of(witness) / own) / (own - 1.0);
    };
    spread.along = variance(xx, xy, n, m) / n + variance(yy, yx, m, n) / m;
    return spread;
}

// |d'|^2 = |d|^2 + 2 <d, e> + |e|^2 for the difference d of the embeddings, seen as d' = d + e: <d, e> is normal, and
// |e|^2 a weighted sum of chi-squares, here the gamma law of its mean and variance. Each may be at its end with half of
// what the bound is allowed.
Interval interval_of(double statistic, const Spread& spread, double level) {
    const double tail = 0.25 * (1.0 - level);
    const double variance =
        std::clamp(spread.variance, 1e-9 * spread.mean * spread.mean, 2.0 * spread.mean * spread.mean);
    const double degrees = 2.0 * spread.mean * spread.mean / variance;
    const auto noise = [&](double p) { return spread.mean / degrees * detail::chi2_quantile(degrees, p); };
    const double seen = statistic + spread.mean;
    const double width = detail::normal_quantile(1.0 - tail) * std::sqrt(spread.along / seen);
    const double above = seen - noise(1.0 - tail), below = std::max(0.0, seen - noise(tail));
    const double lower = above > 0.0 ? std::sqrt(width * width + above) - width : 0.0;
    const double upper = std::sqrt(width * width + below) + width;
    return {lower * lower, upper * upper, level};
}

}  // namespace

TestResult mmd(const Table& reference, const Table& current, const MmdOptions& options) {
    TestResult result;
    detail::PooledColumns pooled = rows_of(result, reference, current, options);
    if (pooled.rows() > most_rows) {
        throw InvalidArgument("mmd: " + std::to_string(pooled.rows()) + " pooled rows, at most " +
                              std::to_string(most_rows) + " wanted; the linear method takes any");
    }
    if (!pooled.is_finite()) return result;
    if (pooled.n < 2 || pooled.m < 2) {
        detail::remark(result.note, "one row: no unbiased estimate");
        return result;
    }
    std::int64_t block = options.permutations.block;
    if (block == 0) {
        block = 1;
        for (const auto& column : pooled.columns) {
            const std::span<const double> rows(column);
            const auto first = static_cast<std::size_t>(pooled.n);
            block = std::max(block, block_length(rows.first(first), rows.subspan(first)));
        }
    }
    if (block == 1) pooled.sort_rows();
    const double rate = rate_of(pooled, options);
    const Seen seen = permuted(pooled, rate, block, options.permutations);
    result.statistic = seen.statistic;
    result.effect = std::max(0.0, seen.statistic);
    result.p_value = seen.p_value;
    detail::conclude(result, options.permutations, block, pooled.n, pooled.m);
    if (block > 1 || pooled.n < 4 || pooled.m < 4) return result;
    const Spread spread = spread_of(pooled, seen.rows);
    if (spread.mean > 0.0) result.interval = interval_of(seen.statistic, spread, result.interval.level);
    return result;
}

TestResult mmd_linear(const Table& reference, const Table& current, const MmdOptions& options) {
    TestResult result;
    const detail::PooledColumns pooled = rows_of(result, reference, current, options);
    const std::int64_t pairs = std::min(pooled.n, pooled.m) / 2;
    detail::remark(result.note, "linear: " + std::to_string(2 * pairs) + " rows of each sample");
    if (!pooled.is_finite() || pairs < 2) return result;
    const double rate = rate_of(pooled, options);
    const auto kernel = [&](std::int64_t a, std::int64_t b) {
        return math::exp(-rate * squared_distance(pooled, static_cast<std::size_t>(a), static_cast<std::size_t>(b)));
    };
    std::vector<double> terms;
    for (std::int64_t x = 0; x < 2 * pairs; x += 2) {
        const std::int64_t y = pooled.n + x;
        terms.push_back(kernel(x, x + 1) + kernel(y, y + 1) - kernel(x, y + 1) - kernel(x + 1, y));
    }
    const auto count = static_cast<double>(pairs);
    const double mean = sum_of(terms) / count;
    const double error = std::sqrt(squares_of(terms, mean) / (count - 1.0) / count);
    const double width = detail::t_quantile(count - 1.0, 0.5 + 0.5 * result.interval.level) * error;
    result.statistic = mean;
    result.effect = std::max(0.0, mean);
    result.p_value = error > 0.0 ? detail::t_sf(count - 1.0, mean / error) : mean > 0.0 ? 0.0 : 1.0;
    result.interval = {std::max(0.0, mean - width), std::max(0.0, mean + width), result.interval.level};
    return result;
}

}  // namespace holdfast::stats

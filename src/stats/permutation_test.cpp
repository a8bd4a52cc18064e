#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/permutations.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats {
namespace {

// The pooled rows, the reference's first, and what a split of them says of its two distribution functions.
struct Pool {
    std::vector<double> values;      // distinct, ascending, of a size around 1 where all are finite
    std::vector<std::size_t> at;     // of each pooled row
    std::vector<std::int64_t> size;  // rows of each value
    double n = 0.0, m = 0.0;

    // In the order given, or `sorted`: then the order says nothing.
    Pool(std::span<const double> reference, std::span<const double> current, bool sorted) {
        std::vector<double> rows = kept(reference, sorted), more = kept(current, sorted);
        n = static_cast<double>(rows.size());
        m = static_cast<double>(more.size());
        rows.insert(rows.end(), more.begin(), more.end());
        values = rows;
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        size.resize(values.size());
        for (const double row : rows) {
            at.push_back(
                static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), row) - values.begin()));
            ++size[at.back()];
        }
        const double largest = std::max(std::abs(values.front()), std::abs(values.back()));
        if (!std::isfinite(largest) || largest == 0.0) return;
        for (double& value : values) value = std::ldexp(value, -std::ilogb(largest));
    }

    static std::vector<double> kept(std::span<const double> sample, bool sorted) {
        std::vector<double> rows;
        std::copy_if(sample.begin(), sample.end(), std::back_inserter(rows), [](double v) { return !std::isnan(v); });
        if (sorted) std::sort(rows.begin(), rows.end());
        return rows;
    }

    // part(value's index, F - G behind it, its rows of the reference, pooled rows before it)
    template <class Part>
    void walk(std::span<const std::uint8_t> of_reference, Part part) const {
        std::vector<std::int64_t> taken(values.size());
        for (std::size_t row = 0; row < at.size(); ++row) taken[at[row]] += of_reference[row];
        std::int64_t below_reference = 0, below = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            below_reference += taken[i];
            const auto f = static_cast<double>(below_reference);
            const auto g = static_cast<double>(below + size[i] - below_reference);
            part(i, (f * m - g * n) / (n * m), taken[i], below);
            below += size[i];
        }
    }
};

using Split = std::span<const std::uint8_t>;

double step_behind(const Pool& pool, std::size_t i) {
    return i + 1 == pool.values.size() ? 0.0 : pool.values[i + 1] - pool.values[i];
}

double furthest(const Pool& pool, Split split) {
    double most = 0.0;
    pool.walk(split,
              [&](std::size_t, double gap, std::int64_t, std::int64_t) { most = std::max(most, std::abs(gap)); });
    return most;
}

double both_ways(const Pool& pool, Split split) {
    double up = 0.0, down = 0.0;
    pool.walk(split, [&](std::size_t, double gap, std::int64_t, std::int64_t) {
        up = std::max(up, gap);
        down = std::max(down, -gap);
    });
    return up + down;
}

double area(const Pool& pool, Split split) {
    double sum = 0.0;
    pool.walk(split, [&](std::size_t i, double gap, std::int64_t, std::int64_t) {
        sum += std::abs(gap) * step_behind(pool, i);
    });
    return sum;
}

double squared_area(const Pool& pool, Split split) {
    double sum = 0.0;
    pool.walk(split,
              [&](std::size_t i, double gap, std::int64_t, std::int64_t) { sum += gap * gap * step_behind(pool, i); });
    return sum;
}

double squares_over_rows(const Pool& pool, Split split) {
    double sum = 0.0;
    pool.walk(split, [&](std::size_t i, double gap, std::int64_t, std::int64_t) {
        sum += gap * gap * static_cast<double>(pool.size[i]);
    });
    return sum;
}

double from_the_middle(const Pool& pool, Split split) {
    double ranks = 0.0;
    pool.walk(split, [&](std::size_t i, double, std::int64_t taken, std::int64_t below) {
        ranks +=
            static_cast<double>(taken) * (static_cast<double>(below) + 0.5 * static_cast<double>(pool.size[i] + 1));
    });
    return std::abs(ranks - 0.5 * pool.n * (pool.n + pool.m + 1.0));
}

struct Named {
    std::string_view name;
    TestResult (*test)(std::span<const double>, std::span<const double>);
    double (*statistic)(const Pool&, Split);
    bool of_distances;  // and so of finite values
};
constexpr std::array<Named, 6> tests{{
    {"ks", &ks, &furthest, false},
    {"kuiper", &kuiper, &both_ways, false},
    {"cramer_von_mises", &cramer_von_mises, &squares_over_rows, false},
    {"energy", [](std::span<const double> a, std::span<const double> b) { return energy(a, b, {.count = 1}); },
     &squared_area, true},
    {"wasserstein", &wasserstein, &area, true},
    {"mann_whitney", &mann_whitney, &from_the_middle, false},
}};

const Named& named(std::string_view name) {
    const auto* found = std::find_if(tests.begin(), tests.end(), [&](const Named& one) { return one.name == name; });
    if (found != tests.end()) return *found;
    std::string names;
    for (const Named& one : tests) names += (names.empty() ? "" : ", ") + std::string(one.name);
    throw InvalidArgument("permutation_test: test \"" + std::string(name) + "\", one of " + names + " wanted");
}

}  // namespace

double detail::split_p(std::string_view test, std::span<const double> reference, std::span<const double> current,
                       const Permutations& asked, std::int64_t block) {
    const Pool pool(reference, current, block == 1);
    const auto n = static_cast<std::int64_t>(pool.n), m = static_cast<std::int64_t>(pool.m);
    const auto statistic = named(test).statistic;
    std::vector<std::uint8_t> seen(pool.at.size());
    std::fill_n(seen.begin(), n, std::uint8_t{1});
    const double wanted = statistic(pool, seen) * (1.0 - 1e-12);
    Splits splits(digest_of(std::as_bytes(std::span(pool.at))), asked.seed, n, m, block);
    const std::int64_t rounds = rounds_of(asked);
    std::int64_t reached = 0;
    for (std::int64_t round = 0; round < rounds; ++round) {
        if (statistic(pool, splits.next()) >= wanted) ++reached;
    }
    return static_cast<double>(1 + reached) / static_cast<double>(1 + rounds);
}

TestResult permutation_test(std::string_view test, std::span<const double> reference, std::span<const double> current,
                            const Permutations& permutations) {
    const Named& by = named(test);
    TestResult result = by.test(reference, current);
    const std::int64_t n = result.reference_rows, m = result.current_rows;
    detail::check("permutation_test", permutations, n, m);
    const std::int64_t left_out = std::ssize(reference) + std::ssize(current) - n - m;
    result.note = left_out == 0 ? "" : std::to_string(left_out) + " missing values left out";
    const std::int64_t block = permutations.block == 0 ? block_length(reference, current) : permutations.block;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (block > 1) result.interval = {nan, nan, result.interval.level};
    const auto infinite = [](double value) { return std::isinf(value); };
    if (by.of_distances && (std::any_of(reference.begin(), reference.end(), infinite) ||
                            std::any_of(current.begin(), current.end(), infinite))) {
        detail::remark(result.note, "infinite values: no distance");
        return result;
    }
    result.p_value = detail::split_p(test, reference, current, permutations, block);
    detail::conclude(result, permutations, block, n, m);
    return result;
}

}  // namespace holdfast::stats

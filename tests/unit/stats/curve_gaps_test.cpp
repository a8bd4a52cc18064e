#include "stats/curve_gaps.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <holdfast/base/rng.hpp>

namespace holdfast::stats::detail {
namespace {

struct Rows {
    std::vector<double> values;
    std::vector<std::int64_t> weights;
    [[nodiscard]] SortedRows sorted() const { return {values, weights}; }
    [[nodiscard]] double weight(std::size_t i) const { return weights.empty() ? 1.0 : static_cast<double>(weights[i]); }
    [[nodiscard]] double count() const {
        double sum = 0.0;
        for (std::size_t i = 0; i < values.size(); ++i) sum += weight(i);
        return sum;
    }
    [[nodiscard]] double share_up_to(double x) const {
        double sum = 0.0;
        for (std::size_t i = 0; i < values.size() && values[i] <= x; ++i) sum += weight(i);
        return sum / count();
    }
};

/// By the definition, at every value that either side has.
CurveGaps at_every_value(const Rows& a, const Rows& b) {
    std::vector<double> all = a.values;
    all.insert(all.end(), b.values.begin(), b.values.end());
    std::sort(all.begin(), all.end());
    CurveGaps gaps{a.count(), b.count()};
    for (std::size_t k = 0; k < all.size(); ++k) {
        const double f = a.share_up_to(all[k]), g = b.share_up_to(all[k]);
        const double width = k + 1 < all.size() ? all[k + 1] - all[k] : 0.0;
        gaps.above = std::max(gaps.above, f - g);
        gaps.below = std::max(gaps.below, g - f);
        gaps.area += std::abs(f - g) * width;
        gaps.deviation += std::sqrt(f * (1.0 - f) / gaps.n + g * (1.0 - g) / gaps.m) * width;
    }
    return gaps;
}

/// `apart`: how many different values there are; few of them tie.
Rows some_rows(std::size_t size, double apart, double offset, bool is_weighted, Rng& rng) {
    Rows rows;
    for (std::size_t i = 0; i < size; ++i) rows.values.push_back(offset + std::floor(rng.uniform() * apart) / 8.0);
    std::sort(rows.values.begin(), rows.values.end());
    for (std::size_t i = 0; is_weighted && i < size; ++i) rows.weights.push_back(std::int64_t{1} << (i % 5));
    return rows;
}

TEST(CurveGaps, AreThoseOfTheDefinition) {
    Rng rng(1, "test", "gaps");
    for (const std::size_t n : {1, 2, 7, 8, 100, 511, 512, 1300}) {
        for (const std::size_t m : {1, 3, 8, 513, 700}) {
            for (const double apart : {1.0, 5.0, 1e6}) {
                for (const double offset : {0.0, 0.25, 1e6, -1e6}) {
                    for (const bool is_weighted : {false, true}) {
                        const Rows a = some_rows(n, apart, 0.0, is_weighted, rng);
                        const Rows b = some_rows(m, apart, offset, is_weighted && m % 2 == 1, rng);
                        const CurveGaps seen = gaps_between(a.sorted(), b.sorted()), wanted = at_every_value(a, b);
                        EXPECT_EQ(seen.n, wanted.n);
                        EXPECT_EQ(seen.m, wanted.m);
                        EXPECT_NEAR(seen.above, wanted.above, 1e-14);
                        EXPECT_NEAR(seen.below, wanted.below, 1e-14);
                        EXPECT_NEAR(seen.area, wanted.area, 1e-12 * std::max(1.0, wanted.area));
                        EXPECT_NEAR(seen.deviation, wanted.deviation, 1e-12 * std::max(1.0, wanted.deviation));
                    }
                }
            }
        }
    }
}

}  // namespace
}  // namespace holdfast::stats::detail

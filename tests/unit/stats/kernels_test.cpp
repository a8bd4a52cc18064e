#include "stats/kernels.hpp"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <holdfast/stats/kll.hpp>

namespace holdfast::stats::detail {
namespace {

/// One run for each instruction set that this machine has.
class EveryTargetOfStats : public testing::TestWithParam<std::int64_t> {
  protected:
    void SetUp() override {
        hwy::SetSupportedTargetsForTest(GetParam());
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
    void TearDown() override {
        hwy::SetSupportedTargetsForTest(0);
        hwy::GetChosenTarget().DeInit();
    }
};

std::vector<std::int64_t> targets() {
    std::vector<std::int64_t> list;
    for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1)
        list.push_back(rest & -rest);
    return list;
}

std::vector<double> values(std::size_t size) {
    std::mt19937_64 random(5);
    std::vector<double> out(size);
    for (double& x : out) x = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), -60) + 1.0;
    return out;
}

/// Eight lanes, one after another, as documented.
template <class Term>
double in_lanes(const std::vector<double>& x, Term term) {
    std::array<double, 8> lane{};
    for (std::size_t i = 0; i < x.size(); ++i) lane[i % 8] += term(x[i]);
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

TEST_P(EveryTargetOfStats, SumsHaveTheSameBits) {
    for (std::size_t size = 1; size < 70; ++size) {
        const auto x = values(size);
        EXPECT_EQ(sum_about(0.3, x), in_lanes(x, [](double v) { return v - 0.3; })) << size;
        const auto square = [](double v) { return (v - 0.3) * (v - 0.3); };
        EXPECT_EQ(squares_about(0.3, x), in_lanes(x, square)) << size;
        EXPECT_EQ(fourths_about(0.3, x), in_lanes(x, [&](double v) { return square(v) * square(v); })) << size;
    }
}

TEST_P(EveryTargetOfStats, StepsBetweenFunctionsHaveTheSameBits) {
    for (std::size_t steps = 8; steps <= 64; steps += 8) {
        std::vector<double> x = values(steps + 1), i, j, at, width;
        std::sort(x.begin(), x.end());
        x[3] = x[4];
        for (std::size_t k = 0; k < steps; ++k) {
            at.push_back(static_cast<double>(k));
            width.push_back(x[k + 1] - x[k]);
            i.push_back(std::floor(static_cast<double>(k) / 3.0));
            j.push_back(static_cast<double>(k) - i.back());
        }
        const double n = i.back(), m = j.back() + 1.0;
        const auto gap = [&](double k) {
            return i[static_cast<std::size_t>(k)] * m - j[static_cast<std::size_t>(k)] * n;
        };
        const auto term = [&](double k) {
            return std::abs(gap(k)) * (width[static_cast<std::size_t>(k)] * (1.0 / (n * m)));
        };
        const auto spread = [&](double k) {
            const auto at_k = static_cast<std::size_t>(k);
            const double of_i = i[at_k] * (n - i[at_k]) * (1.0 / (n * n * n));
            return std::sqrt(of_i + j[at_k] * (m - j[at_k]) * (1.0 / (m * m * m))) * width[at_k];
        };
        double above = 0.0, below = 0.0;
        for (const double k : at) {
            if (width[static_cast<std::size_t>(k)] == 0.0) continue;
            above = std::max(above, gap(k));
            below = std::max(below, -gap(k));
        }
        const StepSums seen = sum_steps(x.data(), i.data(), j.data(), steps, n, m);
        EXPECT_EQ(seen.above, above / (n * m));
        EXPECT_EQ(seen.below, below / (n * m));
        EXPECT_EQ(seen.area, in_lanes(at, term));
        EXPECT_EQ(seen.deviation, in_lanes(at, spread));
    }
}

TEST_P(EveryTargetOfStats, FindsExtremesAndWhatIsNotFinite) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    for (std::size_t size = 1; size < 40; ++size) {
        auto x = values(size);
        const Range range = range_of(x);
        EXPECT_EQ(range.min, *std::min_element(x.begin(), x.end()));
        EXPECT_EQ(range.max, *std::max_element(x.begin(), x.end()));
        EXPECT_TRUE(all_finite(x));
        EXPECT_FALSE(has_nan(x));
        for (std::size_t at = 0; at < size; ++at) {
            for (const double odd : {infinite, -infinite, std::nan("")}) {
                auto with = x;
                with[at] = odd;
                EXPECT_FALSE(all_finite(with)) << at << " of " << size;
                EXPECT_EQ(has_nan(with), std::isnan(odd));
            }
        }
    }
    EXPECT_TRUE(all_finite(std::vector<double>{std::numeric_limits<double>::max(), -0.0, 5e-324}));
}

TEST_P(EveryTargetOfStats, CountsWhatIsAboveEdges) {
    const auto x = values(77);
    const std::vector<double> edges{-2.0, x[3], x[50], 40.0};
    std::vector<std::int64_t> above(edges.size(), 1);
    count_above(x, edges, above.data());
    for (std::size_t i = 0; i < edges.size(); ++i)
        EXPECT_EQ(above[i], 1 + std::count_if(x.begin(), x.end(), [&](double v) { return v > edges[i]; }));
}

TEST_P(EveryTargetOfStats, SortsColumns) {
    for (std::size_t rows = 0; rows < 70; ++rows) {
        const auto x = values(4 * rows);
        auto sorted = x;
        sort_columns(sorted.data(), rows);
        for (std::size_t column = 0; column < 4; ++column) {
            std::vector<double> wanted, found;
            for (std::size_t i = column; i < x.size(); i += 4) {
                wanted.push_back(x[i]);
                found.push_back(sorted[i]);
            }
            std::sort(wanted.begin(), wanted.end());
            EXPECT_EQ(found, wanted) << rows << " rows";
        }
    }
}

TEST_P(EveryTargetOfStats, KnowsWhatIsInOrder) {
    for (std::size_t size = 0; size < 40; ++size) {
        std::vector<double> x(size, 1.0);
        EXPECT_TRUE(ascending(x));
        EXPECT_TRUE(descending(x));
        for (std::size_t i = 0; i < size; ++i) x[i] = static_cast<double>(i / 2);
        EXPECT_TRUE(ascending(x));
        EXPECT_EQ(descending(x), size < 3);
        for (std::size_t at = 1; at < size; ++at) {
            auto with = x;
            with[at] = -1.0;
            EXPECT_FALSE(ascending(with)) << at << " of " << size;
            for (double& value : with) value = -value;
            EXPECT_FALSE(descending(with)) << at << " of " << size;
        }
    }
}

TEST_P(EveryTargetOfStats, SketchesHaveTheSameBytes) {
    Kll sketch(100);
    sketch.add(values(100'000));
    std::vector<std::byte> bytes;
    sketch.encode(bytes);
    std::uint64_t hash = 0;
    for (const std::byte byte : bytes) hash = hash * 1099511628211U + static_cast<std::uint64_t>(byte);
    static const std::uint64_t first = hash;  // of the target that ran first
    EXPECT_EQ(hash, first);
}

INSTANTIATE_TEST_SUITE_P(Kernels, EveryTargetOfStats, testing::ValuesIn(targets()));

}  // namespace
}  // namespace holdfast::stats::detail

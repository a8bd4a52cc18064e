#include <holdfast/stats/kll.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>

#include "stats/sorting.hpp"

namespace holdfast::stats {
namespace {

/// The largest |estimated - true| rank over values 0 .. n - 1, each once.
double worst_rank_error(const Kll& sketch, std::int64_t n) {
    double worst = 0.0;
    std::int64_t below = 0;
    for (const Kll::Weighted& kept : sketch.sorted()) {
        // Just before a kept value the estimate is too low, at it too high, if it ever is.
        worst = std::max(worst, std::abs(static_cast<double>(below) - kept.value));
        below += kept.weight;
        worst = std::max(worst, std::abs(static_cast<double>(below) - (kept.value + 1.0)));
    }
    return worst / static_cast<double>(n);
}

std::vector<double> shuffled(std::int64_t n) {
    std::vector<double> values(static_cast<std::size_t>(n));
    std::iota(values.begin(), values.end(), 0.0);
    Rng rng(7, "kll_test", "shuffled");
    for (std::int64_t i = n - 1; i > 0; --i) {
        std::swap(values[static_cast<std::size_t>(i)], values[static_cast<std::size_t>(rng.below(i + 1))]);
    }
    return values;
}

TEST(Kll, KeepsEveryValueWhileTheyAreFew) {
    Kll sketch(200);
    for (int i = 0; i < 150; ++i) sketch.add(i);
    EXPECT_EQ(sketch.rank_error(), 0.0);
    EXPECT_EQ(sketch.rank(49.0), 50.0 / 150.0);
    EXPECT_EQ(sketch.quantile(0.0), 0.0);
    EXPECT_EQ(sketch.quantile(0.5), 74.0);
    EXPECT_EQ(sketch.quantile(1.0), 149.0);
}

TEST(Kll, KeepsTheSameWhetherValuesComeOneByOneOrTogether) {
    for (const std::int64_t n : {1, 7, 8, 9, 200, 201, 1000, 5000}) {
        std::vector<double> values = shuffled(n);
        for (double& value : values) value = std::floor(value / 3.0);  // some are equal
        Kll together(200), apart(200);
        together.add(values);
        for (const double value : values) apart.add(value);
        EXPECT_EQ(together, apart) << n;
        std::vector<std::byte> bytes;
        together.encode(bytes);
        auto rest = std::span<const std::byte>(bytes);
        const Kll decoded = Kll::decode(rest);  // a level that is not sorted is refused
        EXPECT_EQ(decoded.count(), n);
        std::vector<std::byte> again;
        decoded.encode(again);
        EXPECT_EQ(again, bytes) << n;
    }
    Kll sketch;
    EXPECT_THROW(sketch.add(std::vector{1.0, std::nan(""), 2.0}), InvalidArgument);
    EXPECT_EQ(sketch.count(), 0);
}

TEST(Kll, SortsAndMergesAsTheStandardLibraryDoes) {
    for (std::int64_t n = 0; n < 300; ++n) {
        const std::vector<double> values = shuffled(n);
        std::vector<double> mine = values, sorted = values;
        detail::sort_values(mine);
        std::sort(sorted.begin(), sorted.end());
        EXPECT_EQ(mine, sorted) << n;
        for (const std::int64_t first : {std::int64_t{0}, n / 3, n / 2, n}) {
            std::vector<double> a(values.begin(), values.begin() + first), b(values.begin() + first, values.end());
            std::sort(a.begin(), a.end());
            std::sort(b.begin(), b.end());
            detail::merge_into(a, b);
            EXPECT_EQ(a, sorted) << first << " of " << n;
        }
    }
}

TEST(Kll, ThinsWhatIsInOrderEvenly) {
    std::vector<double> up(192);
    std::iota(up.begin(), up.end(), 0.0);
    const std::vector<double> down(up.rbegin(), up.rend());
    for (const std::size_t stride : {1U, 2U, 4U, 8U}) {
        for (std::size_t first = 0; first < stride; ++first) {
            for (auto values : {up, down}) {
                const auto kept = detail::thinned(values, stride, first);
                ASSERT_EQ(kept.size(), 192 / stride);
                for (std::size_t i = 0; i < kept.size(); ++i) {
                    EXPECT_EQ(kept[i], static_cast<double>(first + i * stride)) << stride;
                }
            }
        }
    }
}

TEST(Kll, ThinsEachColumnOfWhatIsNotInOrder) {
    for (const std::int64_t n : {4 * 8, 192, 800}) {
        for (const std::size_t stride : {1U, 2U, 4U, 8U}) {
            for (std::size_t first = 0; first < stride; ++first) {
                std::vector<double> values = shuffled(n), wanted;
                for (std::size_t column = 0; column < 4; ++column) {
                    std::vector<double> sorted;
                    for (std::size_t i = column; i < values.size(); i += 4) sorted.push_back(values[i]);
                    std::sort(sorted.begin(), sorted.end());
                    for (std::size_t i = (first + column) % stride; i < sorted.size(); i += stride) {
                        wanted.push_back(sorted[i]);
                    }
                }
                std::sort(wanted.begin(), wanted.end());
                const auto kept = detail::thinned(values, stride, first);
                EXPECT_EQ(std::vector(kept.begin(), kept.end()), wanted) << n << " by " << stride;
            }
        }
    }
}

TEST(Kll, SortsWhatIsLargeOrOddAsTheStandardLibraryDoes) {
    constexpr double infinite = std::numeric_limits<double>::infinity();
    Rng rng(11, "kll_test", "sorting");
    for (const std::int64_t n : {1000, 4099, 100'003}) {
        std::vector<double> values = shuffled(n);
        for (std::size_t i = 0; i < values.size(); i += 3) values[i] = std::floor(values[i] / 100.0);  // many alike
        for (std::size_t i = 1; i < values.size(); i += 97) values[i] = rng.below(2) == 0 ? infinite : -infinite;
        for (std::size_t i = 2; i < values.size(); i += 89) values[i] = std::ldexp(rng.uniform(), -1060);  // subnormal
        std::vector<double> sorted = values;
        detail::sort_values(values);
        std::sort(sorted.begin(), sorted.end());
        EXPECT_EQ(values, sorted) << n;
    }
}

TEST(Kll, EmptyHasNoQuantiles) {
    const Kll sketch;
    EXPECT_TRUE(std::isnan(sketch.quantile(0.5)));
    EXPECT_TRUE(std::isnan(sketch.rank(0.0)));
    EXPECT_TRUE(std::isnan(sketch.min()));
    EXPECT_EQ(sketch, Kll());
}

TEST(Kll, RefusesWhatItCannotHold) {
    Kll sketch;
    EXPECT_THROW(sketch.add(std::nan("")), InvalidArgument);
    EXPECT_THROW(Kll(7), InvalidArgument);
    EXPECT_THROW(sketch.merge(Kll(100)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(sketch.quantile(1.5)), InvalidArgument);
}

TEST(Kll, RankErrorIsWithinDataSketchesBoundOnTenMillionValues) {
    constexpr std::int64_t n = 10'000'000;
    Kll ascending, descending, random, zoomed;
    for (std::int64_t i = 0; i < n; ++i) ascending.add(static_cast<double>(i));
    for (std::int64_t i = n; i-- > 0;) descending.add(static_cast<double>(i));
    for (double value : shuffled(n)) random.add(value);
    for (std::int64_t i = 0; i < n; ++i) zoomed.add(static_cast<double>(i % 2 == 0 ? i / 2 : n - 1 - i / 2));
    for (const Kll* sketch : {&ascending, &descending, &random, &zoomed}) {
        EXPECT_EQ(sketch->count(), n);
        EXPECT_NEAR(sketch->rank_error(), 0.0165, 5e-5);
        EXPECT_LE(worst_rank_error(*sketch, n), sketch->rank_error());
        EXPECT_LE(sketch->kept(), sketch->max_kept());
        EXPECT_LE(sketch->max_kept(), 4 * 200 + 8 * 20);
        std::vector<std::byte> bytes;
        sketch->encode(bytes);
        EXPECT_LE(bytes.size(), static_cast<std::size_t>(8 * (3 * 200 + 8 * 20)));
    }
}

TEST(Kll, RankErrorIsWithinTheBoundAfterAThousandMerges) {
    constexpr std::int64_t n = 1'000'000;
    const std::vector<double> values = shuffled(n);
    for (const bool sorted : {false, true}) {
        std::vector<Kll> parts(1000);
        for (std::int64_t i = 0; i < n; ++i) {
            const double value = sorted ? static_cast<double>(i) : values[static_cast<std::size_t>(i)];
            parts[static_cast<std::size_t>(i / 1000)].add(value);
        }
        Kll in_turn;
        for (const Kll& part : parts) in_turn.merge(part);
        for (std::size_t width = 1; width < parts.size(); width *= 2) {
            for (std::size_t i = 0; i + width < parts.size(); i += 2 * width) parts[i].merge(parts[i + width]);
        }
        EXPECT_EQ(in_turn.count(), n);
        EXPECT_LE(worst_rank_error(in_turn, n), in_turn.rank_error());
        EXPECT_EQ(parts.front().count(), n);
        EXPECT_LE(worst_rank_error(parts.front(), n), in_turn.rank_error());
    }
}

// The bound holds with 99 %: of 200 sketches 2 are expected beyond it, and 8 would be a wonder.
TEST(Kll, RankErrorIsWithinTheBoundForNinetyNineInAHundred) {
    constexpr std::int64_t n = 20'000;
    int beyond = 0;
    for (int seed = 0; seed < 200; ++seed) {
        std::vector<double> values = shuffled(n);
        std::rotate(values.begin(), values.begin() + seed * 97, values.end());
        Kll sketch;
        for (double value : values) sketch.add(value);
        if (worst_rank_error(sketch, n) > sketch.rank_error()) ++beyond;
    }
    EXPECT_LT(beyond, 8);
}

TEST(Kll, TheSameValuesGiveTheSameBytes) {
    Kll a, b;
    for (double value : shuffled(50'000)) {
        a.add(value);
        b.add(value);
    }
    std::vector<std::byte> bytes_a, bytes_b;
    a.encode(bytes_a);
    b.encode(bytes_b);
    EXPECT_EQ(bytes_a, bytes_b);
    std::span<const std::byte> rest = bytes_a;
    const Kll decoded = Kll::decode(rest);
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(decoded.count(), a.count());
    EXPECT_NEAR(decoded.quantile(0.5), a.quantile(0.5), 2 * a.rank_error() * 50'000);
}

TEST(Kll, RefusesDamagedBytes) {
    Kll sketch;
    for (int i = 0; i < 1000; ++i) sketch.add(i);
    std::vector<std::byte> bytes;
    sketch.encode(bytes);
    for (std::size_t size = 0; size < bytes.size(); size += 13) {
        std::span<const std::byte> cut(bytes.data(), size);
        EXPECT_THROW(static_cast<void>(Kll::decode(cut)), CorruptArtifact);
    }
    bytes[4] ^= std::byte{1};  // the count
    std::span<const std::byte> rest = bytes;
    EXPECT_THROW(static_cast<void>(Kll::decode(rest)), CorruptArtifact);
}

}  // namespace
}  // namespace holdfast::stats

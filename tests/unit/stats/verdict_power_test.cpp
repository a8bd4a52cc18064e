// Error rates of the tests of categories, and the power of every kind of test at the effect that it calls detectable.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/math.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/effects.hpp>

#include "stats/kstwo.hpp"

namespace holdfast {
namespace {

using stats::ColumnSample;
using stats::Effect;

constexpr double alpha = 0.05, tolerance = 0.1;

double slack(double rate, std::int64_t repetitions) {
    return 3.0 * std::sqrt(rate * (1.0 - rate) / static_cast<double>(repetitions));
}

/// A text column's counts: the first category's share less `shift`, the last one's more.
ColumnSample categories(std::vector<double> shares, double shift, std::int64_t rows, Rng& rng) {
    shares.front() -= shift;
    shares.back() += shift;
    std::vector<std::int64_t> counts(shares.size(), 0);
    for (std::int64_t i = 0; i < rows; ++i) {
        double left = rng.uniform();
        std::size_t at = 0;
        while (at + 1 < shares.size() && left >= shares[at]) left -= shares[at++];
        ++counts[at];
    }
    ColumnSample sample;
    sample.type = ColumnType::string;
    sample.is_raw = true;
    sample.rows = rows;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) sample.items["category " + std::to_string(i)] = counts[i];
    }
    return sample;
}

std::vector<double> shares_for(const std::string& test) {
    if (test == "fisher") return {0.6, 0.4};
    return {0.35, 0.25, 0.2, 0.12, 0.08};
}

void simulate(const std::string& test, std::int64_t n, std::int64_t m, std::int64_t repetitions) {
    for (int times = 0; times <= 2; ++times) {
        std::int64_t drift = 0, ok = 0, covered = 0, settled = 0;
        const double truth = times * tolerance;
        for (std::int64_t i = 0; i < repetitions; ++i) {
            Rng rng(5, "verdicts of categories", test + std::to_string(n) + "/" + std::to_string(i));
            const ColumnSample reference = categories(shares_for(test), 0.0, n, rng);
            const Effect effect =
                stats::effect_of(std::string_view(test), reference, categories(shares_for(test), truth, m, rng));
            const auto bounds = effect.bounds(alpha / 2.0);
            covered += bounds.lower <= truth && truth <= bounds.upper ? 1 : 0;
            drift += effect.p_drift(tolerance) < alpha ? 1 : 0;
            ok += effect.p_ok(tolerance) < alpha ? 1 : 0;
            settled += effect.judge(tolerance, alpha).verdict != stats::Verdict::insufficient ? 1 : 0;
        }
        const auto all = static_cast<double>(repetitions);
        const std::string cell =
            test + " x" + std::to_string(times) + ", " + std::to_string(n) + " and " + std::to_string(m);
        if (times <= 1) {
            EXPECT_LE(static_cast<double>(drift) / all, alpha + slack(alpha, repetitions)) << cell;
        }
        if (times >= 1) {
            EXPECT_LE(static_cast<double>(ok) / all, alpha + slack(alpha, repetitions)) << cell;
        }
        EXPECT_GE(static_cast<double>(covered) / all, 0.94 - slack(0.94, repetitions)) << cell;
        EXPECT_EQ(settled, drift + ok) << cell;
        if (n >= 10'000 && m >= 10'000 && times != 1) {
            EXPECT_GE(static_cast<double>(settled) / all, 0.99) << cell;
        }
    }
}

void simulate_all(std::int64_t repetitions) {
    for (const char* test : {"total_variation", "l_infinity", "fisher"}) {
        simulate(test, 30, 30, repetitions);
        simulate(test, 100, 100, repetitions);
        simulate(test, 1'000, 1'000, repetitions);
        simulate(test, 1'000, 100, repetitions);
        simulate(test, 10'000, 10'000, repetitions / 10);
    }
}

TEST(VerdictsOfCategories, KeepTheirPromises) { simulate_all(1'000); }
TEST(VerdictsOfCategoriesLong, KeepTheirPromises) { simulate_all(20'000); }

ColumnSample normal(double shift, double scale, std::int64_t rows, Rng& rng) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < rows; ++i) {
        values.push_back(shift + scale * math::normal_quantile((std::floor(rng.uniform() * 0x1p52) + 0.5) * 0x1p-52));
    }
    return ColumnSample::of(Column::of(std::move(values)));
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// Of two normals `shift` apart, over the first one's deciles.
double of_deciles(const std::string& test, double shift) {
    double psi = 0.0, hellinger = 0.0, before = 0.0;
    for (int i = 1; i <= 10; ++i) {
        const double after = i == 10 ? 1.0 : normal_cdf(math::normal_quantile(0.1 * i) - shift), q = after - before;
        psi += (q - 0.1) * std::log(q / 0.1);
        hellinger += 0.5 * std::pow(std::sqrt(q) - std::sqrt(0.1), 2);
        before = after;
    }
    return test == "psi" ? psi : std::sqrt(hellinger);
}

// The shift (or log scale) at which two normals have this effect.
double shift_for(const std::string& test, double effect) {
    if (test == "ks" || test == "kuiper") return 2.0 * math::normal_quantile(0.5 * (1.0 + effect));
    if (test == "mann_whitney") return std::sqrt(2.0) * math::normal_quantile(0.5 * (1.0 + effect));
    if (test == "psi" || test == "hellinger") {
        double low = 0.0, high = 5.0;
        for (int i = 0; i < 60; ++i) {
            const double middle = 0.5 * (low + high);
            (of_deciles(test, middle) < effect ? low : high) = middle;
        }
        return low;
    }
    return effect;  // wasserstein and mean in standard deviations, levene as a log scale
}

class Detectable : public testing::TestWithParam<const char*> {};

TEST_P(Detectable, IsCalledDriftFourTimesInFive) {
    constexpr std::int64_t repetitions = 2'000;
    const std::string test = GetParam();
    const double held = stats::default_tolerance(test);
    for (const std::int64_t rows : {200, 2'000}) {
        double detectable = 0.0;
        for (int i = 0; i < 10; ++i) {
            Rng rng(6, "detectable", test + std::to_string(rows) + "/" + std::to_string(i));
            const auto reference = normal(0, 1, rows, rng), current = normal(0, 1, rows, rng);
            detectable += 0.1 * stats::effect_of(std::string_view(test), reference, current).detectable(held, alpha);
        }
        ASSERT_GT(detectable, held);
        const double shift = shift_for(test, detectable);
        const double scale = test == "levene" ? std::exp(shift) : 1.0;
        std::int64_t drift = 0;
        for (std::int64_t i = 0; i < repetitions; ++i) {
            Rng rng(7, "power", test + std::to_string(rows) + "/" + std::to_string(i));
            const auto reference = normal(0, 1, rows, rng);
            const auto current = normal(test == "levene" ? 0.0 : shift, scale, rows, rng);
            drift += stats::effect_of(std::string_view(test), reference, current).p_drift(held) < alpha ? 1 : 0;
        }
        EXPECT_GE(static_cast<double>(drift), static_cast<double>(repetitions) * (0.8 - slack(0.8, repetitions)))
            << rows << " rows, detectable " << detectable;
    }
}

INSTANTIATE_TEST_SUITE_P(Tests, Detectable,
                         testing::Values("ks", "wasserstein", "kuiper", "mann_whitney", "mean", "levene", "psi",
                                         "hellinger"));

TEST(Detectable, HoldsForCategories) {
    constexpr std::int64_t repetitions = 500;
    for (const std::string test : {"total_variation", "l_infinity", "fisher"}) {
        Rng rng(8, "detectable", test);
        const auto shares = shares_for(test);
        const Effect equal = stats::effect_of(std::string_view(test), categories(shares, 0.0, 2'000, rng),
                                              categories(shares, 0.0, 2'000, rng));
        const double shift = equal.detectable(tolerance, alpha);
        ASSERT_LT(shift, shares.front());
        std::int64_t drift = 0;
        for (std::int64_t i = 0; i < repetitions; ++i) {
            const ColumnSample reference = categories(shares, 0.0, 2'000, rng);
            const Effect seen =
                stats::effect_of(std::string_view(test), reference, categories(shares, shift, 2'000, rng));
            drift += seen.p_drift(tolerance) < alpha ? 1 : 0;
        }
        EXPECT_GE(static_cast<double>(drift), static_cast<double>(repetitions) * (0.8 - slack(0.8, repetitions)))
            << test;
    }
}

// A p-value of drift is the level at which the lower bound is the tolerance; the verdict follows from either.
TEST(Effects, TheirPValuesAreWhereTheirBoundsMeetTheTolerance) {
    Rng rng(9, "bounds and p-values", "");
    const auto reference = normal(0, 1, 400, rng), current = normal(0.5, 1.2, 300, rng);
    for (const std::string_view test : stats::effect_tests()) {
        if (!stats::applies_to(test, stats::ColumnKind::numeric) || test == "missing") continue;
        const Effect effect = stats::effect_of(test, reference, current);
        for (const double level : {0.2, 0.05, 1e-3, 1e-8}) {
            const auto bounds = effect.bounds(level);
            if (bounds.lower > 0.0) {
                EXPECT_NEAR(std::log(effect.p_drift(bounds.lower)), std::log(level), 1e-3) << test;
            }
            if (bounds.upper < effect.largest) {
                EXPECT_NEAR(std::log(effect.p_ok(bounds.upper)), std::log(level), 1e-3) << test;
            }
            EXPECT_LE(bounds.lower, bounds.upper) << test;
            EXPECT_LE(bounds.lower, effect.value + 1e-12) << test << " at " << level;
            EXPECT_GE(bounds.upper, effect.value - 1e-12) << test << " at " << level;
        }
    }
}

ColumnSample profiled(const ColumnSample& raw) {
    Table table;
    table.add("x", Column::of(raw.values));
    return ColumnSample::of(*stats::Profile::of(table).find("x"));
}

// What a profile is bounded by holds what the rows say; with histograms on the reference's edges nothing is off.
TEST(Effects, OfProfilesHoldThoseOfTheirRows) {
    Rng rng(12, "profiles", "");
    for (const double shift : {0.0, 0.2, 1.0}) {
        const auto a = normal(0, 1, 20'000, rng), b = normal(shift, 1, 9'000, rng);
        for (const std::string_view test : stats::effect_tests()) {
            if (!stats::applies_to(test, stats::ColumnKind::numeric) || test == "missing") continue;
            if (test == "cramer_von_mises" || test == "anderson_darling" || test == "levene") {
                EXPECT_THROW(static_cast<void>(stats::effect_of(test, profiled(a), b)), Unsupported) << test;
                continue;
            }
            const auto exact = stats::effect_of(test, a, b).bounds(0.01);
            const auto seen = stats::effect_of(test, profiled(a), profiled(b)).bounds(0.01);
            EXPECT_LE(seen.lower, exact.lower + 1e-3) << test << " at " << shift;
            EXPECT_GE(seen.upper, exact.upper - 1e-3) << test << " at " << shift;
        }
    }
}

TEST(Effects, OfHistogramsOnTheReferencesEdgesAreExact) {
    Rng rng(13, "histograms", "");
    const auto a = normal(0, 1, 20'000, rng), b = normal(0.3, 1, 9'000, rng);
    auto before = profiled(a), now = profiled(b);
    for (int i = 1; i < 10; ++i) before.edges.push_back(a.values[static_cast<std::size_t>(2'000 * i - 1)]);
    now.edges = before.edges;
    const auto counted = [](const ColumnSample& rows, const std::vector<double>& edges) {
        std::vector<std::int64_t> bins(edges.size() + 1, 0);
        for (double value : rows.values)
            ++bins[static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin())];
        return bins;
    };
    before.bins = counted(a, before.edges);
    now.bins = counted(b, now.edges);
    for (const std::string_view test : {"psi", "js", "hellinger", "kl", "chi2", "g_test"}) {
        const Effect seen = stats::effect_of(test, before, now), exact = stats::effect_of(test, a, b);
        EXPECT_EQ(seen.value, exact.value) << test;
        EXPECT_EQ(seen.bounds(0.01).lower, exact.bounds(0.01).lower) << test;
        EXPECT_EQ(seen.note, "") << test;
    }
}

TEST(Effects, OfOddColumnsAreAnswered) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const std::vector<std::vector<double>> odd{{},
                                               {1.0},
                                               {nan, nan},
                                               {2.0, 2.0, 2.0},
                                               {3.0, 3.0, 3.0},
                                               {infinite, -infinite, 1.0},
                                               {1.0, 1e300, -1e300},
                                               {-0.0, 0.0},
                                               {1e-310, 2e-310, 3e-310}};
    for (const std::string_view test : stats::effect_tests()) {
        if (!stats::applies_to(test, stats::ColumnKind::numeric)) continue;
        for (const auto& a : odd) {
            for (const auto& b : odd) {
                const Effect effect =
                    stats::effect_of(test, ColumnSample::of(Column::of(a)), ColumnSample::of(Column::of(b)));
                const auto judged = effect.judge(stats::default_tolerance(test), 0.05);
                EXPECT_FALSE(judged.interval.lower > judged.interval.upper) << test;
                EXPECT_FALSE(effect.p_drift(0.1) < 0.0 || effect.p_drift(0.1) > 1.0) << test;
                EXPECT_EQ(judged.verdict == stats::Verdict::drift,
                          judged.interval.lower > judged.tolerance && effect.is_judged)
                    << test;
                if (a.size() < 2 || b.size() < 2) {
                    EXPECT_NE(judged.verdict, stats::Verdict::ok) << test;
                }
            }
        }
    }
    EXPECT_THROW(static_cast<void>(stats::effect_of({"ks", stats::EffectUnit::raw}, ColumnSample(), ColumnSample())),
                 InvalidArgument);
    EXPECT_THROW(static_cast<void>(stats::parse_effect_unit("miles")), InvalidArgument);
}

TEST(Effects, OfWassersteinComeInUnitsAskedFor) {
    std::vector<double> a, b;
    for (int i = 0; i < 1'000; ++i) {
        a.push_back(i % 100);
        b.push_back(i % 100 + 200);
    }
    const auto reference = ColumnSample::of(Column::of(a)), current = ColumnSample::of(Column::of(b));
    const auto of = [&](stats::EffectUnit unit) {
        return stats::effect_of({"wasserstein", unit}, reference, current).bounds(0.05);
    };
    const double raw = of(stats::EffectUnit::raw).lower;
    EXPECT_LT(raw, 200.0);
    EXPECT_GT(raw, 190.0);
    EXPECT_NEAR(of(stats::EffectUnit::iqr).lower, raw / 50.0, 1e-9);  // from 24 to 74
    // The standard deviation has an error of its own, that of its logarithm sqrt((kurtosis - 1) / n) / 2 = 0.0141;
    // by NumPy and SciPy: (200 - t_999(0.9875) hypot(s / sqrt(n) + 200 * 0.0141, s / sqrt(n))) / s.
    EXPECT_NEAR(of(stats::EffectUnit::sd).lower, 6.6262288477159315, 1e-9);
}

// SciPy: kstwo.sf(d, n).
// Expected: SciPy's ks_2samp, method="exact". The limit says 0.047 of the first, and so rejects too often.
TEST(Effects, TheirKsPValueIsExactInSmallSamples) {
    const auto steps = [](std::int64_t rows, double width, double shift) {
        std::vector<double> values;
        for (std::int64_t i = 1; i <= rows; ++i) values.push_back(static_cast<double>(i) * width + shift);
        return ColumnSample::of(Column::of(std::move(values)));
    };
    EXPECT_NEAR(stats::effect_of(std::string_view("ks"), steps(100, 1.0, 0.0), steps(100, 1.0, 18.5)).p_value,
                0.05390207893129876, 1e-12);
    EXPECT_NEAR(stats::effect_of(std::string_view("ks"), steps(40, 1.5, 0.0), steps(60, 1.0, 15.25)).p_value,
                0.05765479465617178, 1e-12);
}

TEST(Effects, TheirKsPValueIsTheLimitsInLargeSamples) {
    EXPECT_NEAR(stats::detail::ks_limit_p(20'002, 20'002, std::sqrt(4.0 / 10'001)) / 0.000661685340484182, 1.0, 1e-3);
    EXPECT_NEAR(stats::detail::ks_limit_p(1'000'000, 1'000'000, std::sqrt(10.0 / 500'000)) / 4.109706332756987e-09, 1.0,
                1e-3);
    EXPECT_NEAR(stats::detail::ks_limit_p(200'000, 200'000, std::sqrt(50.0 / 100'000)) / 7.250641646494841e-44, 1.0,
                1e-3);
    EXPECT_EQ(stats::detail::ks_limit_p(200'000, 200'000, 1.0), 0.0);
}

TEST(Effects, RowsWantedSettleIt) {
    Rng rng(10, "rows wanted", "");
    const auto reference = normal(0, 1, 100'000, rng), current = normal(0.5, 1, 60, rng);
    for (const char* test : {"ks", "wasserstein", "mean", "psi", "energy", "mann_whitney"}) {
        const Effect effect = stats::effect_of(std::string_view(test), reference, current);
        const auto judged = effect.judge(stats::default_tolerance(test), 0.01);
        if (judged.verdict != stats::Verdict::insufficient) continue;
        EXPECT_GT(judged.rows_wanted, 60) << test;
        Effect larger = effect;
        larger.current_rows = judged.rows_wanted;
        EXPECT_NE(larger.judge(stats::default_tolerance(test), 0.01).verdict, stats::Verdict::insufficient) << test;
    }
}

}  // namespace
}  // namespace holdfast

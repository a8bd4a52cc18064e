#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/tests.hpp>

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Numbers as data has them: some missing, some infinite, many alike.
std::vector<double> odd_numbers(std::size_t least) {
    const auto one =
        rc::gen::oneOf(rc::gen::map(rc::gen::inRange(-5, 5), [](int v) { return static_cast<double>(v); }),
                       rc::gen::arbitrary<double>(), rc::gen::element(nan, std::numeric_limits<double>::infinity()));
    auto values = *rc::gen::container<std::vector<double>>(one);
    while (values.size() < least) values.push_back(static_cast<double>(*rc::gen::inRange(-5, 5)));
    return values;
}

Table table_of(const std::vector<double>& numbers) {
    std::vector<std::string> texts;
    for (double value : numbers)
        texts.push_back(std::isnan(value) ? "none" : std::to_string(static_cast<int>(std::fmod(value, 7.0))));
    Table table;
    table.add("x", Column::of(numbers)).add("t", Column::strings(texts));
    return table;
}

/// What must not depend on order: all but the moments' last bits and the sketch.
bool same_counts(const ColumnProfile& a, const ColumnProfile& b) {
    const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    return a.rows == b.rows && a.missing == b.missing && a.non_finite == b.non_finite && same(a.min, b.min) &&
           same(a.max, b.max) && a.items == b.items && a.other == b.other && a.sketch.count() == b.sketch.count();
}

RC_GTEST_PROP(ProfileProperty, MergingInAnyOrderCountsTheSame, ()) {
    const auto parts = *rc::gen::inRange<std::size_t>(1, 6);
    std::vector<Profile> profiles;
    std::vector<double> all;
    for (std::size_t i = 0; i < parts; ++i) {
        const auto numbers = odd_numbers(0);
        all.insert(all.end(), numbers.begin(), numbers.end());
        profiles.push_back(Profile::of(table_of(numbers)));
    }
    const Profile in_order = Profile::merged(profiles);
    std::vector<std::size_t> order(parts);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::reverse(order.begin(), order.end());
    std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, parts)),
                order.end());
    Profile shuffled;
    for (std::size_t i : order) shuffled += profiles[i];
    const Profile whole = Profile::of(table_of(all));
    for (const char* name : {"x", "t"}) {
        RC_ASSERT(same_counts(*in_order.find(name), *shuffled.find(name)));
        RC_ASSERT(same_counts(*in_order.find(name), *whole.find(name)));
    }
}

RC_GTEST_PROP(ProfileProperty, BytesComeBackAsTheyWere, ()) {
    const Profile profile = Profile::of(table_of(odd_numbers(0)));
    RC_ASSERT(Profile::decode(profile.encode()).encode() == profile.encode());
}

RC_GTEST_PROP(TestProperty, PermutedSamplesGiveTheSameBits, ()) {
    auto a = odd_numbers(0), b = odd_numbers(0);
    a.push_back(1.0);
    b.push_back(2.0);
    const TestResult ks_before = ks(a, b), w_before = wasserstein(a, b);
    std::reverse(a.begin(), a.end());
    std::rotate(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(b.size() / 2), b.end());
    const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    RC_ASSERT(ks(a, b).statistic == ks_before.statistic);
    RC_ASSERT(ks(a, b).p_value == ks_before.p_value);
    RC_ASSERT(same(wasserstein(a, b).statistic, w_before.statistic));
    RC_ASSERT(same(wasserstein(a, b).effect, w_before.effect));
}

RC_GTEST_PROP(TestProperty, EqualSamplesHaveNoEffectAndTheIntervalHoldsIt, ()) {
    auto a = odd_numbers(0);
    a.push_back(0.0);
    const TestResult equal = ks(a, a);
    RC_ASSERT(equal.statistic == 0.0);
    RC_ASSERT(equal.p_value == 1.0);
    RC_ASSERT(equal.interval.lower == 0.0);
    const auto b = odd_numbers(1);
    if (std::all_of(b.begin(), b.end(), [](double v) { return std::isnan(v); })) return;
    const TestResult other = ks(a, b);
    RC_ASSERT(other.statistic >= 0.0 && other.statistic <= 1.0);
    RC_ASSERT(other.p_value >= 0.0 && other.p_value <= 1.0);
    RC_ASSERT(other.interval.lower <= other.effect && other.effect <= other.interval.upper);
}

RC_GTEST_PROP(TestProperty, DivergencesOfCountsAreDistances, ()) {
    const auto count = rc::gen::map(rc::gen::inRange(0, 50), [](int v) { return static_cast<double>(v); });
    const auto k = *rc::gen::inRange<std::size_t>(1, 8);
    auto p = *rc::gen::container<std::vector<double>>(k, count), q = *rc::gen::container<std::vector<double>>(k, count);
    p[0] += 1.0;
    q[k - 1] += 1.0;
    for (const auto& test : {js, total_variation}) {
        const TestResult forth = test(p, q), back = test(q, p);
        RC_ASSERT(std::abs(forth.statistic - back.statistic) <= 1e-12);
        RC_ASSERT(forth.statistic >= 0.0 && forth.statistic <= 1.0 + 1e-12);
        RC_ASSERT(test(p, p).statistic <= 1e-8);
        RC_ASSERT(forth.interval.lower <= forth.interval.upper);
    }
    RC_ASSERT(psi(p, q).statistic >= 0.0);
}

}  // namespace
}  // namespace holdfast::stats

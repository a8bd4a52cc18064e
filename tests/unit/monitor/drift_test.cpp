#include <holdfast/monitor/drift.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>

namespace holdfast {
namespace {

using stats::Profile;
using stats::Verdict;

/// Numbers about `centre`, categories of which a share is "b", and a share of missing numbers.
Table sample(std::string_view key, std::int64_t n, double centre = 0.0, double b_share = 0.3, double missing = 0.0) {
    Rng rng(11, "drift_test", key);
    std::vector<double> numbers;
    std::vector<std::string> texts;
    for (std::int64_t i = 0; i < n; ++i) {
        double sum = -6.0;
        for (int j = 0; j < 12; ++j) sum += rng.uniform();
        numbers.push_back(rng.uniform() < missing ? std::numeric_limits<double>::quiet_NaN() : centre + sum);
        texts.emplace_back(rng.uniform() < b_share ? "b" : "a");
    }
    Table table;
    table.add("x", Column::of(numbers)).add("c", Column::strings(texts));
    return table;
}

const stats::ColumnDrift& test_of(const DriftReport& report, std::string_view column, std::string_view test) {
    for (const auto& each : report.summary.tests) {
        if (each.column == column && each.test == test) return each;
    }
    throw NotFound("no such test");
}

TEST(Drift, SaysOkForTheSameAndDriftForAShift) {
    const Table reference = sample("reference", 40'000);
    const DriftReport same = drift(reference, sample("same", 40'000));
    EXPECT_EQ(same.summary.verdict, Verdict::ok);
    EXPECT_EQ(same.summary.columns, 2);
    EXPECT_EQ(same.family, 4);
    const DriftReport shifted = drift(reference, sample("shifted", 5'000, 0.5, 0.6));
    EXPECT_EQ(shifted.summary.verdict, Verdict::drift);
    EXPECT_EQ(shifted.summary.drifted, 2);
    const auto& ks = test_of(shifted, "x", "ks");
    EXPECT_GT(ks.interval.lower, ks.tolerance);
    EXPECT_GT(ks.interval.upper, ks.effect);
    EXPECT_LT(ks.p_value, 1e-10);
    EXPECT_NEAR(test_of(shifted, "x", "wasserstein").effect, 0.5, 0.1);
    EXPECT_NEAR(test_of(shifted, "c", "total_variation").effect, 0.3, 0.05);
}

TEST(Drift, FewRowsAreInsufficientAndSayHowManyAreWanted) {
    const DriftReport report = drift(sample("reference", 40'000), sample("few", 30, 0.5));
    EXPECT_EQ(report.summary.verdict, Verdict::insufficient);
    const auto& ks = test_of(report, "x", "ks");
    EXPECT_EQ(ks.verdict, Verdict::insufficient);
    EXPECT_GT(ks.rows_wanted, 30);
    EXPECT_GT(ks.detectable, ks.tolerance);
}

TEST(Drift, AMissingShareThatShiftsIsDrift) {
    const DriftReport report = drift(sample("reference", 10'000), sample("holes", 5'000, 0.0, 0.3, 0.3));
    EXPECT_EQ(test_of(report, "x", "missing").verdict, Verdict::drift);
    EXPECT_EQ(report.summary.verdict, Verdict::drift);
}

TEST(Drift, NewCategoriesCount) {
    Table reference, current;
    reference.add("c", Column::strings(std::vector<std::string>(5000, "a")));
    std::vector<std::string> values(5000, "a");
    for (std::size_t i = 0; i < 2000; ++i) values[i] = "new";
    current.add("c", Column::strings(values));
    EXPECT_EQ(drift(reference, current).summary.verdict, Verdict::drift);
}

TEST(Drift, TheWholeCountsColumns) {
    const Table reference = sample("reference", 40'000);
    const Table current = sample("half", 40'000, 0.0, 0.9);
    EXPECT_EQ(drift(reference, current).summary.verdict, Verdict::drift);
    DriftOptions options;
    options.share = 0.6;
    const DriftReport report = drift(reference, current, options);
    EXPECT_EQ(report.summary.drifted, 1);
    EXPECT_EQ(report.summary.verdict, Verdict::ok);
    options.share = 0.5;
    EXPECT_EQ(drift(reference, current, options).summary.verdict, Verdict::drift);
}

TEST(Drift, LeavesOutAndNamesWhatHasNoDistribution) {
    std::vector<std::int64_t> numbers;
    std::vector<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        numbers.push_back(i);
        ids.push_back("id" + std::to_string(i));
    }
    Table table;
    table.add("row", Column::of(numbers)).add("id", Column::strings(ids)).add("at", Column::timestamps(numbers));
    const DriftReport report = drift(table, table);
    EXPECT_EQ(report.summary.columns, 0);
    EXPECT_EQ(report.summary.verdict, Verdict::insufficient);
    EXPECT_EQ(report.left_out, (std::vector<std::string>{"row: almost only distinct values",
                                                         "id: almost only distinct values", "at: a timestamp"}));
    DriftOptions options;
    options.columns = {"row"};
    EXPECT_EQ(drift(table, table, options).summary.columns, 1);
}

TEST(Drift, RefusesWhatCannotBeCompared) {
    const Table reference = sample("reference", 100);
    Table other;
    other.add("x", Column::strings(std::vector<std::string>{"a"}));
    EXPECT_THROW(static_cast<void>(drift(reference, other)), InvalidArgument);
    DriftOptions options;
    options.columns = {"nowhere"};
    EXPECT_THROW(static_cast<void>(drift(reference, reference, options)), InvalidArgument);
    options = {};
    options.tests["x"] = {{"unheard_of", 0.1}};
    EXPECT_THROW(static_cast<void>(drift(reference, reference, options)), InvalidArgument);
    options.tests["x"] = {{"total_variation", 0.1}};
    EXPECT_THROW(static_cast<void>(drift(reference, reference, options)), InvalidArgument);
    options = {};
    options.alpha = 0.0;
    EXPECT_THROW(static_cast<void>(drift(reference, reference, options)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(default_tolerance("unheard_of")), InvalidArgument);
}

TEST(Drift, EveryTestAnswersOnOddColumns) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const std::vector<std::vector<double>> odd{
        {}, {1.0}, {nan, nan}, {2.0, 2.0, 2.0}, {infinite, -infinite, 1.0}, {1.0, 1e300, -1e300}};
    for (const char* test : {"ks", "wasserstein", "missing", "psi", "js", "chi2"}) {
        DriftOptions options;
        options.tests["x"] = {{test, 0.1}};
        for (const auto& a : odd) {
            for (const auto& b : odd) {
                Table left, right;
                left.add("x", Column::of(a));
                right.add("x", Column::of(b));
                const DriftReport report = drift(left, right, options);
                ASSERT_EQ(report.summary.tests.size(), 1U);
                EXPECT_NE(report.summary.verdict, a.size() < 2 ? Verdict::ok : static_cast<Verdict>(3)) << test;
                const Json json = to_json(report);
                const auto back = stats::drift_summary_from_json(Json::parse(json.canonical()).at("summary"));
                EXPECT_EQ(stats::to_json(back).canonical(), json.at("summary").canonical());
            }
        }
    }
}

// At an effect equal to the tolerance neither drift nor ok may be said but in alpha of the cases (0.05; 400
// repetitions: 3 Monte Carlo standard errors are 0.033).
TEST(Drift, KeepsItsErrorRatesAtTheTolerance) {
    for (const char* test : {"ks", "wasserstein"}) {
        int drifts = 0, oks = 0;
        DriftOptions options;
        options.columns = {"x"};
        // A normal shifted by s has KS distance 2 Phi(s / 2) - 1.
        options.tests["x"] = {{test, std::string_view(test) == "ks" ? std::erf(0.25 / std::sqrt(8.0)) : 0.25}};
        for (int i = 0; i < 400; ++i) {
            const std::string key = std::to_string(i);
            const DriftReport report = drift(sample("a" + key, 200), sample("b" + key, 200, 0.25), options);
            drifts += report.summary.verdict == Verdict::drift ? 1 : 0;
            oks += report.summary.verdict == Verdict::ok ? 1 : 0;
        }
        EXPECT_LE(drifts, 400 * 0.083) << test;
        EXPECT_LE(oks, 400 * 0.083) << test;
    }
}

}  // namespace
}  // namespace holdfast

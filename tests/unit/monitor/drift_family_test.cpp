// Reports of many columns, slices, and tolerances made of past windows.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/monitor/drift.hpp>

namespace holdfast {
namespace {

using stats::Correction;
using stats::Profile;
using stats::Threshold;
using stats::Verdict;

constexpr std::array corrections{Correction::bonferroni, Correction::holm, Correction::benjamini_hochberg,
                                 Correction::benjamini_yekutieli};

/// About normal, around `centre`.
std::vector<double> numbers(const std::string& key, std::int64_t n, double centre = 0.0) {
    Rng rng(3, "drift_family_test", key);
    std::vector<double> values;
    for (std::int64_t i = 0; i < n; ++i) {
        double sum = centre - 6.0;
        for (int j = 0; j < 12; ++j) sum += rng.uniform();
        values.push_back(sum);
    }
    return values;
}

/// Columns of which each is shifted a little farther than the one before.
Table fan(const std::string& key, std::int64_t n, double step) {
    Table table;
    for (int i = 0; i < 12; ++i) {
        const std::string name = "x" + std::to_string(i);
        table.add(name, Column::of(numbers(key + name, n, step * i)));
    }
    return table;
}

TEST(DriftFamily, BoundsVerdictsAndCorrectedPValuesSayTheSame) {
    const Table reference = fan("reference", 2000, 0.0), current = fan("current", 2000, 0.06);
    for (const Correction correction : corrections) {
        DriftOptions options;
        options.correction = correction;
        const DriftReport report = drift(reference, current, options);
        EXPECT_EQ(report.family, 36);
        std::vector<double> p;
        for (const auto& test : report.summary.tests) p.push_back(test.p_drift);
        EXPECT_EQ(p.size(), 24U);  // missing-share tests say nothing here, and count
        p.resize(36, 1.0);
        const auto corrected = stats::corrected(correction, p);
        int drifts = 0;
        for (std::size_t i = 0; i < 24; ++i) {
            const auto& test = report.summary.tests[i];
            EXPECT_DOUBLE_EQ(test.p_corrected, corrected[i]);
            EXPECT_EQ(test.verdict == Verdict::drift, test.p_corrected <= 0.05) << test.column;
            EXPECT_EQ(test.verdict == Verdict::drift, test.interval.lower > test.tolerance) << test.column;
            EXPECT_EQ(test.verdict == Verdict::ok, test.interval.upper < test.tolerance) << test.column;
            EXPECT_TRUE(test.rows_wanted == 0 || test.verdict == Verdict::insufficient) << test.column;
            drifts += test.verdict == Verdict::drift ? 1 : 0;
        }
        EXPECT_GT(drifts, 3);
        EXPECT_LT(drifts, 24);
    }
}

TEST(DriftFamily, StepDownAndStepUpClaimNoLessThanBonferroni) {
    const Table reference = fan("reference", 1000, 0.0), current = fan("current", 1000, 0.07);
    std::vector<std::int64_t> drifted;
    for (const Correction correction : {Correction::bonferroni, Correction::holm, Correction::benjamini_hochberg}) {
        DriftOptions options;
        options.correction = correction;
        const DriftReport report = drift(reference, current, options);
        drifted.push_back(std::count_if(report.summary.tests.begin(), report.summary.tests.end(),
                                        [](const auto& test) { return test.verdict == Verdict::drift; }));
    }
    EXPECT_TRUE(std::is_sorted(drifted.begin(), drifted.end()));
    EXPECT_LT(drifted.front(), drifted.back());
}

/// Of three regions, one of which is shifted.
Table regions(const std::string& key, double shift) {
    Table table;
    std::vector<std::string> names;
    std::vector<double> x, y = numbers(key + "y", 3000);
    for (const auto& [name, centre] : {std::pair{"north", 0.0}, {"south", shift}, {"west", 0.0}}) {
        const auto part = numbers(key + name, 1000, centre);
        x.insert(x.end(), part.begin(), part.end());
        names.insert(names.end(), 1000, name);
    }
    table.add("region", Column::strings(std::span<const std::string>(names)));
    table.add("x", Column::of(x)).add("y", Column::of(y));
    return table;
}

TEST(DriftSlices, AreRankedByTheirLowerBoundAndNeverChangeTheWhole) {
    const Table reference = regions("reference", 0.0), current = regions("current", 0.7);
    for (const Correction correction : corrections) {
        DriftOptions options;
        options.correction = correction;
        options.tests = {{"x", {{"ks"}}}, {"y", {{"ks"}}}};
        const DriftReport whole = drift(reference, current, options);
        options.by = {"region"};
        const DriftReport cut = drift(reference, current, options);
        EXPECT_EQ(stats::to_json(cut.summary).canonical(), stats::to_json(whole.summary).canonical());
        EXPECT_EQ(cut.family, 3);
        EXPECT_EQ(cut.slice_family, 6);  // two columns by three slices
        ASSERT_EQ(cut.slices.size(), 3U);
        EXPECT_EQ(cut.slices[0].values, (std::vector<std::optional<std::string>>{"south"}));
        EXPECT_EQ(cut.slices[0].summary.verdict, Verdict::drift);
        EXPECT_EQ(cut.slices[0].summary.current_rows, 1000);
        EXPECT_NE(cut.slices[1].summary.verdict, Verdict::drift);
        const auto& test = cut.slices[0].summary.tests[0];
        EXPECT_EQ(test.column, "x");
        if (correction == Correction::bonferroni) {
            EXPECT_DOUBLE_EQ(test.p_corrected, std::min(1.0, 6 * test.p_drift));
        }
        EXPECT_EQ(to_json(cut).at("slices").as_array().size(), 3U);
    }
}

TEST(DriftSlices, OfValuesThatOneSideLacksAreInsufficient) {
    Table reference, current;
    const auto x = numbers("x", 400);
    std::vector<double> with_gaps(400, 1.0);
    std::fill(with_gaps.begin() + 100, with_gaps.begin() + 200, std::nan(""));
    std::fill(with_gaps.begin() + 200, with_gaps.end(), 2.0);
    reference.add("shop", Column::of(std::vector<std::int64_t>(400, 1))).add("x", Column::of(x));
    current.add("shop", Column::of(with_gaps)).add("x", Column::of(x));
    DriftOptions options;
    options.by = {"shop"};
    const DriftReport report = drift(reference, current, options);
    ASSERT_EQ(report.slices.size(), 3U);  // 1 as an integer and as a float, missing, 2
    for (const DriftSlice& slice : report.slices) {
        EXPECT_EQ(slice.summary.reference_rows, slice.values[0] == "1" ? 400 : 0);
        EXPECT_EQ(slice.summary.current_rows, slice.values[0] == "2" ? 200 : 100);
        if (slice.values[0] != "1") {
            EXPECT_EQ(slice.summary.verdict, Verdict::insufficient);
        }
    }
}

std::string refusal(const Table& reference, const Table& current, const DriftOptions& options) {
    try {
        static_cast<void>(drift(reference, current, options));
    } catch (const InvalidArgument& error) {
        return error.what();
    }
    return "accepted";
}

TEST(DriftSlices, AreRefusedByName) {
    Table table;
    std::vector<std::int64_t> users;
    for (std::int64_t i = 0; i < 300; ++i) users.push_back(i / 2);
    table.add("income", Column::of(numbers("income", 300))).add("user", Column::of(users));
    table.add("at", Column::timestamps(users));
    DriftOptions options;
    options.by = {"income"};
    EXPECT_NE(refusal(table, table, options).find("\"income\" is continuous"), std::string::npos);
    options.by = {"at"};
    EXPECT_NE(refusal(table, table, options).find("\"at\" is continuous (a timestamp)"), std::string::npos);
    options.by = {"user"};
    EXPECT_NE(refusal(table, table, options).find("by \"user\" there are more than 100 slices"), std::string::npos);
    options.max_slices = 150;
    EXPECT_EQ(refusal(table, table, options), "accepted");
    options.by = {"nowhere"};
    EXPECT_NE(refusal(table, table, options).find("the reference side has no column \"nowhere\""), std::string::npos);
    options.by = {"user"};
    EXPECT_THROW(static_cast<void>(drift(Profile::of(table), table, options)), Unsupported);
    options = {};
    options.in_time_order = true;
    EXPECT_THROW(static_cast<void>(drift(table, Profile::of(table), options)), Unsupported);
    options = {};
    options.tests["user"] = {{"ks", -0.1}};
    EXPECT_NE(refusal(table, table, options).find("0 or more wanted"), std::string::npos);
}

Table one(const std::string& key, std::int64_t n, double centre = 0.0) {
    Table table;
    table.add("x", Column::of(numbers(key, n, centre)));
    return table;
}

TEST(DriftThresholds, AreMadeOfPastWindows) {
    const Table reference = one("reference", 20'000);
    DriftOptions options;
    options.tests["x"] = {{"ks", Threshold::quantile(1.0, 5)}};
    double largest = 0.0;
    for (int i = 0; i < 5; ++i) {
        const Table window = one("past " + std::to_string(i), 500, 0.05 * i);
        options.past.push_back(Profile::of(window));
        DriftOptions plain;
        plain.tests["x"] = {{"ks"}};
        largest = std::max(largest, drift(reference, options.past.back(), plain).summary.tests[0].effect);
    }
    const DriftReport report = drift(reference, one("now", 5000, 0.6), options);
    EXPECT_EQ(report.summary.tests[0].tolerance, largest);
    EXPECT_EQ(report.summary.verdict, Verdict::drift);
    EXPECT_EQ(drift(reference, one("same", 20'000), options).summary.verdict, Verdict::ok);
}

TEST(DriftThresholds, WithTooFewPastWindowsAreInsufficientAndSaySo) {
    DriftOptions options;
    options.tests["x"] = {{"ks", Threshold::standard_deviations()}};
    options.past = {Profile::of(one("past", 500)), Profile::of(Table{})};
    const DriftReport report = drift(one("reference", 2000), one("now", 2000, 3.0), options);
    EXPECT_EQ(report.summary.verdict, Verdict::insufficient);
    const auto& test = report.summary.tests[0];
    EXPECT_TRUE(std::isnan(test.tolerance));
    EXPECT_TRUE(std::isnan(test.p_drift));
    EXPECT_GT(test.effect, 0.8);
    EXPECT_NE(test.note.find("too few past windows for the tolerance: 10"), std::string::npos) << test.note;
    const auto back = stats::drift_summary_from_json(Json::parse(to_json(report).canonical()).at("summary"));
    EXPECT_EQ(stats::to_json(back).canonical(), stats::to_json(report.summary).canonical());
}

/// Every value ten times in a row: as much is known as of a tenth of the rows.
TEST(DriftInTimeOrder, RowsCountForWhatTheyAreWorth) {
    Table reference = one("reference", 50'000), current;
    std::vector<double> repeated;
    for (const double value : numbers("current", 100, 0.5)) repeated.insert(repeated.end(), 10, value);
    current.add("x", Column::of(repeated));
    DriftOptions options;
    options.tests["x"] = {{"ks"}};
    const auto plain = drift(reference, current, options).summary.tests[0];
    options.in_time_order = true;
    const auto bound = drift(reference, current, options).summary.tests[0];
    EXPECT_EQ(plain.effect, bound.effect);
    const double plain_width = plain.effect - plain.interval.lower, bound_width = bound.effect - bound.interval.lower;
    EXPECT_GT(bound_width / plain_width, 3.0);
    EXPECT_LT(bound_width / plain_width, 4.5);
    EXPECT_NE(bound.note.find("autocorrelated: worth "), std::string::npos) << bound.note;
    EXPECT_GT(bound.p_drift, plain.p_drift);
    EXPECT_GT(bound.rows_wanted, 10 * plain.rows_wanted);
}

TEST(DriftInTimeOrder, BoundsThatAreNormalInTheEndWantThirtyIndependentRows) {
    const Table reference = one("reference", 50'000);
    Table current;
    std::vector<double> repeated;
    for (const double value : numbers("few", 15, 5.0)) repeated.insert(repeated.end(), 10, value);
    current.add("x", Column::of(repeated));
    DriftOptions options;
    options.tests["x"] = {{"ks"}, {"wasserstein"}};
    options.in_time_order = true;
    const auto tests = drift(reference, current, options).summary.tests;
    EXPECT_EQ(tests[0].verdict, Verdict::drift);
    EXPECT_EQ(tests[1].verdict, Verdict::insufficient);
    EXPECT_TRUE(std::isnan(tests[1].p_drift));
    EXPECT_NE(tests[1].note.find("its bounds want 30"), std::string::npos) << tests[1].note;
    options.in_time_order = false;
    EXPECT_EQ(drift(reference, current, options).summary.tests[1].verdict, Verdict::drift);
}

}  // namespace
}  // namespace holdfast

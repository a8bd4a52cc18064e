#include <holdfast/stats/scores.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>

namespace holdfast::stats {
namespace {

using Values = std::vector<double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const Values truth{3.0, -0.5, 2.0, 7.0}, prediction{2.5, 0.0, 2.0, 8.0};  // scikit-learn's own example
const ScoredRows regression{truth, prediction, {}, 0};
const Values labels{0, 0, 1, 1}, scores{0.9, 0.1, 0.6, 0.4, 0.65, 0.35, 0.2, 0.8};
const ScoredRows binary{labels, {}, scores, 2};

TEST(Score, EqualsScikitLearn) {
    EXPECT_DOUBLE_EQ(score("mae", regression).value, 0.5);
    EXPECT_DOUBLE_EQ(score("rmse", regression).value, std::sqrt(0.375));
    EXPECT_DOUBLE_EQ(score("r2", regression).value, 0.9486081370449679);
    EXPECT_DOUBLE_EQ(score("auc", binary).value, 0.75);
    EXPECT_DOUBLE_EQ(score("brier", binary).value, (0.01 + 0.16 + 0.65 * 0.65 + 0.04) / 4.0);
    const Values guesses{0, 1, 1, 1};
    const MetricValue accuracy = score("accuracy", {labels, guesses, {}, 0});
    EXPECT_DOUBLE_EQ(accuracy.value, 0.75);
    EXPECT_NEAR(accuracy.interval.lower, 0.30064184258240754, 1e-12);  // Wilson
    EXPECT_NEAR(accuracy.interval.upper, 0.9544127391902995, 1e-12);
}

TEST(Score, WhatIsNotDefinedIsNaN) {
    EXPECT_TRUE(std::isnan(score("mae", ScoredRows{}).value));
    const Values ones{1, 1, 1, 1};
    EXPECT_TRUE(std::isnan(score("auc", {ones, {}, scores, 2}).value));
    EXPECT_TRUE(std::isnan(score("r2", {ones, prediction, {}, 0}).value));
}

TEST(Score, RowsWithNaNAreLeftOut) {
    const Values t{1.0, nan, 3.0}, p{2.0, 1.0, nan};
    const MetricValue value = score("mae", {t, p, {}, 0});
    EXPECT_EQ(value.rows, 1);
    EXPECT_EQ(value.value, 1.0);
}

TEST(Score, RefusesWhatDoesNotFit) {
    EXPECT_THROW(static_cast<void>(score("mean_square", regression)), InvalidArgument);
    const Values three{1, 2, 3}, odd{0, 2, 1, 1};
    EXPECT_THROW(static_cast<void>(score("mae", {truth, three, {}, 0})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(score("auc", {labels, labels, {}, 0})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(score("auc", {labels, {}, three, 2})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(score("auc", {odd, {}, scores, 2})), InvalidArgument);
}

TEST(Score, PerfectRankingIsNotTakenForCertainty) {
    const Values apart{0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.2, 0.8};
    const MetricValue value = score("auc", {labels, {}, apart, 2});
    EXPECT_EQ(value.value, 1.0);
    EXPECT_LT(value.interval.lower, 0.2);
    EXPECT_EQ(value.interval.upper, 1.0);
}

struct Rows {
    Values truth, good, bad;
};
Rows noisy_rows(std::int64_t n) {
    Rng rng(1, "scores_test", "rows");
    Rows rows;
    for (std::int64_t i = 0; i < n; ++i) {
        const double y = rng.uniform();
        rows.truth.push_back(y);
        rows.good.push_back(y + 0.1 * (rng.uniform() - 0.5));
        rows.bad.push_back(y + 0.4 * (rng.uniform() - 0.5));
    }
    return rows;
}

TEST(Compare, FindsTheBetterModelForEveryRegressionMetric) {
    const Rows rows = noisy_rows(300);
    for (const char* metric : {"mae", "rmse", "r2"}) {
        const Comparison better =
            compare(metric, {rows.truth, rows.bad, {}, 0}, {rows.truth, rows.good, {}, 0}, 0.95, 7);
        EXPECT_GT(better.lower, 0.0) << metric;
        EXPECT_GT(better.improvement, better.lower) << metric;
        const Comparison worse =
            compare(metric, {rows.truth, rows.good, {}, 0}, {rows.truth, rows.bad, {}, 0}, 0.95, 7);
        EXPECT_LT(worse.lower, 0.0) << metric;
        const Comparison again =
            compare(metric, {rows.truth, rows.bad, {}, 0}, {rows.truth, rows.good, {}, 0}, 0.95, 7);
        EXPECT_EQ(again.lower, better.lower) << metric;
        EXPECT_EQ(comparison_from_json(Json::parse(to_json(better).canonical())).lower, better.lower);
    }
}

TEST(Compare, EqualModelsShowNoImprovement) {
    for (const char* metric : {"auc", "brier", "log_loss"}) {
        const Comparison same = compare(metric, binary, binary, 0.95, 1);
        EXPECT_EQ(same.improvement, 0.0) << metric;
        EXPECT_LE(same.lower, 0.0) << metric;
    }
    const Values guesses{0, 1, 1, 1};
    EXPECT_LT(compare("accuracy", {labels, guesses, {}, 0}, {labels, guesses, {}, 0}, 0.95, 1).lower, 0.0);
}

TEST(Compare, AFewRowsAreNotProof) {
    const Values wrong{1, 1, 0, 0};
    const Comparison all = compare("accuracy", {labels, wrong, {}, 0}, {labels, labels, {}, 0}, 0.95, 1);
    EXPECT_EQ(all.improvement, 1.0);
    EXPECT_LT(all.lower, 0.7);
    EXPECT_THROW(static_cast<void>(compare("accuracy", {labels, wrong, {}, 0}, {wrong, labels, {}, 0}, 0.95, 1)),
                 InvalidArgument);
}

}  // namespace
}  // namespace holdfast::stats

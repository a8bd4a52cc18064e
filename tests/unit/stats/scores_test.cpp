#include <holdfast/stats/quality.hpp>

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

/// What metrics said when policies first asked for them: decisions of that time are made again from their rows.
struct Said {
    std::int64_t rows;
    const char* metric;
    std::int64_t classes;
    double value, lower, upper;
};
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr Said said_then[] = {
    {1, "mae", 0, 0x1.d93e99b1fc02p-3, 0x0p+0, infinite},
    {1, "rmse", 0, 0x1.d93e99b1fc02p-3, 0x0p+0, infinite},
    {1, "r2", 0, nan, nan, nan},
    {1, "accuracy", 0, 0x1p+0, 0x1.a70353b21777p-3, 0x1p+0},
    {1, "auc", 2, nan, nan, nan},
    {1, "auc", 3, nan, nan, nan},
    {1, "brier", 2, 0x1.856919b921ba6p-3, 0x0p+0, infinite},
    {1, "brier", 3, 0x1.fd835a647a01ep+0, 0x0p+0, infinite},
    {1, "log_loss", 2, 0x1.25454b2a3cbbcp-1, 0x0p+0, infinite},
    {1, "log_loss", 3, 0x1.81818f1c8616cp+2, 0x0p+0, infinite},
    {2, "mae", 0, 0x1.1a33257fd75c8p-2, 0x0p+0, 0x1.aea8985d5342p-1},
    {2, "rmse", 0, 0x1.1ddb4e60d5285p-2, 0x0p+0, 0x1.3f98b29a0af99p-1},
    {2, "r2", 0, 0x1.f9d0738a14297p-1, 0x1.e85188b78a6afp-1, 0x1p+0},
    {2, "accuracy", 0, 0x1p+0, 0x1.5e98ec1fc0a14p-2, 0x1p+0},
    {2, "auc", 2, 0x1p+0, 0x1.99999999999ap-6, 0x1p+0},
    {2, "auc", 3, nan, nan, nan},
    {2, "brier", 2, 0x1.85a71c5603e9dp-4, 0x0p+0, 0x1.4d6815126244cp+0},
    {2, "brier", 3, 0x1.ac86ce2d20b12p+0, 0x0p+0, 0x1.6c63b34a310e2p+2},
    {2, "log_loss", 2, 0x1.2ade9108e3478p-2, 0x0p+0, 0x1.ee42d24544b82p+1},
    {2, "log_loss", 3, 0x1.03deca665bc4cp+2, 0x0p+0, 0x1.d00e60b1dbf5ep+4},
    {37, "mae", 0, 0x1.06223537796eap-2, 0x1.b471f3b331405p-3, 0x1.320b70955a3d1p-2},
    {37, "rmse", 0, 0x1.248edd3156148p-2, 0x1.ef0cedc93028dp-3, 0x1.4b87817ebc6fp-2},
    {37, "r2", 0, 0x1.fa77eed669e9fp-1, 0x1.f804067d07226p-1, 0x1.fcebd72fccb18p-1},
    {37, "accuracy", 0, 0x1.4c1bacf914c1cp-1, 0x1.f34ada83d9bd6p-2, 0x1.9040bd7ee386bp-1},
    {37, "auc", 2, 0x1.98b3a62ce98b4p-1, 0x1.34b9a8aab014ap-1, 0x1.d2b80a2250c1fp-1},
    {37, "auc", 3, 0x1.2c8c625fbf959p-1, 0x1.cd077f8508fc7p-2, 0x1.6c5215f19282ep-1},
    {37, "brier", 2, 0x1.5ed00a0fef302p-3, 0x1.e11a7148de166p-4, 0x1.cd12db7b6f551p-3},
    {37, "brier", 3, 0x1.92edd2141a546p-1, 0x1.366efbbe49ee9p-1, 0x1.ef6ca869eaba3p-1},
    {37, "log_loss", 2, 0x1.f7817c2cddbcap-2, 0x1.777d235a8221cp-2, 0x1.3bc2ea7f9cabcp-1},
    {37, "log_loss", 3, 0x1.5cbf53cad145dp+0, 0x1.ef4b9d5b5ac46p-1, 0x1.c1d8d8e7f5297p+0},
    {1000, "mae", 0, 0x1.0530b904c8c64p-2, 0x1.f80c30f831b3ep-3, 0x1.0e5b598d78b29p-2},
    {1000, "rmse", 0, 0x1.2c08035e8ea2ap-2, 0x1.23beeba3acc7fp-2, 0x1.3418159524998p-2},
    {1000, "r2", 0, 0x1.fadc236160befp-1, 0x1.fa762a3d2137p-1, 0x1.fb421c85a046ep-1},
    {1000, "accuracy", 0, 0x1.75c28f5c28f5cp-1, 0x1.673da0bf577fp-1, 0x1.8360c3cea2fd6p-1},
    {1000, "auc", 2, 0x1.b0da235da46edp-1, 0x1.a447cfaf4d789p-1, 0x1.bbfabc9780481p-1},
    {1000, "auc", 3, 0x1.f77b31dd75254p-2, 0x1.dca9f4ef7b911p-2, 0x1.092c361b68a82p-1},
    {1000, "brier", 2, 0x1.4a76d912f9013p-3, 0x1.38359c6afa6dcp-3, 0x1.5cb815baf794ap-3},
    {1000, "brier", 3, 0x1.ce44c49e34787p-1, 0x1.bbe9766ede58fp-1, 0x1.e0a012cd8a97fp-1},
    {1000, "log_loss", 2, 0x1.ec6146a3acc04p-2, 0x1.d76fc8ef9901bp-2, 0x1.00a9622be03f6p-1},
    {1000, "log_loss", 3, 0x1.b358ed83c0ddcp+0, 0x1.9d35258c56ddep+0, 0x1.c97cb57b2addap+0},
};

TEST(Score, SaysWhatItAlwaysSaidToTheBit) {
    const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
    for (const Said& then : said_then) {
        Rng rng(5, "bits", "rows");
        Values number, forecast, label, guess, score_of, one_of_three, scores_of_three;
        for (std::int64_t i = 0; i < then.rows; ++i) {
            number.push_back(10 * rng.uniform());
            forecast.push_back(number.back() + rng.uniform() - 0.5);
            label.push_back(rng.uniform() < 0.4 ? 1 : 0);
            const double one = 0.3 * label.back() + 0.7 * rng.uniform();
            guess.push_back(one > 0.5 ? 1 : 0);
            score_of.insert(score_of.end(), {1 - one, one});
            one_of_three.push_back(std::floor(3 * rng.uniform()));
            const double a = rng.uniform(), b = rng.uniform() * (1 - a);
            scores_of_three.insert(scores_of_three.end(), {a, b, 1 - a - b});
        }
        ScoredRows rows{number, forecast, {}, 0};
        if (then.metric == std::string_view("accuracy")) rows = {label, guess, {}, 0};
        if (then.classes == 2) rows = {label, {}, score_of, 2};
        if (then.classes == 3) rows = {one_of_three, {}, scores_of_three, 3};
        const MetricValue now = score(then.metric, rows);
        EXPECT_TRUE(same(now.value, then.value) && same(now.interval.lower, then.lower) &&
                    same(now.interval.upper, then.upper))
            << then.metric << " " << then.rows;
    }
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

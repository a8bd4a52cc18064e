#include <holdfast/stats/quality.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>

namespace holdfast::stats {
namespace {

using Values = std::vector<double>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// 200 rows that serve every metric.
struct Sample {
    Values truth, guess, probability, number, forecast;
    Sample() {
        Rng rng(3, "quality_test", "rows");
        for (int i = 0; i < 200; ++i) {
            const double label = rng.uniform() < 0.4 ? 1.0 : 0.0, score = 0.3 * label + 0.7 * rng.uniform();
            truth.push_back(label);
            guess.push_back(score > 0.5 ? 1.0 : 0.0);
            probability.insert(probability.end(), {1.0 - score, score});
            number.push_back(1.0 + rng.uniform());
            forecast.push_back(number.back() + rng.uniform() - 0.5);
        }
    }
    [[nodiscard]] ScoredRows rows(std::string_view metric) const {
        switch (quality_input(metric)) {
            case QualityInput::numbers: return {number, forecast, {}, 0};
            case QualityInput::classes: return {truth, guess, {}, 2};
            default: return {truth, {}, probability, 2};
        }
    }
};

TEST(Quality, EqualsScoreOnRowsThatWeighTheSame) {
    const Sample sample;
    for (const std::string& metric : metric_names()) {
        const MetricValue wanted = score(metric, sample.rows(metric));
        for (double weight : {0.0, 0.1, 3.0}) {  // 0: none given
            const Values weights(weight == 0.0 ? 0 : 200, weight);
            const QualityValue found = quality(metric, sample.rows(metric), weights);
            EXPECT_NEAR(found.value, wanted.value, 1e-12 * std::abs(wanted.value)) << metric;
            EXPECT_NEAR(found.interval.lower, wanted.interval.lower, 1e-10) << metric;
            EXPECT_NEAR(found.interval.upper, wanted.interval.upper, 1e-10) << metric;
            EXPECT_EQ(found.rows, 200);
            EXPECT_NEAR(found.effective_rows, 200.0, 1e-9);
        }
    }
}

TEST(Quality, IsNeverNaNWithoutAReason) {
    const Sample sample;
    for (const std::string& metric : metric_names()) {
        const QualityValue whole = quality(metric, sample.rows(metric));
        EXPECT_FALSE(whole.insufficient()) << metric;
        EXPECT_FALSE(whole.method.empty()) << metric;
        EXPECT_LE(whole.interval.lower, whole.value) << metric;
        EXPECT_GE(whole.interval.upper, whole.value) << metric;
        ScoredRows none;
        none.classes = 2;
        for (const QualityValue& value : {quality(metric, none), quality(metric, sample.rows(metric), Values(200))}) {
            EXPECT_TRUE(value.insufficient()) << metric;
            EXPECT_TRUE(std::isnan(value.value) && std::isnan(value.interval.lower)) << metric;
        }
        EXPECT_EQ(quality(metric, none).reason, "no rows");
        EXPECT_EQ(quality(metric, sample.rows(metric), Values(200)).reason, "no effective weight");
    }
}

TEST(Quality, OrderOfRowsDoesNotMatterBeyondRounding) {
    const Sample sample;
    Sample turned = sample;
    for (Values* each : {&turned.truth, &turned.guess, &turned.number, &turned.forecast})
        std::reverse(each->begin(), each->end());
    std::reverse(turned.probability.begin(), turned.probability.end());
    for (std::size_t i = 0; i < turned.probability.size(); i += 2)
        std::swap(turned.probability[i], turned.probability[i + 1]);
    Values weights(200);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = 1.0 + static_cast<double>(i % 7);
    const Values turned_weights(weights.rbegin(), weights.rend());
    for (const std::string& metric : metric_names()) {
        const QualityValue one = quality(metric, sample.rows(metric), weights);
        const QualityValue other = quality(metric, turned.rows(metric), turned_weights);
        EXPECT_NEAR(one.value, other.value, 1e-13) << metric;
        EXPECT_NEAR(one.interval.lower, other.interval.lower, 1e-12) << metric;
        EXPECT_NEAR(one.interval.upper, other.interval.upper, 1e-12) << metric;
    }
}

TEST(Quality, LevelIsTheIntervals) {
    const Sample sample;
    for (const std::string& metric : metric_names()) {
        QualityOptions wide;
        wide.level = 0.999;
        const Interval narrow = quality(metric, sample.rows(metric)).interval;
        const Interval wider = quality(metric, sample.rows(metric), {}, wide).interval;
        EXPECT_EQ(wider.level, 0.999);
        EXPECT_LE(wider.lower, narrow.lower) << metric;
        EXPECT_GE(wider.upper, narrow.upper) << metric;
    }
}

TEST(Quality, RefusesWhatDoesNotFit) {
    const Sample sample;
    const auto refused = [&](std::string_view metric, const ScoredRows& rows, const Values& weights = {},
                             const QualityOptions& options = {}) {
        EXPECT_THROW(static_cast<void>(quality(metric, rows, weights, options)), InvalidArgument);
    };
    refused("mean_square", sample.rows("mae"));
    refused("f1", {sample.truth, {}, {}, 2});
    refused("f1", {sample.number, sample.guess, {}, 2});
    refused("pr_auc", sample.rows("f1"));
    refused("f1", sample.rows("f1"), Values(3, 1.0));
    refused("f1", sample.rows("f1"), Values(200, -1.0));
    refused("f1", sample.rows("f1"), Values(200, nan));
    QualityOptions options;
    options.average = "micro";
    refused("f1", sample.rows("f1"), {}, options);
    options = {};
    options.top = 0;
    refused("top_k_accuracy", sample.rows("auc"), {}, options);
    options = {};
    options.bins = 0;
    refused("ece", sample.rows("auc"), {}, options);
    options = {};
    options.quantile = 1.0;
    refused("quantile_loss", sample.rows("mae"), {}, options);
}

TEST(Quality, DrawsWholeEntities) {
    const Sample sample;
    std::vector<std::int64_t> entities(200);
    for (std::size_t i = 0; i < entities.size(); ++i) entities[i] = static_cast<std::int64_t>(i / 4);
    for (const std::string& metric : metric_names()) {
        if (metric == "ece") {
            EXPECT_THROW(static_cast<void>(quality(metric, sample.rows(metric), {}, {}, entities)), Unsupported);
            continue;
        }
        const QualityValue one = quality(metric, sample.rows(metric), {}, {}, entities);
        EXPECT_EQ(one.interval, quality(metric, sample.rows(metric), {}, {}, entities).interval) << metric;
        EXPECT_EQ(one.value, quality(metric, sample.rows(metric)).value) << metric;
        EXPECT_EQ(one.entities, 50);
        EXPECT_LE(one.interval.lower, one.value) << metric;
        EXPECT_GE(one.interval.upper, one.value) << metric;
        const std::vector<std::int64_t> few(3);
        EXPECT_THROW(static_cast<void>(quality(metric, sample.rows(metric), {}, {}, few)), InvalidArgument);
    }
}

TEST(Quality, JsonSaysAllThereIs) {
    const Values truth{1.0, 1.0}, forecast{1.0, 2.0};
    const QualityValue value = quality("r2", {truth, forecast, {}, 0});
    const Json json = to_json(value);
    EXPECT_EQ(json.at("reason").as_string(), "the true values are constant");
    EXPECT_EQ(json.at("effective_rows").as_double(), 2.0);
    EXPECT_EQ(metric_value_from_json(json).metric, "r2");  // what reads a MetricValue reads it
}

TEST(Confusion, CountsByTrueAndPredictedClass) {
    const Values truth{0, 0, 1, 2, nan, 1}, guess{0, 2, 1, -1, 0, 1}, weights{1, 2, 3, 4, 5, 0};
    const Confusion counts = confusion({truth, guess, {}, 3});
    EXPECT_EQ(counts.rows, 5);
    EXPECT_EQ(counts.at(0, 0), 1.0);
    EXPECT_EQ(counts.at(0, 2), 1.0);
    EXPECT_EQ(counts.at(1, 1), 2.0);
    EXPECT_EQ(counts.unforeseen, (Values{0, 0, 1}));
    const Confusion weighted = confusion({truth, guess, {}, 3}, weights);
    EXPECT_EQ(weighted.rows, 4);
    EXPECT_EQ(weighted.at(1, 1), 3.0);
    EXPECT_EQ(weighted.unforeseen[2], 4.0);
    EXPECT_EQ(to_json(weighted).at("classes").as_int(), 3);
    EXPECT_THROW(static_cast<void>(confusion({truth, guess, {}, 2})), InvalidArgument);
}

TEST(Score, R2OfAConstantThatIsNoBinaryFractionIsNotDefined) {
    const Values truth{0.1, 0.1, 0.1}, forecast{1.0, 2.0, 3.0};
    EXPECT_TRUE(std::isnan(score("r2", {truth, forecast, {}, 0}).value));
}

}  // namespace
}  // namespace holdfast::stats

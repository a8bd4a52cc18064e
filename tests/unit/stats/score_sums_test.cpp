// Sums against the rows that they are the sums of.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/score_sums.hpp>

namespace holdfast::stats {
namespace {

struct Rows {
    std::vector<double> truth, prediction, probability;
    std::int64_t classes = 0;

    [[nodiscard]] ScoredRows all() const { return {truth, prediction, probability, classes}; }
    [[nodiscard]] ScoredRows part(std::size_t from, std::size_t count) const {
        const auto wide = static_cast<std::size_t>(classes);
        return {std::span(truth).subspan(from, count), std::span(prediction).subspan(from, count),
                std::span(probability).subspan(from * wide, count * wide), classes};
    }
};

void expect_near(double seen, double wanted, const std::string& what) {
    if (std::isnan(wanted) || std::isinf(wanted)) {
        EXPECT_TRUE(std::isnan(wanted) ? std::isnan(seen) : seen == wanted) << what << " " << seen;
        return;
    }
    EXPECT_NEAR(seen, wanted, 1e-12 * std::abs(wanted)) << what;
}

void expect_same(const ScoreSums& sums, const Rows& rows, std::vector<std::string> metrics) {
    for (const std::string& metric : metrics) {
        const auto seen = sums.score(metric);
        const MetricValue wanted = score(metric, rows.all());
        ASSERT_TRUE(seen) << metric;
        EXPECT_EQ(seen->rows, wanted.rows) << metric;
        expect_near(seen->value, wanted.value, metric);
        expect_near(seen->interval.lower, wanted.interval.lower, metric + " lower");
        expect_near(seen->interval.upper, wanted.interval.upper, metric + " upper");
    }
}

Rows numbers(std::size_t n, double mean) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> noise;
    Rows rows;
    for (std::size_t i = 0; i < n; ++i) {
        rows.truth.push_back(i % 17 == 3 ? std::nan("") : mean + 3.0 * noise(random));
        rows.prediction.push_back(rows.truth.back() + noise(random));
    }
    return rows;
}

Rows classes(std::size_t n, std::int64_t k) {
    std::mt19937_64 random(6);
    std::uniform_real_distribution<double> share(0.01, 1.0);
    Rows rows;
    rows.classes = k;
    for (std::size_t i = 0; i < n; ++i) {
        rows.truth.push_back(i % 11 == 3 ? std::nan("")
                                         : static_cast<double>(random() % static_cast<std::uint64_t>(k)));
        rows.prediction.push_back(static_cast<double>(random() % static_cast<std::uint64_t>(k)));
        double total = 0.0;
        std::vector<double> weights;
        for (std::int64_t c = 0; c < k; ++c) total += weights.emplace_back(share(random));
        for (const double weight : weights) rows.probability.push_back(weight / total);
        if (i % 13 == 5) rows.probability.back() = std::nan("");
    }
    return rows;
}

TEST(ScoreSums, SayOfNumbersWhatTheRowsSay) {
    for (const std::size_t n : {1u, 2u, 3u, 100u, 5000u}) {
        for (const double mean : {0.0, 5.0, 100.0}) {
            const Rows rows = numbers(n, mean);
            ScoreSums sums;
            sums.add(rows.all());
            expect_same(sums, rows, {"mae", "rmse", "r2", "accuracy"});
        }
    }
}

TEST(ScoreSums, SayOfClassesWhatTheRowsSay) {
    for (const std::int64_t k : {2, 5}) {
        const Rows rows = classes(1000, k);
        ScoreSums sums;
        sums.add(rows.all());
        expect_same(sums, rows, {"accuracy", "brier", "log_loss"});
        EXPECT_FALSE(sums.score("auc"));
        EXPECT_FALSE(sums.score("mae"));
        EXPECT_THROW(static_cast<void>(sums.score("f7")), InvalidArgument);
    }
}

TEST(ScoreSums, TheOrderAndWhatCameAndWentMakesNoDifference) {
    const Rows rows = numbers(600, 1e4);
    const Rows gone{{1e20, -7.0, 1e-20}, {1.0, 1e15, 2.0}, {}, 0};  // which would swallow all the rest
    ScoreSums once, pieces, other;
    once.add(rows.all());
    pieces.add(gone.all());
    for (std::size_t from = 600; from > 0; from -= 100)
        (from % 200 == 0 ? pieces : other).add(rows.part(from - 100, 100));
    pieces += ScoreSums::from_json(Json::parse(other.to_json().canonical()));
    pieces.remove(gone.all());
    expect_same(pieces, rows, {"mae", "rmse", "r2"});
    for (const char* metric : {"mae", "rmse", "r2"}) EXPECT_EQ(pieces.score(metric)->value, once.score(metric)->value);
    EXPECT_EQ(pieces.bias(), once.bias());
    double bias = 0.0;
    for (std::size_t i = 0; i < 600; ++i)
        if (!std::isnan(rows.truth[i])) bias += rows.prediction[i] - rows.truth[i];
    EXPECT_NEAR(once.bias(), bias / static_cast<double>(once.rows()), 1e-12);
}

TEST(ScoreSums, NothingIsSaidOfWhatNoSumHolds) {
    ScoreSums sums;
    sums.add({std::vector<double>{1.0, 1e200}, std::vector<double>{1.0, 1.0}, {}, 0});
    EXPECT_FALSE(sums.score("mae"));
    sums.remove({std::vector<double>{1e200}, std::vector<double>{1.0}, {}, 0});
    EXPECT_EQ(sums.score("mae")->value, 0.0);
    ScoreSums tiny;
    tiny.add({std::vector<double>{1e-120, 2e-120}, std::vector<double>{0.0, 0.0}, {}, 0});
    EXPECT_FALSE(tiny.score("r2"));
    tiny.add({std::vector<double>{1.0}, std::vector<double>{0.5}, {}, 0});
    EXPECT_DOUBLE_EQ(tiny.score("mae")->value, 0.5 / 3.0);
    EXPECT_TRUE(std::isnan(ScoreSums().score("mae")->value));
    EXPECT_TRUE(std::isnan(ScoreSums().bias()));
    EXPECT_THROW(static_cast<void>(ScoreSums::from_json(Json::parse(R"({"counts":[1],"sums":[]})"))), CorruptArtifact);
}

}  // namespace
}  // namespace holdfast::stats

// Sums against the rows that they are the sums of.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/score_histogram.hpp>
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
        const QualityValue wanted = score(metric, rows.all());
        ASSERT_TRUE(seen) << metric;
        EXPECT_EQ(seen->metric, metric);
        EXPECT_EQ(seen->reason, wanted.reason) << metric;
        EXPECT_EQ(seen->method, wanted.method) << metric;
        EXPECT_EQ(seen->effective_rows, wanted.effective_rows) << metric;
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
            expect_same(sums, rows, {"mae", "rmse", "r2", "accuracy", "mape", "quantile_loss"});
            expect_same(sums, rows, {"quantile_loss(quantile=0.9)", "quantile_loss(quantile=0.05)"});
        }
    }
}

TEST(ScoreSums, SayOfClassesWhatTheRowsSay) {
    for (const std::int64_t k : {2, 5}) {
        for (const std::size_t n : {1u, 2u, 9u, 1000u}) {
            const Rows rows = classes(n, k);
            ScoreSums sums;
            sums.add(rows.all());
            expect_same(sums, rows,
                        {"accuracy", "brier", "log_loss", "precision", "recall", "f1", "f1(average=macro)"});
            expect_same(sums, rows, {"mcc", "top_k_accuracy(top=1)", "top_k_accuracy(top=2)", "ece"});
            EXPECT_FALSE(sums.score("ece(bins=7)"));
            EXPECT_FALSE(sums.score("mae"));
            EXPECT_THROW(static_cast<void>(sums.score("f7")), InvalidArgument);
            EXPECT_EQ(sums.confusion()->weight, confusion(rows.all()).weight);
        }
    }
}

/// Scores of all shapes: spread, close to 0 or 1, of few values, perfect, without a class.
Rows ranked(std::size_t n, std::int64_t k, int shape) {
    std::mt19937_64 random(static_cast<std::uint64_t>(shape) + 11);
    std::normal_distribution<double> noise;
    Rows rows;
    rows.classes = k;
    for (std::size_t i = 0; i < n; ++i) {
        const auto label = static_cast<double>(shape == 4 ? 1 : random() % static_cast<std::uint64_t>(k));
        rows.truth.push_back(label);
        rows.prediction.push_back(label);
        double total = 0.0;
        std::vector<double> odds;
        for (std::int64_t c = 0; c < k; ++c) {
            const double own = label == static_cast<double>(c) ? 1.0 : 0.0;
            double logit = own + noise(random);
            if (shape == 1) logit = 4.0 * logit - (c == 1 ? 7.0 : 0.0);
            if (shape == 2) logit = std::round(logit);
            if (shape == 3) logit = 9.0 * own;
            total += odds.emplace_back(std::exp(logit));
        }
        for (const double each : odds) rows.probability.push_back(each / total);
    }
    return rows;
}

TEST(ScoreSums, AreasFromSketchesAreWithinTheirBoundOfTheRows) {
    for (const std::int64_t k : {2, 3}) {
        for (int shape = 0; shape < 5; ++shape) {
            for (const std::size_t n : {60u, 3000u}) {
                const Rows rows = ranked(n, k, shape);
                ScoreSums sums;
                sums.add(rows.all());
                for (const char* metric : {"auc", "pr_auc"}) {
                    const auto seen = sums.score(metric);
                    const QualityValue wanted = score(metric, rows.all());
                    ASSERT_TRUE(seen);
                    EXPECT_EQ(seen->reason, wanted.reason);
                    EXPECT_EQ(seen->rows, wanted.rows);
                    if (wanted.insufficient()) continue;
                    const std::string what = std::string(metric) + " " + std::to_string(shape) + " " + seen->note;
                    const auto bound = [&](std::string_view side) {
                        const auto at = seen->note.find(side);
                        return std::stod(seen->note.substr(at - 8, 8));
                    };
                    EXPECT_GE(wanted.value, seen->value - bound(" below")) << what;
                    EXPECT_LE(wanted.value, seen->value + bound(" above")) << what;
                    if (shape < 2 && n > 1000) {  // and the bound is of use
                        EXPECT_LT(bound(" above"), metric == std::string("auc") ? 0.003 : 0.01) << what;
                    }
                    EXPECT_LE(seen->interval.lower, wanted.interval.lower + 1e-3) << what;
                    EXPECT_GE(seen->interval.upper, wanted.interval.upper - 1e-3) << what;
                    EXPECT_NE(seen->note.find("score sketches"), std::string::npos);
                }
            }
        }
    }
}

/// 1,000 samples of rows from a population whose areas are known.
TEST(ScoreSums, IntervalsOfAreasFromSketchesCover) {
    constexpr int samples = 1000;
    const double wanted = 0.94 - 3.0 * std::sqrt(0.94 * 0.06 / samples);
    for (const std::int64_t k : {2, 3}) {
        for (const int shape : {0, 1}) {
            const Rows population = ranked(20'000, k, shape);
            const std::map<std::string, double> truth{{"auc", score("auc", population.all()).value},
                                                      {"pr_auc", score("pr_auc", population.all()).value}};
            for (const std::size_t n : {100u, 1000u}) {
                std::mt19937_64 random(7);
                std::map<std::string, int> covered;
                for (int sample = 0; sample < samples; ++sample) {
                    Rows rows;
                    rows.classes = k;
                    for (std::size_t i = 0; i < n; ++i) {
                        const std::size_t at = random() % 20'000;
                        const auto own = population.part(at, 1);
                        rows.truth.push_back(own.truth.front());
                        rows.prediction.push_back(own.prediction.front());
                        rows.probability.insert(rows.probability.end(), own.probability.begin(), own.probability.end());
                    }
                    ScoreSums sums;
                    sums.add(rows.all());
                    for (const auto& [metric, value] : truth) {
                        const Interval found = sums.score(metric)->interval;
                        covered[metric] += found.lower <= value && value <= found.upper ? 1 : 0;
                    }
                }
                for (const auto& [metric, times] : covered)
                    EXPECT_GE(times, wanted * samples) << metric << " " << k << " " << shape << " " << n;
            }
        }
    }
}

TEST(ScoreSums, AHistogramBoundsItsAreasForEveryOrderWithinBins) {
    // Three rows of the class and three of the rest share a bin; one of each is above, one below.
    const double within = 0.3;
    ScoreHistogram bins;
    for (int i = 0; i < 3; ++i) {
        bins.count(within + 1e-9 * i, true, 1);
        bins.count(within + 1e-9 * i, false, 1);
    }
    bins.count(0.9, true, 1);
    bins.count(0.95, false, 1);
    bins.count(0.1, true, 1);
    bins.count(0.01, false, 1);
    const auto auc = bins.auc(), precision = bins.average_precision();
    std::vector<double> places{0, 1, 2, 3, 4, 5};
    do {  // all orders, and with every second one all ties
        Rows rows{{1, 0, 1, 0}, {1, 0, 1, 0}, {}, 2};
        std::vector<double> scores{0.9, 0.95, 0.1, 0.01};
        for (std::size_t i = 0; i < 6; ++i) {
            rows.truth.push_back(i < 3 ? 1.0 : 0.0);
            rows.prediction.push_back(1.0);
            scores.push_back(within + 1e-9 * std::floor(places[i] / (places[0] < 3 ? 1.0 : 2.0)));
        }
        for (const double each : scores) rows.probability.insert(rows.probability.end(), {1.0 - each, each});
        const double seen = score("auc", rows.all()).value, area = score("pr_auc", rows.all()).value;
        ASSERT_GE(seen, auc.least - 1e-15);
        ASSERT_LE(seen, auc.most + 1e-15);
        ASSERT_GE(area, precision.least - 1e-15);
        ASSERT_LE(area, precision.most + 1e-15);
    } while (std::next_permutation(places.begin(), places.end()));
}

TEST(ScoreSums, AHistogramIsReadAsItWasWritten) {
    std::mt19937_64 random(2);
    ScoreHistogram histogram;
    EXPECT_EQ(ScoreHistogram::from_json(histogram.to_json()), histogram);
    for (int i = 0; i < 4000; ++i)
        histogram.count(std::exp(-40.0 * static_cast<double>(random() % 1000) / 1000.0), random() % 3 == 0,
                        i % 7 == 0 ? -1 : static_cast<std::int64_t>(random() % 5000));
    histogram.count(-1.0, true, -123'456'789'012);
    histogram.count(2.0, false, 123'456'789'012);
    EXPECT_EQ(ScoreHistogram::from_json(histogram.to_json()), histogram);
    for (const char* bad : {"A", "Ag", "A*", "zzzzzzzzzzzzzzzzz", "ggggggA"})
        EXPECT_THROW(static_cast<void>(ScoreHistogram::from_json(Json(bad))), CorruptArtifact) << bad;
    EXPECT_THROW(static_cast<void>(ScoreHistogram::from_json(Json(5))), Error);
}

TEST(ScoreSums, StoredFormsThatAreDamagedAreRefused) {
    const Rows rows = classes(200, 3);
    ScoreSums sums;
    sums.add(rows.all());
    const std::string whole = sums.to_json().canonical();
    EXPECT_EQ(ScoreSums::from_json(Json::parse(whole)).to_json().canonical(), whole);
    const std::string packed = sums.to_json().at("classes").at("packed").as_string();
    for (const std::string& bad : {packed.substr(0, packed.size() - 1), packed + "A", std::string(), "*" + packed,
                                   std::string(30, 'z'), packed.substr(0, 9)}) {
        Json json = Json::parse(whole);
        json["classes"]["packed"] = bad;
        EXPECT_THROW(static_cast<void>(ScoreSums::from_json(json)), CorruptArtifact) << bad;
    }
}

/// Adds up the parts in the shape of a random tree, some of them by way of their stored form.
ScoreSums merged(std::vector<ScoreSums> parts, std::mt19937_64& random) {
    while (parts.size() > 1) {
        const auto a = random() % parts.size();
        std::swap(parts[a], parts.back());
        ScoreSums one = std::move(parts.back());
        parts.pop_back();
        if (random() % 4 == 0) one = ScoreSums::from_json(Json::parse(one.to_json().canonical()));
        ScoreSums& other = parts[random() % parts.size()];
        if (random() % 2 == 0) std::swap(other, one);
        other += one;
    }
    return parts.front();
}

void expect_same_bits(const QualityValue& seen, const QualityValue& wanted) {
    EXPECT_EQ(to_json(seen).canonical(), to_json(wanted).canonical());
}

TEST(ScoreSums, MergedInAnyOrderAndShapeAreOnePassToTheBit) {
    std::mt19937_64 random(3);
    for (const std::int64_t k : {0, 2, 5}) {
        const Rows rows = k == 0 ? numbers(2000, 1e3) : classes(2000, k);
        const Rows gone = k == 0 ? numbers(50, -1e9) : classes(50, k);
        ScoreSums once;
        once.add(rows.all());
        for (int tree = 0; tree < 30; ++tree) {
            std::vector<ScoreSums> parts(1);
            parts.front().add(gone.all());
            for (std::size_t from = 0; from < 2000;) {
                const std::size_t count = std::min<std::size_t>(2000 - from, 1 + random() % 90);
                parts.emplace_back().add(rows.part(from, count));
                from += count;
            }
            parts.emplace_back().remove(gone.all());
            const ScoreSums all = merged(std::move(parts), random);
            for (const std::string& metric : metric_names()) {
                const auto seen = all.score(metric), wanted = once.score(metric);
                ASSERT_EQ(seen.has_value(), wanted.has_value()) << metric;
                if (seen) expect_same_bits(*seen, *wanted);
            }
        }
    }
}

TEST(ScoreSums, OfTheFirstFormAreReadAndSayWhatTheySaid) {
    // Written before sums had a version: of the truths 1, 2, 4 and the predictions 1.5, 2, 3.
    const std::string numbers_then =
        R"({"counts":[3,3,1,3,0,0,0],"sums":[[0.5],[1.5],[1.25],[1.0625],[7.0],[21.0],[73.0],[273.0],[4.25],[16.25],)"
        R"([],[],[],[]]})";
    ScoreSums sums = ScoreSums::from_json(Json::parse(numbers_then));
    EXPECT_EQ(sums.score("mae")->value, 0.5);
    EXPECT_EQ(sums.score("rmse")->value, std::sqrt(1.25 / 3.0));
    EXPECT_EQ(sums.score("accuracy")->value, 1.0 / 3.0);
    for (const char* metric : {"mape", "quantile_loss"}) EXPECT_FALSE(sums.score(metric)) << metric;
    sums.add({std::vector<double>{5.0}, std::vector<double>{6.0}, {}, 0});
    sums = ScoreSums::from_json(Json::parse(sums.to_json().canonical()));
    EXPECT_EQ(sums.score("mae")->value, 0.625);
    EXPECT_FALSE(sums.score("mape"));
    sums.remove({std::vector<double>{1.0, 2.0, 4.0}, std::vector<double>{1.5, 2.0, 3.0}, {}, 0});
    EXPECT_EQ(sums.score("mae")->value, 1.0);
    EXPECT_THROW(static_cast<void>(ScoreSums::from_json(Json::parse(R"({"version":3,"counts":[],"sums":[]})"))),
                 Unsupported);
}

TEST(ScoreSums, WhatIsNotDefinedHasAReason) {
    const auto reason = [](const Rows& rows, std::string_view metric) {
        ScoreSums sums;
        sums.add(rows.all());
        EXPECT_EQ(sums.score(metric)->reason, score(metric, rows.all()).reason);
        EXPECT_TRUE(std::isnan(sums.score(metric)->value));
        return sums.score(metric)->reason;
    };
    const double none = std::nan("");
    EXPECT_EQ(reason({{3.0, 3.0}, {1.0, 2.0}, {}, 0}, "r2"), "the true values are constant");
    EXPECT_EQ(reason({{3.0}, {1.0}, {}, 0}, "r2"), "one row has no variance");
    EXPECT_EQ(reason({{3.0, 0.0}, {1.0, 2.0}, {}, 0}, "mape"), "a true value is 0");
    EXPECT_EQ(reason({{none}, {1.0}, {}, 0}, "mae"), "every row has a missing value");
    EXPECT_EQ(reason({{}, {}, {}, 0}, "mae"), "no rows");
    EXPECT_EQ(reason({{1.0}, {1.0}, {0.5, 0.5}, 2}, "auc"), "no row of class 0");
    EXPECT_EQ(reason({{0.0}, {1.0}, {0.5, 0.5}, 2}, "pr_auc"), "no row of class 1");
    EXPECT_EQ(reason({{0.0}, {0.0}, {0.5, 0.5}, 2}, "precision"), "no row is predicted as class 1");
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

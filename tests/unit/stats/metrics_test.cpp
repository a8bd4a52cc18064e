// Metrics by their texts, and by slices.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/quality.hpp>
#include <holdfast/stats/slices.hpp>

namespace holdfast::stats {
namespace {

TEST(Metrics, AreReadFromTheirTexts) {
    EXPECT_EQ(parse_metric("mae").name, "mae");
    EXPECT_EQ(parse_metric("f1(average=macro)").options.average, "macro");
    EXPECT_EQ(parse_metric(" top_k_accuracy ( top = 3 ) ").options.top, 3);
    EXPECT_EQ(parse_metric("ece(bins=20)").options.bins, 20);
    EXPECT_EQ(parse_metric("quantile_loss(quantile=0.9)").options.quantile, 0.9);
    EXPECT_EQ(parse_metric("mae()").input, QualityInput::numbers);
    QualityOptions defaults;
    defaults.top = 2;
    defaults.level = 0.9;
    EXPECT_EQ(parse_metric("top_k_accuracy", defaults).options.top, 2);
    EXPECT_EQ(parse_metric("top_k_accuracy(top=4)", defaults).options.top, 4);
    EXPECT_EQ(parse_metric("top_k_accuracy(top=4)", defaults).options.level, 0.9);
    for (const char* bad :
         {"", "maee", "mae(top=3)", "f1(macro)", "f1(average=mean)", "f1(average=macro", "f1(average=macro))",
          "f1(average=macro) x", "f1)(", "top_k_accuracy(top=0)", "top_k_accuracy(top=1.5)", "ece(bins=x)", "ece(=3)",
          "quantile_loss(quantile=1)", "quantile_loss(quantile=nan)", "f1(average=macro,average=binary)"})
        EXPECT_THROW(static_cast<void>(parse_metric(bad)), InvalidArgument) << bad;
    EXPECT_TRUE(names_metric("f1(whatever"));
    EXPECT_FALSE(names_metric("line_speed"));
    EXPECT_TRUE(greater_is_better("f1(average=macro)"));
    EXPECT_FALSE(greater_is_better("quantile_loss(quantile=0.9)"));
}

TEST(Metrics, KeepTheTextThatAskedForThem) {
    const std::vector<double> truth{0, 1, 2, 2}, guess{0, 1, 2, 1};
    const QualityValue found = score("f1(average=macro)", {truth, guess, {}, 3});
    EXPECT_EQ(found.metric, "f1(average=macro)");
    EXPECT_NEAR(found.value, (1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 3.0, 1e-15);
}

TEST(Metrics, CompareByAnyOfThem) {
    std::vector<double> truth, good, bad, good_scores, bad_scores, number, near, far;
    for (int i = 0; i < 400; ++i) {
        const double label = i % 3 == 0 ? 1.0 : 0.0;
        truth.push_back(label);
        good.push_back(i % 10 == 0 ? 1.0 - label : label);
        bad.push_back(i % 4 == 1 ? 1.0 - label : label);
        const double high = 0.5 + (label - 0.5) * 0.8 * std::sin(i) * std::sin(i) + 0.1 * std::sin(3 * i);
        good_scores.insert(good_scores.end(), {1.0 - high, high});
        const double flat = 0.5 + 0.4 * std::sin(7 * i);
        bad_scores.insert(bad_scores.end(), {1.0 - flat, flat});
        number.push_back(2.0 + std::sin(i));
        near.push_back(number.back() + 0.1 * std::sin(5 * i));
        far.push_back(number.back() + std::sin(5 * i));
    }
    for (const std::string& name : metric_names()) {
        const std::string metric = name == "top_k_accuracy" ? "top_k_accuracy(top=1)" : name;
        ScoredRows old{truth, bad, {}, 2}, fresh{truth, good, {}, 2};
        if (quality_input(metric) == QualityInput::probabilities) {
            old = {truth, {}, bad_scores, 2};
            fresh = {truth, {}, good_scores, 2};
        } else if (quality_input(metric) == QualityInput::numbers) {
            old = {number, far, {}, 0};
            fresh = {number, near, {}, 0};
        }
        const Comparison found = compare(metric, old, fresh, 0.95, 3);
        const double by = greater_is_better(metric) ? 1.0 : -1.0;
        EXPECT_EQ(found.metric, metric);
        EXPECT_EQ(found.champion, score(metric, old).value);
        EXPECT_EQ(found.improvement, by * (score(metric, fresh).value - found.champion)) << metric;
        EXPECT_LT(found.lower, found.improvement) << metric;
        if (metric != "ece") {
            EXPECT_GT(found.lower, 0.0) << metric;
        }
        EXPECT_LT(compare(metric, fresh, old, 0.95, 3).lower, 0.0) << metric;
        EXPECT_EQ(to_json(found).canonical(), to_json(compare(metric, old, fresh, 0.95, 3)).canonical()) << metric;
        const Comparison none = compare(metric, {{}, {}, {}, 2}, {{}, {}, {}, 2}, 0.95, 3);
        EXPECT_TRUE(std::isinf(none.lower) && none.rows == 0) << metric;
    }
}

TEST(Slices, AreRankedByTheBestThatTheyMayBe) {
    std::vector<std::string> region;
    std::vector<double> truth, guess;
    const auto add = [&](const std::string& name, int rows, int wrong) {
        for (int i = 0; i < rows; ++i) {
            region.push_back(name);
            truth.push_back(1.0);
            guess.push_back(i < wrong ? 0.0 : 1.0);
        }
    };
    add("few", 2, 2);      // wrong each time, and may be right nine times in ten
    add("bad", 300, 120);  // surely below it
    add("good", 300, 3);
    truth.push_back(std::nan(""));
    guess.push_back(1.0);
    region.emplace_back("empty");
    const Slices slices = slices_of(Column::strings(region), "region");
    const ScoredRows rows{truth, guess, {}, 2};
    const auto found = quality_by(slices, "accuracy", rows);
    std::vector<std::string> order;
    for (const QualitySlice& each : found) order.push_back(each.slice);
    EXPECT_EQ(order, (std::vector<std::string>{"bad", "few", "good", "empty"}));
    EXPECT_EQ(found[0].quality.value, 0.6);
    EXPECT_EQ(found[0].quality.rows, 300);
    EXPECT_EQ(found[3].quality.reason, "every row has a missing value");
    // Of a loss the worst is what is large at its least.
    EXPECT_EQ(quality_by(slices, "rmse", {truth, guess, {}, 0}).back().slice, "empty");
    const auto losses = quality_by(slices, "mae", {truth, guess, {}, 0});
    for (std::size_t i = 1; i < 3; ++i)
        EXPECT_GE(losses[i - 1].quality.interval.lower, losses[i].quality.interval.lower);
    EXPECT_EQ(quality_by({{}, {}}, "mae", {}).size(), 0u);
    EXPECT_THROW(static_cast<void>(quality_by(slices, "mae", {})), InvalidArgument);
}

TEST(Slices, AreOfCategories) {
    const Slices slices = slices_of(Column::of(std::vector<double>{2.0, std::nan(""), 10.0, 2.0}), "x");
    EXPECT_EQ(slices.of_rows[0], slices.of_rows[3]);
    EXPECT_EQ(slices.names.size(), 3u);
    EXPECT_EQ(slices.names[static_cast<std::size_t>(slices.of_rows[1])], "(missing)");
    EXPECT_THROW(static_cast<void>(slices_of(Column::of(std::vector<double>{2.5, 1.0}), "x")), InvalidArgument);
    EXPECT_THROW(static_cast<void>(slices_of(Column::timestamps(std::vector<std::int64_t>{1, 2}), "at")),
                 InvalidArgument);
    std::vector<std::int64_t> many;
    for (std::int64_t i = 0; i <= 100; ++i) many.push_back(i);
    EXPECT_THROW(static_cast<void>(slices_of(Column::of(many), "id")), InvalidArgument);
    EXPECT_EQ(slices_of(Column::of(many), "id", 101).names.size(), 101u);
    EXPECT_THROW(static_cast<void>(slices_of(Column::of(many), "id", 0)), InvalidArgument);
    EXPECT_TRUE(slices_of(Column::of(std::vector<double>{}), "x").names.empty());
}

}  // namespace
}  // namespace holdfast::stats

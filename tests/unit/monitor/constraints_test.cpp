#include <holdfast/monitor/constraints.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/monitor/violation_counts.hpp>
#include <holdfast/stats/binomial.hpp>

namespace holdfast {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// A thousand rows of numbers from 0 to 99, whole numbers, two letters, and times.
Table reference() {
    std::vector<double> number;
    std::vector<std::int64_t> whole, times;
    std::vector<std::string> letter;
    for (std::int64_t row = 0; row < 1'000; ++row) {
        number.push_back(static_cast<double>(row % 100) + 0.5 * static_cast<double>(row % 2));
        whole.push_back(row * 7 % 1'000);
        times.push_back(row * 60'000'000);
        letter.emplace_back(row % 3 == 0 ? "a" : "b");
    }
    return Table()
        .add("number", Column::of(number))
        .add("whole", Column::of(whole))
        .add("at", Column::timestamps(times))
        .add("letter", Column::strings(letter));
}

const Violation* find(const Violations& all, std::string_view column, ConstraintRule rule) {
    for (const Violation& one : all.violations) {
        if (one.column == column && one.rule == rule) return &one;
    }
    return nullptr;
}

TEST(Constraints, AreWhatTheReferenceIs) {
    const Constraints found = Constraints::of(reference());
    const ColumnConstraints& number = found.column("number");
    EXPECT_EQ(number.type, "number");
    EXPECT_EQ(number.least, 0.0);
    EXPECT_EQ(number.most, 99.5);
    EXPECT_TRUE(number.finite);
    EXPECT_FALSE(number.unique);
    EXPECT_NEAR(number.missing.value(), 1.0 - std::pow(0.01, 1.0 / 1'000.0), 1e-15);  // none of a thousand
    EXPECT_TRUE(found.column("whole").unique);
    EXPECT_TRUE(found.column("at").increasing);
    EXPECT_FALSE(found.column("at").least.has_value());
    EXPECT_EQ(found.column("letter").categories, (TextSet{"a", "b"}));
    EXPECT_TRUE(found.check(reference()).violations.empty());
    EXPECT_THROW(static_cast<void>(found.column("none")), NotFound);
}

TEST(Constraints, CountWhatBreaksEachRule) {
    const Constraints constraints = Constraints::of(reference());
    const Table batch = Table()
                            .add("number", Column::of(std::vector<double>{-1.0, infinity, nan, 50.0, 200.0}))
                            .add("whole", Column::of(std::vector<double>{1.0, 1.0, 2.5, 3.0, 4.0}))
                            .add("at", Column::timestamps({5, 4, 6, 7, 3}))
                            .add("letter", Column::strings(std::vector<std::string>{"a", "c", "c", "d", "b"}))
                            .add("more", Column::of(std::vector<double>(5)));
    const Violations found = constraints.check(batch);
    EXPECT_EQ(found.rows, 5);
    EXPECT_FALSE(found.ok());
    EXPECT_EQ(find(found, "number", ConstraintRule::range)->count, 2);
    EXPECT_EQ(find(found, "number", ConstraintRule::range)->rows, 4);
    EXPECT_EQ(find(found, "number", ConstraintRule::range)->examples, (std::vector<std::string>{"-1", "200"}));
    EXPECT_EQ(find(found, "number", ConstraintRule::finite)->count, 1);
    EXPECT_EQ(find(found, "number", ConstraintRule::missing)->count, 1);
    EXPECT_EQ(find(found, "whole", ConstraintRule::type)->examples, (std::vector<std::string>{"2.5"}));
    EXPECT_EQ(find(found, "whole", ConstraintRule::unique)->count, 1);
    EXPECT_EQ(find(found, "at", ConstraintRule::increasing)->count, 2);
    EXPECT_EQ(find(found, "letter", ConstraintRule::category)->count, 3);
    EXPECT_FALSE(find(found, "more", ConstraintRule::unexpected)->violated);
    EXPECT_TRUE(find(constraints.check(batch.select(std::vector<std::string>{"at"})), "letter", ConstraintRule::column)
                    ->violated);
    EXPECT_THROW(static_cast<void>(constraints.check(batch, 1.0)), InvalidArgument);
}

TEST(Constraints, AreNotViolatedByWhatTheReferenceLetsExpect) {
    const Constraints constraints = Constraints::of(reference());
    std::vector<double> values(1'000, 50.0);
    const auto range = [&](int beyond) {
        std::fill_n(values.begin(), beyond, 1e6);
        const auto found = constraints.check(Table().add("number", Column::of(values)));
        return *find(found, "number", ConstraintRule::range);
    };
    EXPECT_FALSE(range(1).violated);
    EXPECT_TRUE(range(30).violated);
    EXPECT_DOUBLE_EQ(range(30).tolerated, stats::share_outside(1'000, 0.99));
    EXPECT_DOUBLE_EQ(range(30).lower, stats::share_lower(30, 1'000, 0.99));
}

TEST(Constraints, SurviveJson) {
    const Constraints constraints = Constraints::of(reference(), {.private_columns = {"letter"}});
    const Json json = constraints.to_json();
    EXPECT_EQ(Constraints::from_json(Json::parse(json.canonical())), constraints);
    EXPECT_EQ(json.canonical().find("\"a\""), std::string::npos);
}

TEST(Constraints, RefuseWhatTheyDoNotKnow) {
    const auto with = [](std::string_view members) {
        const std::string text = R"({"format":1,"rows":1,"columns":[{"name":"x",)" + std::string(members) + "}]}";
        return Constraints::from_json(Json::parse(text));
    };
    EXPECT_EQ(with(R"("type":"number","least":0)").column("x").least, 0.0);
    for (const char* members :
         {R"("typ":"number")", R"("type":"float")", R"("missing":1.5)", R"("missing":"x")", R"("least":0)",
          R"("type":"text","least":0)", R"("type":"number","categories":["a"])", R"("type":"number","increasing":true)",
          R"("type":"number","least":2,"most":1)", R"("type":"number","tolerated":{"rang":0.1})",
          R"("type":"number","tolerated":{"range":-1})", R"("type":"number","least":"NaN","most":1)"}) {
        EXPECT_THROW(static_cast<void>(with(members)), InvalidArgument) << members;
    }
    EXPECT_THROW(static_cast<void>(Constraints::from_json(Json::parse(R"({"format":2,"rows":1,"columns":[]})"))),
                 InvalidArgument);
    EXPECT_THROW(static_cast<void>(Constraints::of(Table())), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Constraints::of(reference(), {.private_columns = {"none"}})), InvalidArgument);
}

TEST(ViolationCounts, AreThoseOfOneCheck) {
    const auto constraints = std::make_shared<const Constraints>(Constraints::of(reference()));
    ViolationCounts counts(constraints, {"number", "whole"});
    const Table batch = Table()
                            .add("number", Column::of(std::vector<double>{-1.0, infinity, nan, 50.0, 200.0}))
                            .add("whole", Column::of(std::vector<double>{1.0, 1.0, 2.5, 3.0, 4.0}))
                            .add("letter", Column::strings(std::vector<std::string>{"a", "c", "c", "d", "b"}));
    counts.add(batch);
    counts.add(batch.slice(0, 0));
    const Violations seen = counts.violations(), wanted = constraints->check(batch);
    EXPECT_EQ(seen.rows, 5);
    for (const Violation& one : wanted.violations) {
        if (one.rule == ConstraintRule::unique) continue;  // of several rows
        const Violation* own = find(seen, one.column, one.rule);
        ASSERT_NE(own, nullptr) << one.column << " " << to_string(one.rule);
        EXPECT_EQ(own->count, one.count);
        EXPECT_EQ(own->rows, one.rows);
        EXPECT_EQ(own->violated, one.violated);
        EXPECT_EQ(own->examples, one.examples);
    }
    EXPECT_THROW(static_cast<void>(counts.violations(0.0)), InvalidArgument);
}

TEST(ViolationCounts, TakeTensorsFromManyThreads) {
    const auto constraints = std::make_shared<const Constraints>(Constraints::of(reference()));
    ViolationCounts counts(constraints, {"whole", "number"});
    const std::vector<float> rows{1.0F, 50.0F, 2.0F, -5.0F, 2.5F, NAN};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1'000; ++i) counts.add(TensorView::matrix(rows.data(), 3, 2));
        });
    }
    for (auto& thread : threads) thread.join();
    const Violations found = counts.violations();
    EXPECT_EQ(found.rows, 24'000);
    EXPECT_EQ(find(found, "number", ConstraintRule::range)->count, 8'000);
    EXPECT_EQ(find(found, "number", ConstraintRule::range)->rows, 16'000);
    EXPECT_EQ(find(found, "number", ConstraintRule::missing)->count, 8'000);
    EXPECT_EQ(find(found, "whole", ConstraintRule::type)->count, 8'000);
    EXPECT_EQ(find(found, "letter", ConstraintRule::column)->count, 24'000);
    EXPECT_EQ(find(found, "number", ConstraintRule::range)->examples, (std::vector<std::string>{"-5"}));
    counts.add(TensorView::matrix(rows.data(), 2, 3));  // of another width: not looked at
    EXPECT_EQ(counts.violations().rows, 24'000);
}

}  // namespace
}  // namespace holdfast

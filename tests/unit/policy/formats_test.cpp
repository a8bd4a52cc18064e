#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/policy/promotion.hpp>
#include <holdfast/policy/selection.hpp>

#include "unit/policy/observed.hpp"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using namespace testing;

template <class Call>
std::string refusal(Call&& call) {
    try {
        (void)call();
    } catch (const InvalidArgument& error) {
        return error.what();
    }
    return "accepted";
}

std::string rule_refusal(std::string_view text) {
    return refusal([&] { return Rule::from_json(Json::parse(text)); });
}

Rule everything() {
    return when::any_of(
               when::metric("mae", {.over = 1h, .min_labels = 200, .by = LabelTime::event}).above(0.45).held_for(5min),
               when::all_of(when::yield_below(0.7, {.over = rows(29), .drop_tolerance = 0.05, .by_label = true}),
                            when::metric("accuracy").below(1.0)),
               when::drift({.share = 0.3, .columns = {"income", "age"}}), when::every(7 * 24h))
        .cooldown(6h);
}

TEST(RuleJsonTest, RoundTrips) {
    const Rule rule = everything();
    const std::string text = rule.to_json().canonical();
    const Rule again = Rule::from_json(Json::parse(text));
    EXPECT_EQ(again.to_json().canonical(), text);
    EXPECT_TRUE(again == rule);
    EXPECT_EQ(again.to_string(), rule.to_string());
}

TEST(RuleJsonTest, FillsWhatIsLeftOut) {
    const Rule rule = Rule::from_json(Json::parse(R"({"rule":"metric","metric":"mae","above":0.45})"));
    EXPECT_TRUE(rule == when::metric("mae").above(0.45));
    EXPECT_TRUE(Rule::from_json(Json::parse(R"({"rule":"drift"})")) == when::drift());
}

TEST(RuleJsonTest, DriftLooksAtWindowsUnlessAnAlphaSaysOtherwise) {
    const Rule looks = when::drift({.share = 0.3, .over = 24h, .false_alarms = 0.5});
    const Rule stored = when::drift({.over = 24h, .alpha = 0.05});
    EXPECT_EQ(looks.to_json().canonical(), R"({"false_alarms":0.5,"over":"1d","rule":"drift","share":0.3})");
    EXPECT_EQ(stored.to_json().canonical(), R"({"alpha":0.05,"over":"1d","rule":"drift","share":0})");
    EXPECT_EQ(looks.to_string(), "hf.when.drift(share=0.3, over=\"1d\", false_alarms=0.5)");
    EXPECT_EQ(stored.to_string(), "hf.when.drift(share=0, over=\"1d\", alpha=0.05)");
    for (const Rule& rule : {looks, stored}) {
        EXPECT_TRUE(Rule::from_json(Json::parse(rule.to_json().canonical())) == rule);
        Observation seen = at(1h);
        seen.drifts.push_back({rule.requirements().drifts.at(0), {}});
        const Observation back = Observation::from_json(Json::parse(seen.to_json().canonical()));
        EXPECT_EQ(back.hash().hex(), seen.hash().hex());
        EXPECT_NE(back.find(rule.requirements().drifts.at(0)), nullptr);
    }
    EXPECT_NE(rule_refusal(R"({"rule":"drift","alpha":0.05,"false_alarms":2})").find("one of them wanted"),
              std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"drift","false_alarms":0})").find("between 0 and 1000"), std::string::npos);
}

TEST(RuleJsonTest, NamesWhatIsWrong) {
    EXPECT_NE(rule_refusal(R"({"rule":"sometimes"})").find("\"sometimes\""), std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"every","period":"7d","speed":1})").find("unknown member \"speed\""),
              std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"every"})").find("\"period\" is missing"), std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"every","period":"soon"})").find("\"period\""), std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"metric","metric":"mae","over":"1x","above":1})").find("\"over\""),
              std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"metric","metric":"mae"})").find("exactly one"), std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"metric","metric":"mae","above":1,"below":2})").find("exactly one"),
              std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"metric","metric":"mae","above":"NaN"})").find("finite"), std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"metric","metric":"mae","above":1,"by":"noon"})").find("\"noon\""),
              std::string::npos);
    EXPECT_NE(rule_refusal(R"([1])").find("object"), std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"any_of","of":[]})").find("at least one"), std::string::npos);
    EXPECT_NE(rule_refusal(R"({"rule":"any_of","of":{}})").find("array"), std::string::npos);
}

TEST(RuleJsonTest, BoundsDepthAndSize) {
    std::string deep = R"({"rule":"every","period":"7d"})";
    for (int i = 0; i < 100; ++i) deep = R"({"rule":"any_of","of":[)" + deep + "]}";
    EXPECT_NE(rule_refusal(deep).find("64 levels"), std::string::npos);
    const std::vector<Rule> many(5000, when::every(24h));
    EXPECT_NE(refusal([&] { return when::any_of(many); }).find("4096"), std::string::npos);
    Rule chain = when::every(24h);
    EXPECT_THROW(for (int i = 0; i < 100; ++i) chain = chain.held_for(1min), InvalidArgument);
}

TEST(PromotionTest, ComparesTheLowerBound) {
    const PromoteIf rule = promote_if("accuracy", 0.01, 0.95);
    const auto decide = [&](double lower, double confidence = 0.95) {
        Observation seen = at(1h);
        seen.comparisons.push_back({"accuracy", 0.7, 0.75, 0.05, lower, confidence, 400});
        return rule.decide(seen);
    };
    EXPECT_EQ(decide(0.02).action, Action::promote);
    EXPECT_EQ(decide(0.01).action, Action::promote);
    EXPECT_EQ(decide(0.009).action, Action::reject);
    EXPECT_EQ(decide(nan).action, Action::none);
    EXPECT_EQ(decide(0.02, 0.9).action, Action::none);
    EXPECT_EQ(rule.decide(at(1h)).action, Action::none);
    EXPECT_EQ(
        decide(0.02).sentence,
        "promote: accuracy of the challenger was 0.75 against the champion's 0.7 on 400 rows: better by at least 0.02 "
        "with confidence 0.95, and 0.01 is enough");
    EXPECT_EQ(PromoteIf::from_json(Json::parse(rule.to_json().canonical())), rule);
    EXPECT_THROW((void)promote_if("mae", nan), InvalidArgument);
    EXPECT_THROW((void)promote_if("mae", 0.0, 1.0), InvalidArgument);
    EXPECT_THROW((void)promote_if("f1(top=3)", 0.0), InvalidArgument);
    EXPECT_EQ(promote_if("f1(average=macro)", 0.0).metric, "f1(average=macro)");
    EXPECT_THROW((void)PromoteIf::from_json(Json::parse(R"({"rule":"promote"})")), InvalidArgument);
}

TEST(SelectionTest, TakesTheNewest) {
    using Positions = std::vector<std::int64_t>;
    EXPECT_EQ(select::labelled().choose(3), (Positions{0, 1, 2}));
    EXPECT_EQ(select::labelled(2).choose(5), (Positions{3, 4}));
    EXPECT_EQ(select::labelled(9).choose(2), (Positions{0, 1}));
    EXPECT_TRUE(select::labelled().choose(0).empty());
    EXPECT_THROW((void)select::labelled(0), InvalidArgument);
    EXPECT_THROW((void)select::labelled().choose(-1), InvalidArgument);
    for (const Selection& selection : {select::labelled(), select::labelled(7)})
        EXPECT_EQ(Selection::from_json(Json::parse(selection.to_json().canonical())), selection);
    EXPECT_THROW((void)Selection::from_json(Json::parse(R"({"select":"random"})")), InvalidArgument);
}

TEST(DecisionJsonTest, NamesWhatIsWrong) {
    Json json = everything().decide(at(1h), {}, Action::retrain, "retrain").to_json();
    json["action"] = "dance";
    EXPECT_NE(refusal([&] { return Decision::from_json(json); }).find("\"dance\""), std::string::npos);
    json["format"] = 2;
    EXPECT_THROW((void)Decision::from_json(json), Unsupported);
    Json seen = at(1h).to_json();
    seen["colour"] = 1;
    EXPECT_NE(refusal([&] { return Observation::from_json(seen); }).find("\"colour\""), std::string::npos);
    seen["format"] = 9;
    EXPECT_THROW((void)Observation::from_json(seen), Unsupported);
}

std::string golden(const std::string& name) {
    std::string text(as_text(read_file(std::string(HOLDFAST_TEST_DATA) + "/golden/policy/" + name)));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// The files were written by format 1 and are never rewritten: what is stored today must be readable ever after.
TEST(PolicyGoldenTest, ReadsVersionOneToTheBit) {
    const Observation seen = Observation::from_json(Json::parse(golden("observation_v1.json")));
    EXPECT_EQ(seen.to_json().canonical(), golden("observation_v1.json"));
    EXPECT_EQ(seen.hash().hex(), golden("observation_v1.sha256"));

    const Rule rule = Rule::from_json(Json::parse(golden("rule_v1.json")));
    EXPECT_EQ(rule.to_json().canonical(), golden("rule_v1.json"));

    const Decision stored = Decision::from_json(Json::parse(golden("decision_v1.json")));
    EXPECT_EQ(stored.to_json().canonical(), golden("decision_v1.json"));
    EXPECT_EQ(sha256(stored.to_json().canonical()).hex(), golden("decision_v1.sha256"));
    const Decision made = rule.decide(seen, stored.state_before, Action::retrain, "retrain");
    EXPECT_EQ(made.to_json().canonical(), golden("decision_v1.json"));
}

TEST(PolicyGoldenTest, ReadsVersionTwoOfObservationsToTheBit) {
    const Observation seen = Observation::from_json(Json::parse(golden("observation_v2.json")));
    EXPECT_EQ(seen.to_json().canonical(), golden("observation_v2.json"));
    EXPECT_EQ(seen.hash().hex(), golden("observation_v2.sha256"));
    EXPECT_EQ(seen.metrics.at(0).query.mature, 0.9);
    EXPECT_EQ(seen.metrics.at(0).query.horizon, 72h);
    EXPECT_EQ(seen.metrics.at(0).matured_until, parse_time("2021-07-11T22:00:00Z"));
    EXPECT_EQ(seen.metrics.at(0).waiting, 310);
    EXPECT_EQ(seen.metrics.at(1).reason, "no row of class 1");
}

}  // namespace
}  // namespace holdfast

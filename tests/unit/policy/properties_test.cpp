#include <gtest/gtest.h>

#include <holdfast/base/rng.hpp>

#include "unit/policy/observed.hpp"

namespace holdfast {
namespace {

using namespace testing;

constexpr std::array names{"a", "b", "c"};
constexpr int rounds = 500;

/// A rule of any shape over three conditions; with `stateless`, of any_of and all_of alone.
Rule random_rule(Rng& rng, int levels, bool stateless) {
    if (levels == 0 || rng.below(4) == 0) return condition(names[static_cast<std::size_t>(rng.below(3))]);
    const auto child = [&] { return random_rule(rng, levels - 1, stateless); };
    switch (rng.below(stateless ? 2 : 4)) {
        case 0: return when::any_of(child(), child());
        case 1: return when::all_of(child(), child());
        case 2: return child().held_for(std::chrono::minutes(rng.below(4)));
        default: return child().cooldown(std::chrono::minutes(1 + rng.below(4)));
    }
}

using Truths = std::array<Truth, 3>;
constexpr std::array kleene_order{Truth::no, Truth::unknown, Truth::yes};

std::size_t rank(Truth truth) {
    return static_cast<std::size_t>(std::find(kleene_order.begin(), kleene_order.end(), truth) - kleene_order.begin());
}

Truths random_truths(Rng& rng) {
    Truths truths{};
    for (Truth& truth : truths) truth = kleene_order[static_cast<std::size_t>(rng.below(3))];
    return truths;
}

Observation observe(const Truths& truths, std::int64_t minute) {
    Observation seen = at(std::chrono::minutes(minute));
    for (std::size_t i = 0; i < names.size(); ++i) with_truth(seen, names[i], truths[i]);
    return seen;
}

// A stored rule, observation and state give the same decision as those in memory, to the bit, at every step.
TEST(PolicyPropertyTest, ReplaysFromStoredText) {
    Rng rng(7, "policy", "replay");
    for (int round = 0; round < rounds; ++round) {
        const Rule rule = random_rule(rng, 4, false);
        const Rule stored_rule = Rule::from_json(Json::parse(rule.to_json().canonical()));
        Json state;
        std::int64_t minute = 0;
        for (int step = 0; step < 6; ++step) {
            const Observation seen = observe(random_truths(rng), minute += rng.below(3));
            const Observation stored = Observation::from_json(Json::parse(seen.to_json().canonical()));
            const Json stored_state = Json::parse(state.canonical());
            const Decision decision = rule.decide(seen, state, Action::retrain, "retrain");
            const std::string text = decision.to_json().canonical();
            ASSERT_EQ(rule.decide(seen, state, Action::retrain, "retrain").to_json().canonical(), text);
            ASSERT_EQ(stored_rule.decide(stored, stored_state, Action::retrain, "retrain").to_json().canonical(), text);
            ASSERT_EQ(Decision::from_json(Json::parse(text)).to_json().canonical(), text);
            state = decision.state_after;
        }
    }
}

// Rules without not: making a condition truer never makes the whole less true.
TEST(PolicyPropertyTest, IsMonotone) {
    Rng rng(7, "policy", "monotone");
    for (int round = 0; round < rounds; ++round) {
        const Rule rule = random_rule(rng, 4, true);
        const Truths lower = random_truths(rng);
        Truths upper = lower;
        for (Truth& truth : upper)
            truth = kleene_order[rank(truth) +
                                 static_cast<std::size_t>(rng.below(static_cast<std::int64_t>(3 - rank(truth))))];
        ASSERT_LE(rank(rule.evaluate(observe(lower, 0), {}).truth), rank(rule.evaluate(observe(upper, 0), {}).truth))
            << rule.to_string();
    }
}

// What becomes known never turns a settled answer around (monotone in information).
TEST(PolicyPropertyTest, KnowingMoreKeepsWhatWasSettled) {
    Rng rng(7, "policy", "information");
    for (int round = 0; round < rounds; ++round) {
        const Rule rule = random_rule(rng, 4, true);
        const Truths vague = random_truths(rng);
        Truths known = vague;
        for (Truth& truth : known)
            if (truth == Truth::unknown) truth = rng.below(2) == 0 ? Truth::no : Truth::yes;
        const Truth before = rule.evaluate(observe(vague, 0), {}).truth;
        if (before != Truth::unknown) {
            ASSERT_EQ(rule.evaluate(observe(known, 0), {}).truth, before) << rule.to_string();
        }
    }
}

}  // namespace
}  // namespace holdfast

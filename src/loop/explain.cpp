#include <holdfast/loop/explain.hpp>

#include <functional>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/loop/observe.hpp>
#include <holdfast/policy/promotion.hpp>
#include <holdfast/policy/rule.hpp>

#include "compare.hpp"

namespace holdfast {

namespace {

using Verdict = Explanation::Verdict;

std::string_view in_words(Verdict verdict) {
    switch (verdict) {
        case Verdict::reproduced: return "Reproduced to the bit from the stored rows.";
        case Verdict::different: return "NOT reproduced: the rows are there, and give something else.";
        case Verdict::missing: return "Not reproduced: something that the decision saw is gone.";
        case Verdict::other_arithmetic: return "Not comparable bit for bit: decided on other arithmetic.";
        case Verdict::not_reproducible: return "Not a policy's doing, or one whose decisions are not reproducible.";
    }
    return "";
}

/// The observation as it was stored with the decision; null where none was.
Json stored_observation(const Workspace& workspace, const Decision& decision) {
    std::optional<store::DecisionRow> row;
    workspace.store().read(
        [&](const store::Session& session) { row = session.decision(decision.endpoint, decision.sequence); });
    if (!row) {
        throw NotFound("decision " + std::to_string(decision.sequence) + " of endpoint \"" + decision.endpoint +
                       "\": not in this workspace");
    }
    return row->observation;
}

struct Replayed {
    Observation seen;
    Decision decision;
};

Replayed replay(const Workspace& workspace, const Decision& stored, const Observation& before) {
    if (stored.policy == "promote") {
        const PromoteIf promote = PromoteIf::from_json(stored.policy_json);
        const auto subject = detail::Subject::from_json(before.subject);
        auto [seen, arithmetic] = detail::observe_comparison(workspace, stored.endpoint, promote, subject, stored.time,
                                                             stored.transaction, before.format);
        Decision decision = promote.decide(seen);
        decision.arithmetic = std::move(arithmetic);
        return {std::move(seen), std::move(decision)};
    }
    const Rule rule = Rule::from_json(stored.policy_json);
    // What was asked for is what the observation holds: the controller may have united several policies' requirements.
    Requirements wanted;
    wanted.format = before.format;
    for (const ObservedMetric& metric : before.metrics) wanted.metrics.push_back(metric.query);
    for (const ObservedYield& yield : before.yields) wanted.yields.push_back(yield.query);
    for (const ObservedDrift& drift : before.drifts) wanted.drifts.push_back(drift.query);
    Observation seen = observe(workspace, stored.endpoint, wanted, stored.time, stored.transaction);
    Decision decision = rule.decide(seen, stored.state_before, stored.action, stored.policy);
    return {std::move(seen), std::move(decision)};
}

/// Names the members in which two objects differ as they are stored: 1 and 1.0 are the same text.
void name_differences(std::string_view what, const Json& before, const Json& after, std::vector<std::string>& notes) {
    for (const auto& [key, value] : before.as_object()) {
        const Json* other = after.find(key);
        const std::string was = value.canonical();
        const std::string is = other != nullptr ? other->canonical() : "absent";
        if (is != was) notes.push_back(std::string(what) + ": " + key + " was " + was + ", is " + is);
    }
}

/// Whether the models that were run, then and now, promise the same bits; a rule's decision runs none.
bool promised(const Decision& before, const Decision& now) {
    return before.arithmetic == now.arithmetic &&
           (before.arithmetic.empty() || before.arithmetic.starts_with("holdfast-native"));
}

void compare(const Explanation& explanation, const Observation& before, const Replayed& again, Verdict& verdict,
             std::vector<std::string>& notes) {
    const Decision& stored = explanation.decision;
    if (again.seen.hash().hex() != stored.observation_hash) {
        const bool fewer = again.seen.interactions < before.interactions || again.seen.labelled < before.labelled;
        verdict = fewer                              ? Verdict::missing
                  : promised(stored, again.decision) ? Verdict::different
                                                     : Verdict::other_arithmetic;
        name_differences("observation", before.to_json(), again.seen.to_json(), notes);
        return;
    }
    Decision now = again.decision;
    now.sequence = stored.sequence;
    name_differences("decision", stored.to_json(), now.to_json(), notes);
    verdict = notes.empty() ? Verdict::reproduced : Verdict::different;
}

/// Notes what was taken out, since the decision, of the rows that it could see; whether there was anything.
bool note_removals(const Workspace& workspace, const Decision& decision, std::vector<std::string>& notes) {
    std::vector<store::RemovalRow> removals;
    workspace.store().read([&](const store::Session& session) { removals = session.removals(decision.endpoint); });
    bool any = false;
    for (const store::RemovalRow& row : removals) {
        const bool seen = row.first_transaction <= decision.transaction;
        if (!seen || row.stamp.transaction <= decision.transaction) continue;
        any = true;
        notes.push_back(std::to_string(row.interactions) + " interactions and " + std::to_string(row.labels) +
                        " labels of " + format_time(row.first_event) + " to " + format_time(row.last_event) +
                        " were removed at " + format_time(row.stamp.recorded_time) + ": " + row.reason);
    }
    return any;
}

std::string tell(const Explanation& explanation) {
    const Decision& decision = explanation.decision;
    std::string text = "#" + std::to_string(decision.sequence) + " " + format_time(decision.time) + " " +
                       decision.endpoint + ": " + std::string(to_string(decision.action)) + " (" + decision.policy +
                       ")\n" + decision.sentence + "\n";
    for (const Reason& reason : decision.reasons) {
        text += "  [" + std::string(to_string(reason.truth)) + "] " + reason.sentence + "\n";
    }
    text += in_words(explanation.verdict);
    for (const std::string& note : explanation.notes) text += "\n  " + note;
    return text;
}

}  // namespace

Explanation explain(const Workspace& workspace, const Decision& decision) {
    Explanation result;
    result.decision = decision;
    const Json before = stored_observation(workspace, decision);
    if (before.is_null() || !decision.reproducible) {
        result.verdict = Verdict::not_reproducible;
    } else {
        try {
            const Observation seen = Observation::from_json(before);
            compare(result, seen, replay(workspace, decision, seen), result.verdict, result.notes);
        } catch (const NotFound& error) {
            result.verdict = Verdict::missing;
            result.notes.emplace_back(error.what());
        } catch (const CorruptArtifact& error) {
            result.verdict = Verdict::missing;
            result.notes.emplace_back(error.what());
        }
    }
    if (result.verdict == Verdict::different || result.verdict == Verdict::missing) {
        if (note_removals(workspace, decision, result.notes)) result.verdict = Verdict::missing;
    }
    result.text = tell(result);
    return result;
}

}  // namespace holdfast

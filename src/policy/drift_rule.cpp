#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

constexpr std::size_t max_named_columns = 5;
constexpr double unsaid_alpha = 0.05;  // the first version's default; its decisions are told as they were

/// Each column once, in the report's order.
std::vector<std::string> columns_with(const stats::DriftSummary& summary, stats::Verdict verdict) {
    std::vector<std::string> names;
    for (const auto& test : summary.tests)
        if (test.verdict == verdict && (names.empty() || names.back() != test.column)) names.push_back(test.column);
    return names;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < max_named_columns; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > max_named_columns) text += " and " + std::to_string(names.size() - max_named_columns) + " more";
    return text;
}

class DriftNode final : public RuleNode {
  public:
    explicit DriftNode(DriftQuery query) : RuleNode({}), query_(std::move(query)) {
        if (!(query_.share >= 0.0 && query_.share <= 1.0))
            throw InvalidArgument("rule drift: share " + exact_text(query_.share) + " given, 0 to 1 wanted");
        if (query_.alpha && !(*query_.alpha > 0.0 && *query_.alpha < 1.0))
            throw InvalidArgument("rule drift: alpha " + exact_text(*query_.alpha) + " given, between 0 and 1 wanted");
        if (!(query_.false_alarms > 0.0 && query_.false_alarms < 1000.0))
            throw InvalidArgument("rule drift: false_alarms " + exact_text(query_.false_alarms) +
                                  " given, between 0 and 1000 wanted");
        for (const auto& column : query_.columns) check_name("rule drift: columns", column);
    }

    Finding evaluate(Evaluation& evaluation, const Json&) const override {
        const ObservedDrift* observed = evaluation.observation.find(query_);
        if (observed == nullptr)
            return found(evaluation, Truth::unknown, "drift " + over_text(query_.over) + " was not observed",
                         Json::object({}));
        const auto& seen = observed->summary;
        return found(evaluation, truth_of(seen.verdict), sentence(seen), numbers(seen));
    }

    void require(Requirements& requirements) const override { requirements.drifts.push_back(query_); }

    Json to_json() const override {
        Json json = Json::object({{"rule", "drift"}, {"share", query_.share}, {"over", query_.over.to_string()}});
        json[query_.alpha ? "alpha" : "false_alarms"] = query_.alpha.value_or(query_.false_alarms);
        if (!query_.columns.empty()) json["columns"] = Json::Array(query_.columns.begin(), query_.columns.end());
        return json;
    }

    std::string source(Source source) const override {
        std::string text = "hf.when.drift(share=" + exact_text(query_.share) + ", over=" + python_window(query_.over);
        if (query_.alpha && !(source == Source::reason && *query_.alpha == unsaid_alpha))
            text += ", alpha=" + exact_text(*query_.alpha);
        if (query_.false_alarms != DriftQuery{}.false_alarms)
            text += ", false_alarms=" + exact_text(query_.false_alarms);
        if (!query_.columns.empty())
            text += ", columns=" + Json(Json::Array(query_.columns.begin(), query_.columns.end())).canonical();
        return text + ")";
    }

  private:
    static Truth truth_of(stats::Verdict verdict) {
        if (verdict == stats::Verdict::drift) return Truth::yes;
        return verdict == stats::Verdict::ok ? Truth::no : Truth::unknown;
    }

    [[nodiscard]] std::string sentence(const stats::DriftSummary& seen) const {
        const std::string drifted = std::to_string(seen.drifted) + " of " + counted(seen.columns, "column") +
                                    " drifted " + over_text(query_.over) + " (" +
                                    counted(seen.current_rows, "current row") + ")";
        const std::string wanted = query_.share > 0.0 ? "a share of " + exact_text(query_.share) : std::string("any");
        const auto names = columns_with(seen, stats::Verdict::drift);
        const std::string naming = names.empty() ? "" : ": " + listed(names);
        switch (seen.verdict) {
            case stats::Verdict::drift: return drifted + naming + "; " + wanted + " is enough";
            case stats::Verdict::ok: return drifted + naming + "; " + wanted + " would be enough";
            case stats::Verdict::insufficient: break;
        }
        return "drift " + over_text(query_.over) + " cannot be told on " + counted(seen.current_rows, "current row") +
               ": " + std::to_string(seen.undecided) + " of " + counted(seen.columns, "column") + " undecided, " +
               std::to_string(seen.drifted) + " drifted" + naming;
    }

    [[nodiscard]] Json numbers(const stats::DriftSummary& seen) const {
        Json effects = Json::object({});
        for (const auto& test : seen.tests)
            if (test.verdict == stats::Verdict::drift)
                effects[test.column][test.test] = Json::object({{"effect", test.effect},
                                                                {"lower", test.interval.lower},
                                                                {"upper", test.interval.upper},
                                                                {"tolerance", test.tolerance}});
        return Json::object({{"verdict", stats::to_string(seen.verdict)},
                             {"share", query_.share},
                             {"columns", seen.columns},
                             {"drifted", seen.drifted},
                             {"undecided", seen.undecided},
                             {"current_rows", seen.current_rows},
                             {"reference_rows", seen.reference_rows},
                             {"effects", std::move(effects)}});
    }

    DriftQuery query_;
};

}  // namespace

NodePtr make_drift(DriftQuery query) { return std::make_shared<DriftNode>(std::move(query)); }

NodePtr read_drift(Members& members) {
    DriftQuery query;
    if (members.optional("share") != nullptr) query.share = members.number("share");
    if (members.optional("over") != nullptr) query.over = members.window("over");
    if (members.optional("alpha") != nullptr) query.alpha = members.number("alpha");
    if (members.optional("false_alarms") != nullptr) query.false_alarms = members.number("false_alarms");
    if (query.alpha && query.false_alarms != DriftQuery{}.false_alarms)
        members.refuse("false_alarms", "\"alpha\" is given, too; one of them wanted");
    if (members.optional("columns") != nullptr) query.columns = members.texts("columns");
    return make_drift(std::move(query));
}

}  // namespace holdfast::detail

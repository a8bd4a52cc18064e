#include <cmath>

#include "policy/line.hpp"
#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

Truth either(Truth a, Truth b) {
    if (a == Truth::yes || b == Truth::yes) return Truth::yes;
    return a == Truth::unknown || b == Truth::unknown ? Truth::unknown : Truth::no;
}

class YieldNode final : public RuleNode {
  public:
    YieldNode(YieldQuery query, stats::Threshold threshold, std::optional<double> drop_tolerance)
        : RuleNode({}),
          query_(query),
          line_("rule yield_below", std::move(threshold), query_.past, query_.over),
          drop_tolerance_(drop_tolerance) {
        if (line_.threshold().is_constant()) check_share("threshold", line_.of({}));
        if (drop_tolerance_) check_share("drop_tolerance", *drop_tolerance_);
    }

    Finding evaluate(Evaluation& evaluation, const Json&) const override {
        const ObservedYield* seen = evaluation.observation.find(query_);
        if (seen == nullptr)
            return found(evaluation, Truth::unknown, subject() + " was not observed", Json::object({}));

        Json numbers = Json::object({{"value", seen->value}, {"rows", seen->rows}});
        line_.add_numbers(numbers, seen->past);
        if (drop_tolerance_) {
            numbers["previous"] = seen->previous;
            numbers["previous_rows"] = seen->previous_rows;
            numbers["drop_tolerance"] = *drop_tolerance_;
        }
        // A window of rows that is not full is not yet the window that was asked for.
        if (query_.over.is_rows() && seen->rows < query_.over.row_count())
            return found(
                evaluation, Truth::unknown,
                subject() + " needs " + counted(query_.over.row_count(), "row") + ", has " + std::to_string(seen->rows),
                std::move(numbers));
        if (!std::isfinite(seen->value))
            return found(evaluation, Truth::unknown, subject() + " is not defined on " + counted(seen->rows, "row"),
                         std::move(numbers));

        Truth truth = below(*seen);
        std::string sentence = below_sentence(*seen);
        if (drop_tolerance_) {
            truth = either(truth, dropped(*seen));
            sentence += "; " + drop_sentence(*seen);
        }
        return found(evaluation, truth, std::move(sentence), std::move(numbers));
    }

    void require(Requirements& requirements) const override { requirements.yields.push_back(query_); }

    Json to_json() const override {
        Json json = Json::object({{"rule", "yield_below"},
                                  {"over", query_.over.to_string()},
                                  {"by", query_.by_label ? "label" : "prediction"}});
        line_.add_members(json, "threshold");
        if (drop_tolerance_) json["drop_tolerance"] = *drop_tolerance_;
        return json;
    }

    std::string source(Source) const override {
        std::string text = "hf.when.yield_below(" + line_.python() + ", over=" + python_window(query_.over);
        if (drop_tolerance_) text += ", drop_tolerance=" + exact_text(*drop_tolerance_);
        if (query_.by_label) text += ", by=\"label\"";
        return text + line_.python_past() + ")";
    }

  private:
    static void check_share(const char* member, double value) {
        if (!(value >= 0.0 && value <= 1.0))
            throw InvalidArgument(std::string("rule yield_below: ") + member + " " + exact_text(value) +
                                  " given, 0 to 1 wanted");
    }

    [[nodiscard]] std::string subject() const {
        return std::string(query_.by_label ? "yield by label " : "yield ") + over_text(query_.over);
    }

    /// Unknown where too few past windows draw the line.
    [[nodiscard]] Truth below(const ObservedYield& seen) const {
        const double limit = line_.of(seen.past);
        if (std::isnan(limit)) return Truth::unknown;
        return seen.value < limit ? Truth::yes : Truth::no;
    }

    [[nodiscard]] std::string below_sentence(const ObservedYield& seen) const {
        const Truth truth = below(seen);
        if (truth == Truth::unknown) return subject() + " " + line_.lacking(seen.past);
        return subject() + " was " + rounded_text(seen.value, line_.of(seen.past)) + " on " +
               counted(seen.rows, "row") + (truth == Truth::yes ? ", below " : ", not below ") +
               line_.told(seen.value, seen.past);
    }

    [[nodiscard]] Truth dropped(const ObservedYield& seen) const {
        if (!std::isfinite(seen.previous)) return Truth::unknown;
        return seen.previous - seen.value > *drop_tolerance_ ? Truth::yes : Truth::no;
    }

    [[nodiscard]] std::string drop_sentence(const ObservedYield& seen) const {
        if (!std::isfinite(seen.previous)) return "the window before it is not there to compare with";
        const double drop = seen.previous - seen.value;
        return "it fell by " + rounded_text(drop, *drop_tolerance_) + " from " +
               rounded_text(seen.previous, seen.value) +
               (drop > *drop_tolerance_ ? ", more than " : ", not more than ") + exact_text(*drop_tolerance_);
    }

    YieldQuery query_;
    Line line_;
    std::optional<double> drop_tolerance_;
};

}  // namespace

NodePtr make_yield(YieldQuery query, stats::Threshold threshold, std::optional<double> drop_tolerance) {
    return std::make_shared<YieldNode>(query, std::move(threshold), drop_tolerance);
}

NodePtr read_yield(Members& members) {
    YieldQuery query;
    LineMembers line = read_line(members, "threshold");
    query.past = line.past;
    if (members.optional("over") != nullptr) query.over = members.window("over");
    if (members.optional("by") != nullptr) {
        const std::string by = members.text("by");
        if (by != "label" && by != "prediction")
            members.refuse("by", quoted_json(by) + " given, \"prediction\" or \"label\" wanted");
        query.by_label = by == "label";
    }
    std::optional<double> drop_tolerance;
    if (members.optional("drop_tolerance") != nullptr) drop_tolerance = members.number("drop_tolerance");
    return make_yield(query, std::move(line.threshold), drop_tolerance);
}

}  // namespace holdfast::detail

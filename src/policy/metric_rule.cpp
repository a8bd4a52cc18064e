#include <cmath>

#include <holdfast/stats/scores.hpp>

#include "policy/line.hpp"
#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

class MetricNode final : public RuleNode {
  public:
    MetricNode(MetricQuery query, bool above, stats::Threshold threshold)
        : RuleNode({}),
          query_(std::move(query)),
          above_(above),
          line_("rule metric " + quoted_json(query_.metric), std::move(threshold), query_.past, query_.over) {
        const std::string what = "rule metric " + quoted_json(query_.metric);
        check_name("rule metric", query_.metric);
        if (query_.min_labels < 1)
            throw InvalidArgument(what + ": min_labels " + std::to_string(query_.min_labels) +
                                  " given, at least 1 wanted");
        if (query_.over.is_rows() && query_.min_labels > query_.over.row_count())
            throw InvalidArgument(what + ": min_labels " + std::to_string(query_.min_labels) +
                                  " can never be reached over " + query_.over.to_string());
        if (stats::names_metric(query_.metric)) static_cast<void>(stats::parse_metric(query_.metric));
        check_maturity(what);
    }

    Finding evaluate(Evaluation& evaluation, const Json&) const override {
        const std::string subject = query_.metric + " " + over_text(query_.over);
        const ObservedMetric* observed = evaluation.observation.find(query_);
        if (observed == nullptr)
            return found(evaluation, Truth::unknown, subject + " was not observed", Json::object({}));

        const auto& seen = observed->value;
        const std::string_view noun = noun_of(seen);
        Json numbers = Json::object({{"value", seen.value},
                                     {"lower", seen.interval.lower},
                                     {"upper", seen.interval.upper},
                                     {"level", seen.interval.level},
                                     {"rows", seen.rows},
                                     {"min_labels", query_.min_labels}});
        line_.add_numbers(numbers, observed->past);
        if (seen.rows < query_.min_labels)
            return found(evaluation, Truth::unknown,
                         subject + " needs " + counted(query_.min_labels, noun) + ", has " + std::to_string(seen.rows) +
                             waiting_text(*observed),
                         std::move(numbers));
        const std::string on = " on " + counted(seen.rows, noun);
        if (!std::isfinite(seen.value))
            return found(evaluation, Truth::unknown,
                         subject + " is not defined" + on + " (" +
                             (observed->reason.empty() ? exact_text(seen.value) : observed->reason) + ")",
                         std::move(numbers));

        const double limit = line_.of(observed->past);
        if (std::isnan(limit))
            return found(evaluation, Truth::unknown, subject + " " + line_.lacking(observed->past), std::move(numbers));
        const bool holds = above_ ? seen.value > limit : seen.value < limit;
        std::string sentence = subject + " was " + rounded_text(seen.value, limit) + on + (holds ? ", " : ", not ") +
                               side() + " " + line_.told(seen.value, observed->past);
        return found(evaluation, holds ? Truth::yes : Truth::no, std::move(sentence), std::move(numbers));
    }

    void require(Requirements& requirements) const override { requirements.metrics.push_back(query_); }

    Json to_json() const override {
        Json json = Json::object({{"rule", "metric"},
                                  {"metric", query_.metric},
                                  {"over", query_.over.to_string()},
                                  {"min_labels", query_.min_labels},
                                  {"by", query_.by == LabelTime::event ? "event" : "recorded"}});
        line_.add_members(json, side());
        if (query_.mature) json["mature"] = *query_.mature;
        if (query_.horizon) json["horizon"] = format_duration(*query_.horizon);
        return json;
    }

    std::string source(Source) const override {
        std::string text = "hf.when.metric(" + quoted_json(query_.metric) + ", over=" + python_window(query_.over);
        if (query_.min_labels != 1) text += ", min_labels=" + std::to_string(query_.min_labels);
        if (query_.by == LabelTime::event) text += ", by=\"event\"";
        if (query_.mature) text += ", mature=" + exact_text(*query_.mature);
        if (query_.horizon) text += ", horizon=" + quoted_json(format_duration(*query_.horizon));
        return text + line_.python_past() + ")." + side() + "(" + line_.python() + ")";
    }

  private:
    [[nodiscard]] std::string side() const { return above_ ? "above" : "below"; }

    void check_maturity(const std::string& what) const {
        if (query_.mature && !(*query_.mature > 0.0 && *query_.mature <= 1.0))
            throw InvalidArgument(what + ": mature " + exact_text(*query_.mature) +
                                  " given, above 0 and at most 1 wanted");
        if (query_.horizon && *query_.horizon <= Duration::zero())
            throw InvalidArgument(what + ": horizon " + format_duration(*query_.horizon) +
                                  " given, a positive duration wanted");
        if ((query_.mature || query_.horizon) && (query_.by != LabelTime::event || query_.over.is_rows()))
            throw InvalidArgument(what + ": mature and horizon are of a duration by=\"event\"; none wanted over " +
                                  query_.over.to_string() + (query_.by == LabelTime::event ? "" : " by=\"recorded\""));
        if (query_.horizon && !query_.mature)
            throw InvalidArgument(what + ": a horizon given without mature; a share wanted");
    }

    /// What others recorded under the name of a metric has a value and no interval.
    [[nodiscard]] std::string_view noun_of(const stats::MetricValue& seen) const {
        if (is_metric_of_format_1(query_.metric)) return "label";
        const bool recorded = std::isfinite(seen.value) && std::isnan(seen.interval.lower);
        return stats::names_metric(query_.metric) && !recorded ? "label" : "value";
    }

    static std::string waiting_text(const ObservedMetric& observed) {
        if (observed.waiting == 0) return "";
        return " that have matured; " + counted(observed.waiting, "interaction") + " in younger buckets";
    }

    MetricQuery query_;
    bool above_;
    Line line_;
};

LabelTime read_label_time(Members& members) {
    const Json* by = members.optional("by");
    if (by == nullptr) return LabelTime::recorded;
    const std::string name = members.text("by");
    if (name == "recorded") return LabelTime::recorded;
    if (name == "event") return LabelTime::event;
    members.refuse("by", quoted_json(name) + " given, \"recorded\" or \"event\" wanted");
}

}  // namespace

NodePtr make_metric(MetricQuery query, bool above, stats::Threshold threshold) {
    return std::make_shared<MetricNode>(std::move(query), above, std::move(threshold));
}

NodePtr read_metric(Members& members) {
    MetricQuery query;
    query.metric = members.text("metric");
    if (members.optional("over") != nullptr) query.over = members.window("over");
    if (members.optional("min_labels") != nullptr) query.min_labels = members.integer("min_labels");
    query.by = read_label_time(members);
    if (members.optional("mature") != nullptr) query.mature = members.number("mature");
    if (members.optional("horizon") != nullptr) query.horizon = members.duration("horizon");
    const bool above = members.optional("above") != nullptr;
    if (above == (members.optional("below") != nullptr))
        throw InvalidArgument(members.what() + ": exactly one of the members \"above\" and \"below\" wanted");
    LineMembers line = read_line(members, above ? "above" : "below");
    query.past = line.past;
    return make_metric(std::move(query), above, std::move(line.threshold));
}

}  // namespace holdfast::detail

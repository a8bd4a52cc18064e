#include <algorithm>
#include <cmath>

#include <holdfast/stats/scores.hpp>

#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

class MetricNode final : public RuleNode {
  public:
    MetricNode(MetricQuery query, bool above, double threshold)
        : RuleNode({}), query_(std::move(query)), above_(above), threshold_(threshold) {
        const std::string what = "rule metric " + quoted_json(query_.metric);
        check_name("rule metric", query_.metric);
        check_finite(what + ": threshold", threshold_);
        if (query_.min_labels < 1)
            throw InvalidArgument(what + ": min_labels " + std::to_string(query_.min_labels) +
                                  " given, at least 1 wanted");
        if (query_.over.is_rows() && query_.min_labels > query_.over.row_count())
            throw InvalidArgument(what + ": min_labels " + std::to_string(query_.min_labels) +
                                  " can never be reached over " + query_.over.to_string());
        const auto built_in = stats::metric_names();
        noun_ = std::find(built_in.begin(), built_in.end(), query_.metric) == built_in.end() ? "value" : "label";
    }

    Finding evaluate(Evaluation& evaluation, const Json&) const override {
        const std::string subject = query_.metric + " " + over_text(query_.over);
        const ObservedMetric* observed = evaluation.observation.find(query_);
        if (observed == nullptr)
            return found(evaluation, Truth::unknown, subject + " was not observed", Json::object({}));

        const auto& seen = observed->value;
        Json numbers = Json::object({{"value", seen.value},
                                     {"lower", seen.interval.lower},
                                     {"upper", seen.interval.upper},
                                     {"level", seen.interval.level},
                                     {"rows", seen.rows},
                                     {"min_labels", query_.min_labels},
                                     {"threshold", threshold_}});
        if (seen.rows < query_.min_labels)
            return found(evaluation, Truth::unknown,
                         subject + " needs " + counted(query_.min_labels, noun_) + ", has " + std::to_string(seen.rows),
                         std::move(numbers));
        const std::string on = " on " + counted(seen.rows, noun_);
        if (!std::isfinite(seen.value))
            return found(evaluation, Truth::unknown,
                         subject + " is not defined" + on + " (" + exact_text(seen.value) + ")", std::move(numbers));

        const bool holds = above_ ? seen.value > threshold_ : seen.value < threshold_;
        std::string sentence = subject + " was " + rounded_text(seen.value, threshold_) + on +
                               (holds ? ", " : ", not ") + side() + " " + exact_text(threshold_);
        return found(evaluation, holds ? Truth::yes : Truth::no, std::move(sentence), std::move(numbers));
    }

    void require(Requirements& requirements) const override { requirements.metrics.push_back(query_); }

    Json to_json() const override {
        return Json::object({{"rule", "metric"},
                             {"metric", query_.metric},
                             {"over", query_.over.to_string()},
                             {"min_labels", query_.min_labels},
                             {"by", query_.by == LabelTime::event ? "event" : "recorded"},
                             {side(), threshold_}});
    }

    std::string source(Source) const override {
        std::string text = "hf.when.metric(" + quoted_json(query_.metric) + ", over=" + python_window(query_.over);
        if (query_.min_labels != 1) text += ", min_labels=" + std::to_string(query_.min_labels);
        if (query_.by == LabelTime::event) text += ", by=\"event\"";
        return text + ")." + side() + "(" + exact_text(threshold_) + ")";
    }

  private:
    [[nodiscard]] std::string side() const { return above_ ? "above" : "below"; }

    MetricQuery query_;
    bool above_;
    double threshold_;
    std::string noun_;
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

NodePtr make_metric(MetricQuery query, bool above, double threshold) {
    return std::make_shared<MetricNode>(std::move(query), above, threshold);
}

NodePtr read_metric(Members& members) {
    MetricQuery query;
    query.metric = members.text("metric");
    if (members.optional("over") != nullptr) query.over = members.window("over");
    if (members.optional("min_labels") != nullptr) query.min_labels = members.integer("min_labels");
    query.by = read_label_time(members);
    const bool above = members.optional("above") != nullptr;
    if (above == (members.optional("below") != nullptr))
        throw InvalidArgument(members.what() + ": exactly one of the members \"above\" and \"below\" wanted");
    const double threshold = members.number(above ? "above" : "below");
    return make_metric(std::move(query), above, threshold);
}

}  // namespace holdfast::detail

#include "policy/rule_node.hpp"
#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

std::vector<NodePtr> read_rules(Members& members, int level) {
    std::vector<NodePtr> rules;
    for (const Json& item : members.array("of")) rules.push_back(read_rule(item, level + 1));
    return rules;
}

NodePtr read_known(const std::string& name, Members& members, int level) {
    if (name == "metric") return read_metric(members);
    if (name == "yield_below") return read_yield(members);
    if (name == "drift") return read_drift(members);
    if (name == "every") return make_every(members.duration("period"));
    if (name == "any_of" || name == "all_of") return make_combined(name == "any_of", read_rules(members, level));
    if (name == "held_for" || name == "cooldown") {
        const Duration duration = members.duration("duration");
        NodePtr of = read_rule(members.required("of"), level + 1);
        return name == "cooldown" ? make_cooldown(std::move(of), duration) : make_held_for(std::move(of), duration);
    }
    members.refuse(
        "rule",
        quoted_json(name) + " given; metric, yield_below, drift, every, any_of, all_of, held_for or cooldown wanted");
}

}  // namespace

NodePtr read_rule(const Json& json, int level) {
    if (level > max_rule_depth)
        throw InvalidArgument("rule: nested over " + std::to_string(max_rule_depth) + " levels");
    const std::string name = Members(json, "rule").text("rule");
    Members members(json, "rule " + quoted_json(name));
    (void)members.required("rule");
    NodePtr node = read_known(name, members, level);
    members.finish();
    return node;
}

}  // namespace holdfast::detail

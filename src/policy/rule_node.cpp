#include "policy/rule_node.hpp"

#include <algorithm>
#include <cmath>

#include <holdfast/base/id.hpp>

#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

constexpr std::size_t max_name_bytes = 256;

}  // namespace

RuleNode::~RuleNode() = default;

RuleNode::RuleNode(const std::vector<NodePtr>& children) {
    for (const auto& child : children) {
        depth_ = std::max(depth_, child->depth() + 1);
        nodes_ += child->nodes();
    }
    if (depth_ > max_rule_depth)
        throw InvalidArgument("rule: nested over " + std::to_string(max_rule_depth) + " levels");
    if (nodes_ > max_rule_nodes)
        throw InvalidArgument("rule: made of over " + std::to_string(max_rule_nodes) + " rules");
}

Finding RuleNode::found(Evaluation& evaluation, Truth truth, std::string sentence, Json numbers) const {
    evaluation.reasons.push_back({source(Source::reason), truth, sentence, std::move(numbers)});
    return {truth, Json{}, {std::move(sentence)}};
}

const Json& state_member(const Json& state, std::string_view key) {
    static const Json none;
    if (state.is_null()) return none;
    if (!state.is_object()) throw InvalidArgument("state of a rule: an object or null wanted");
    const Json* member = state.find(key);
    return member == nullptr ? none : *member;
}

void check_duration(std::string_view what, Duration duration, bool zero_allowed) {
    if (duration.count() >= (zero_allowed ? 0 : 1) && duration.count() % 1000 == 0) return;
    throw InvalidArgument(std::string(what) + ": duration of " + std::to_string(duration.count()) +
                          " microseconds given, whole milliseconds " +
                          (zero_allowed ? "from 0 on wanted" : "above 0 wanted"));
}

void check_finite(std::string_view what, double value) {
    if (!std::isfinite(value))
        throw InvalidArgument(std::string(what) + ": " + exact_text(value) + " given, a finite number wanted");
}

void check_name(std::string_view what, std::string_view name) {
    if (name.empty() || name.size() > max_name_bytes || !is_utf8(name))
        throw InvalidArgument(std::string(what) + ": a name of 1 to " + std::to_string(max_name_bytes) +
                              " bytes of UTF-8 wanted, " + std::to_string(name.size()) + " bytes given");
}

}  // namespace holdfast::detail

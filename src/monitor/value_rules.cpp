#include "monitor/value_rules.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/binomial.hpp>

namespace holdfast::detail {

ValueRules::ValueRules(const ColumnConstraints& of)
    : whole_(of.type == "integer" || of.type == "boolean"), finite_(of.finite), minimum_(of.least), maximum_(of.most) {
    kind_ = of.type == "number"    ? Kind::number
            : of.type == "integer" ? Kind::integer
            : of.type == "boolean" ? Kind::boolean
            : of.type == "text"    ? Kind::text
            : of.type == "time"    ? Kind::time
                                   : Kind::any;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const double widest = finite_ || whole_ ? std::numeric_limits<double>::max() : infinity;
    least_ = kind_ == Kind::boolean ? 0.0 : std::max(minimum_.value_or(-widest), -widest);
    most_ = kind_ == Kind::boolean ? 1.0 : std::min(maximum_.value_or(widest), widest);
    if (of.categories) categories_ = &*of.categories;
}

std::optional<ConstraintRule> ValueRules::explain(double value) const noexcept {
    if (kind_ == Kind::boolean && value != 0.0 && value != 1.0) return ConstraintRule::type;
    if (std::isinf(value) && finite_) return ConstraintRule::finite;
    if (whole_ && value != std::floor(value)) return ConstraintRule::type;
    if (whole_ && std::isinf(value)) return ConstraintRule::type;
    if ((minimum_ && value < *minimum_) || (maximum_ && value > *maximum_)) return ConstraintRule::range;
    return std::nullopt;
}

void check_level(double level) {
    if (level > 0.0 && level < 1.0) return;
    throw InvalidArgument("constraints: level is " + std::to_string(level) + ", between 0 and 1 wanted");
}

Violation judged(const std::string& name, const ColumnConstraints& column, ConstraintRule rule, std::int64_t count,
                 std::int64_t rows, double level, std::vector<std::string> examples) {
    Violation one;
    one.column = name;
    one.rule = rule;
    one.count = count;
    one.rows = rows;
    one.share = static_cast<double>(count) / static_cast<double>(rows);
    one.lower = stats::share_lower(count, rows, level);
    one.tolerated = column.tolerates(rule);
    one.violated = one.lower > one.tolerated;
    one.examples = std::move(examples);
    return one;
}

}  // namespace holdfast::detail

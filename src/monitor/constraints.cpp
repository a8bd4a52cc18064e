#include <holdfast/monitor/constraints.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <holdfast/base/error.hpp>

#include "monitor/constraint_columns.hpp"
#include "monitor/value_rules.hpp"

namespace holdfast {
namespace {

constexpr std::array<std::string_view, rule_count> rule_names{"column",   "type",   "missing",    "finite",    "range",
                                                              "category", "unique", "increasing", "unexpected"};

// Collects a column's broken rules.
class ColumnCheck {
  public:
    ColumnCheck(Violations& into, const std::string& name, const ColumnConstraints& constraints, const Column& column,
                double level)
        : into_(into), name_(name), constraints_(constraints), column_(column), level_(level) {}

    void run() {
        const std::int64_t missing = detail::missing_values(column_);
        values_ = column_.size() - missing;
        const detail::ValueRules rules(constraints_);
        if (!rules.takes(column_.type())) {
            for (std::int64_t row = 0; row < column_.size() && examples_.size() < Constraints::most_examples; ++row) {
                if (!detail::is_missing(column_, row)) show(row);
            }
            add(ConstraintRule::type, values_, values_, std::move(examples_));
        } else {
            check_values(rules);
        }
        if (constraints_.missing) add(ConstraintRule::missing, missing, column_.size(), {});
        if (constraints_.unique) add_rows(ConstraintRule::unique, detail::repeated_values(column_));
        if (constraints_.increasing && column_.type() == ColumnType::timestamp) {
            add_rows(ConstraintRule::increasing, detail::late_values(column_));
        }
    }

  private:
    void show(std::int64_t row) {
        if (constraints_.is_private) return;
        std::string text = column_.value_text(row);
        if (std::find(examples_.begin(), examples_.end(), text) == examples_.end())
            examples_.push_back(std::move(text));
    }

    void add(ConstraintRule rule, std::int64_t count, std::int64_t rows, std::vector<std::string> examples) {
        if (count == 0) return;
        into_.violations.push_back(detail::judged(name_, constraints_, rule, count, rows, level_, std::move(examples)));
    }

    void add_rows(ConstraintRule rule, const std::vector<std::int64_t>& rows) {
        examples_.clear();
        for (const std::int64_t row : rows) {
            if (examples_.size() < Constraints::most_examples) show(row);
        }
        add(rule, std::ssize(rows), values_, std::move(examples_));
    }

    void check_values(const detail::ValueRules& rules) {
        std::array<std::vector<std::int64_t>, rule_count> broken;
        const bool text = detail::is_text(column_.type());
        for (std::int64_t row = 0; row < column_.size(); ++row) {
            if (detail::is_missing(column_, row)) continue;
            const auto rule = text ? rules.broken_by(column_.text(row)) : rules.broken_by(column_.number(row));
            if (rule) broken.at(static_cast<std::size_t>(*rule)).push_back(row);
        }
        for (std::size_t rule = 0; rule < rule_count; ++rule)
            add_rows(static_cast<ConstraintRule>(rule), broken.at(rule));
    }

    Violations& into_;
    const std::string& name_;
    const ColumnConstraints& constraints_;
    const Column& column_;
    double level_;
    std::int64_t values_ = 0;
    std::vector<std::string> examples_;
};

}  // namespace

std::string_view to_string(ConstraintRule rule) noexcept { return rule_names.at(static_cast<std::size_t>(rule)); }

ConstraintRule parse_constraint_rule(std::string_view name) {
    const auto* found = std::find(rule_names.begin(), rule_names.end(), name);
    if (found != rule_names.end()) return static_cast<ConstraintRule>(found - rule_names.begin());
    std::string names;
    for (const std::string_view one : rule_names) names += (names.empty() ? "" : ", ") + std::string(one);
    throw InvalidArgument("constraints: rule \"" + std::string(name) + "\", one of " + names + " wanted");
}

double ColumnConstraints::tolerates(ConstraintRule rule) const {
    if (rule == ConstraintRule::missing) return missing.value_or(1.0);
    if (rule == ConstraintRule::unexpected) return 1.0;
    const auto found = tolerated.find(rule);
    return found == tolerated.end() ? 0.0 : found->second;
}

bool Violations::ok() const {
    return std::none_of(violations.begin(), violations.end(), [](const Violation& one) { return one.violated; });
}

const ColumnConstraints* Constraints::find(std::string_view name) const noexcept {
    const auto found = columns_.find(name);
    return found == columns_.end() ? nullptr : &found->second;
}

const ColumnConstraints& Constraints::column(std::string_view name) const {
    if (const auto* found = find(name)) return *found;
    throw NotFound("constraints: no column \"" + std::string(name) + "\"");
}

Violations Constraints::check(const Table& table, double level) const {
    detail::check_level(level);
    Violations found;
    found.rows = table.rows();
    const auto whole = [&](const std::string& name, ConstraintRule rule, bool violated) {
        found.violations.push_back(
            {name, rule, table.rows(), table.rows(), 1.0, 1.0, violated ? 0.0 : 1.0, violated, {}});
    };
    for (const std::string& name : names_) {
        const ColumnConstraints& constraints = columns_.find(name)->second;
        if (table.has(name)) {
            ColumnCheck(found, name, constraints, table.column(name), level).run();
        } else if (constraints.required) {
            whole(name, ConstraintRule::column, true);
        }
    }
    for (const std::string& name : table.names()) {
        if (find(name) == nullptr) whole(name, ConstraintRule::unexpected, false);
    }
    return found;
}

}  // namespace holdfast

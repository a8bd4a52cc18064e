/// Which rule a value breaks: the first of type, finite, range, category; and what counts of them say.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/data/dtype.hpp>
#include <holdfast/monitor/constraints.hpp>

namespace holdfast::detail {

enum class Kind : std::uint8_t { any, number, integer, boolean, text, time };

[[nodiscard]] inline bool is_text(ColumnType type) noexcept {
    return type == ColumnType::string || type == ColumnType::categorical;
}

class ValueRules {
  public:
    ValueRules() = default;
    explicit ValueRules(const ColumnConstraints& of);

    /// Whether a column of this type holds values that can be looked at one by one.
    [[nodiscard]] bool takes(ColumnType type) const noexcept {
        if (kind_ == Kind::any) return true;
        if (kind_ == Kind::time || type == ColumnType::timestamp) {
            return kind_ == Kind::time && type == ColumnType::timestamp;
        }
        return (kind_ == Kind::text) == is_text(type);
    }

    /// Not NaN.
    [[nodiscard]] std::optional<ConstraintRule> broken_by(double value) const noexcept {
        if (value >= least_ && value <= most_ && (!whole_ || value == std::floor(value))) return std::nullopt;
        return explain(value);
    }
    [[nodiscard]] std::optional<ConstraintRule> broken_by(std::string_view value) const {
        if (categories_ == nullptr || categories_->contains(value)) return std::nullopt;
        return ConstraintRule::category;
    }
    [[nodiscard]] Kind kind() const noexcept { return kind_; }

  private:
    [[nodiscard]] std::optional<ConstraintRule> explain(double value) const noexcept;

    Kind kind_ = Kind::any;
    double least_ = 0.0, most_ = 0.0;  // what needs no second look
    bool whole_ = false, finite_ = false;
    std::optional<double> minimum_, maximum_;
    const TextSet* categories_ = nullptr;  // of the constraints
};

/// InvalidArgument: outside (0, 1).
void check_level(double level);
/// What `count` of `rows` say of a rule.
[[nodiscard]] Violation judged(const std::string& name, const ColumnConstraints& column, ConstraintRule rule,
                               std::int64_t count, std::int64_t rows, double level, std::vector<std::string> examples);

}  // namespace holdfast::detail

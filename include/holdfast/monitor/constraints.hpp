/// Constraints: what a table's values must be like, inferred from a reference, and the violations of a table.
///
///     const auto constraints = Constraints::of(reference);
///     for (const Violation& one : constraints.check(batch).violations) if (one.violated) ...
///
/// Nothing in life is exactly as it was: where a rule is about values, a share of rows may break it, the share that
/// a new row of the reference's own distribution would be expected to; a rule is *violated* where the lower bound of
/// the share seen lies above that. docs/data_quality.md.
///
/// Thread safety: Constraints is immutable once made; safe from several threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>

namespace holdfast {

/// Where a package has them, as JSON.
inline constexpr std::string_view constraints_file = "constraints.json";

/// What is wrong with a value, or a column.
enum class ConstraintRule : std::uint8_t {
    column,      ///< the column is not there
    type,        ///< a value, or the column, is of another type
    missing,     ///< more is missing than the reference's share lets expect
    finite,      ///< an infinite value
    range,       ///< below the minimum or above the maximum
    category,    ///< a category that the reference does not have
    unique,      ///< a value that another row of the table has, too
    increasing,  ///< a time before that of an earlier row
    unexpected,  ///< a column that the reference does not have
};
constexpr std::size_t rule_count = 9;
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(ConstraintRule rule) noexcept;
[[nodiscard]] HOLDFAST_EXPORT ConstraintRule parse_constraint_rule(std::string_view name);  ///< InvalidArgument

/// Hash and equality that take a std::string_view for a std::string.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
};
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

/// What one column's values must be like; what is not set is not looked at.
struct ColumnConstraints {
    std::string type;  ///< "number", "integer", "boolean", "text" or "time"
    bool required = true;
    std::optional<double> missing;                 ///< the share that may be missing
    bool finite = false;                           ///< of numbers
    std::optional<double> least, most;             ///< of numbers
    std::optional<TextSet> categories;             ///< of text
    bool unique = false;                           ///< among a table's rows
    bool increasing = false;                       ///< of times: none before an earlier row's
    bool is_private = false;                       ///< no value of it is kept or shown
    std::map<ConstraintRule, double> tolerated{};  ///< the share of rows that may break a rule; 0 where it is not named
    [[nodiscard]] HOLDFAST_EXPORT double tolerates(ConstraintRule rule) const;
    bool operator==(const ColumnConstraints&) const = default;
};

struct Violation {
    std::string column;
    ConstraintRule rule = ConstraintRule::column;
    std::int64_t count = 0;             ///< rows that break it; for a column as a whole, all rows
    std::int64_t rows = 0;              ///< that were looked at: rows with a value; for `missing`, all
    double share = 0.0;                 ///< count / rows
    double lower = 0.0;                 ///< one-sided bound of the share (Clopper and Pearson), at the check's level
    double tolerated = 0.0;             ///< share that the rule lets pass
    bool violated = false;              ///< lower > tolerated
    std::vector<std::string> examples;  ///< a few values, as text; none of a private column
};

struct Violations {
    std::int64_t rows = 0;
    std::vector<Violation> violations;  ///< what was broken at all; by column, in the order of the constraints
    [[nodiscard]] HOLDFAST_EXPORT bool ok() const;  ///< nothing is violated
    [[nodiscard]] HOLDFAST_EXPORT Json to_json() const;
};

struct InferOptions {
    std::vector<std::string> private_columns;
    std::int64_t max_categories = 100;  ///< a text column with more is free text: no rule for its values
    std::int64_t min_count = 1;         ///< a category of fewer rows is not written
};

class HOLDFAST_EXPORT Constraints {
  public:
    static constexpr std::int64_t format = 1;
    static constexpr std::size_t most_examples = 3;

    Constraints() = default;
    /// InvalidArgument: no rows or no columns; a private column that is not there.
    [[nodiscard]] static Constraints of(const Table& reference, const InferOptions& options = {});

    /// In the reference's order.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] const ColumnConstraints& column(std::string_view name) const;  ///< NotFound
    [[nodiscard]] const ColumnConstraints* find(std::string_view name) const noexcept;
    [[nodiscard]] std::int64_t reference_rows() const noexcept { return rows_; }

    /// Each bound at `level`. InvalidArgument: a level outside (0, 1).
    [[nodiscard]] Violations check(const Table& table, double level = 0.99) const;

    [[nodiscard]] Json to_json() const;
    /// InvalidArgument naming the member: unknown, missing, of another type, out of range, or a newer format.
    [[nodiscard]] static Constraints from_json(const Json& json);
    bool operator==(const Constraints&) const = default;

  private:
    std::int64_t rows_ = 0;
    std::vector<std::string> names_;
    std::map<std::string, ColumnConstraints, std::less<>> columns_;
};

}  // namespace holdfast

// Which columns are compared, by which tests, against which tolerances.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/autocorrelation.hpp>

#include "monitor/drift_parts.hpp"

namespace holdfast::detail {
namespace {

using stats::ColumnKind;
using stats::ColumnSample;
using stats::kind_of;

// Massart's, Hoeffding's and McDiarmid's inequalities hold for any number of rows.
constexpr std::array<std::string_view, 5> of_any_size{"ks", "kuiper", "total_variation", "l_infinity", "missing"};
constexpr std::int64_t few_rows = 30;

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

const std::vector<std::string>& names_of(const DriftSide& side) {
    return side.table() != nullptr ? side.table()->names() : side.profile()->names();
}

std::optional<ColumnType> find_type(const DriftSide& side, std::string_view name) {
    if (side.table() != nullptr) {
        const std::int64_t position = side.table()->find(name);
        return position < 0 ? std::nullopt : std::optional(side.table()->column(position).type());
    }
    const auto* found = side.profile()->find(name);
    return found == nullptr ? std::nullopt : std::optional(found->type);
}

ColumnType type_of(const DriftSide& side, std::string_view which, const std::string& name) {
    if (const auto type = find_type(side, name)) return *type;
    throw InvalidArgument("drift: the " + std::string(which) + " side has no column " + in_quotes(name));
}

/// A side's columns, one after another in the same memory.
class Samples {
  public:
    explicit Samples(const DriftSide& side) : side_(side) {}
    const ColumnSample& read(const std::string& name) {
        const Table* table = side_.table();
        sample_ = table != nullptr ? ColumnSample::of(table->column(name), std::move(sample_.values))
                                   : ColumnSample::of(*side_.profile()->find(name));
        return sample_;
    }

  private:
    const DriftSide& side_;
    ColumnSample sample_;
};

void require_same_kind(const std::string& name, const DriftSide& reference, const DriftSide& current) {
    const ColumnType before = type_of(reference, "reference", name), now = type_of(current, "current", name);
    if (kind_of(before) == kind_of(now)) return;
    throw InvalidArgument("drift: column " + in_quotes(name) + " is " + std::string(to_string(now)) +
                          " in the current data, " + std::string(to_string(before)) + " wanted as in the reference");
}

std::vector<std::string> candidates(const DriftSide& reference, const DriftSide& current, const DriftOptions& options,
                                    std::vector<std::string>& left_out) {
    if (!options.columns.empty()) return options.columns;
    std::vector<std::string> names;
    for (const std::string& name : names_of(reference)) {
        const auto excluded = options.excluded.find(name);
        if (excluded != options.excluded.end()) {
            left_out.push_back(name + ": " + excluded->second);
        } else if (find_type(current, name)) {
            names.push_back(name);
        } else {
            left_out.push_back(name + ": not in the current data");
        }
    }
    for (const std::string& name : names_of(current)) {
        if (!find_type(reference, name) && !options.excluded.contains(name))
            left_out.push_back(name + ": not in the reference");
    }
    return names;
}

std::vector<DriftTest> default_tests(ColumnKind kind) {
    if (kind == ColumnKind::numeric || kind == ColumnKind::timestamp) return {{"ks"}, {"wasserstein"}, {"missing"}};
    return {{"total_variation"}};
}

std::optional<std::string> reason_to_leave_out(const ColumnSample& reference, const ColumnSample& current) {
    if (reference.kind() == ColumnKind::timestamp) return "a timestamp";
    if (reference.is_private || current.is_private) return "private";
    if (reference.almost_distinct() || current.almost_distinct()) return "almost only distinct values";
    return std::nullopt;
}

double tolerance_of(const DriftTest& test, const std::string& column, const ColumnSample& reference,
                    const DriftOptions& options) {
    if (!test.tolerance) return default_tolerance(test.test);
    if (test.tolerance->min_windows() == 0) {
        const double tolerance = test.tolerance->of({});
        if (tolerance >= 0.0) return tolerance;
        throw InvalidArgument("drift: the tolerance of " + test.test + " for column " + in_quotes(column) + " is " +
                              std::to_string(tolerance) + ", 0 or more wanted");
    }
    std::vector<double> past;
    for (const stats::Profile& window : options.past) {
        const auto* found = window.find(column);
        if (found == nullptr || kind_of(found->type) != reference.kind()) continue;
        past.push_back(stats::effect_of({test.test, test.unit}, reference, ColumnSample::of(*found)).value);
    }
    const double tolerance = test.tolerance->of(past);
    return std::isnan(tolerance) ? tolerance : std::max(0.0, tolerance);
}

std::vector<stats::Effect> effects_of(const std::vector<DriftTest>& tests, const ColumnSample& reference,
                                      const ColumnSample& current) {
    std::vector<stats::EffectTest> wanted;
    for (const DriftTest& test : tests) wanted.emplace_back(test.test, test.unit);
    return stats::effects_of(wanted, reference, current);
}

/// Whether a test's bounds hold for any number of rows: the others are normal in the end.
bool holds_for_few_rows(std::string_view test) {
    return std::find(of_any_size.begin(), of_any_size.end(), test) != of_any_size.end();
}

void add_note(stats::Effect& effect, const std::string& note) {
    effect.note += (effect.note.empty() ? "" : "; ") + note;
}

/// Takes the rows of each effect for as many as they are worth.
void weigh_rows(Compared& column, const Column& rows) {
    const double tau = stats::autocorrelation_time(rows);
    for (std::size_t i = 0; i < column.effects.size(); ++i) {
        stats::Effect& effect = column.effects[i];
        if (!effect.law || tau <= 1.0) continue;
        const auto current = static_cast<double>(effect.current_rows);
        const double left = stats::effective_rows(static_cast<double>(effect.reference_rows), current, tau);
        effect.current_rows = std::max<std::int64_t>(1, static_cast<std::int64_t>(left));
        column.worth[i] = current / static_cast<double>(effect.current_rows);
        add_note(effect, "autocorrelated: worth " + std::to_string(effect.current_rows) + " independent rows");
        if (effect.current_rows < few_rows && !holds_for_few_rows(effect.test)) {
            effect.is_judged = false;
            add_note(effect, "its bounds want " + std::to_string(few_rows));
        }
    }
}

Compared compared(const std::string& name, std::vector<DriftTest> tests, const ColumnSample& reference,
                  const ColumnSample& current) {
    Compared column;
    column.name = name;
    column.effects = effects_of(tests, reference, current);
    column.tests = std::move(tests);
    column.worth.assign(column.tests.size(), 1.0);
    column.misses_nothing = reference.finite() == reference.rows && current.finite() == current.rows;
    return column;
}

}  // namespace

std::vector<Compared> compare_columns(const DriftSide& reference, const DriftSide& current, const DriftOptions& options,
                                      std::vector<std::string>& left_out) {
    for (const auto& [name, tests] : options.tests) require_same_kind(name, reference, current);
    const auto names = candidates(reference, current, options, left_out);
    for (const std::string& name : names) require_same_kind(name, reference, current);
    std::vector<Compared> columns;
    Samples reference_samples(reference), current_samples(current);
    for (const std::string& name : names) {
        const ColumnSample &before = reference_samples.read(name), &now = current_samples.read(name);
        const auto chosen = options.tests.find(name);
        if (chosen == options.tests.end() && options.columns.empty()) {
            if (const auto reason = reason_to_leave_out(before, now)) {
                left_out.push_back(name + ": " + *reason);
                continue;
            }
        }
        Compared column =
            compared(name, chosen != options.tests.end() ? chosen->second : default_tests(before.kind()), before, now);
        for (const DriftTest& test : column.tests)
            column.tolerances.push_back(tolerance_of(test, name, before, options));
        if (options.in_time_order) weigh_rows(column, current.table()->column(name));
        columns.push_back(std::move(column));
    }
    return columns;
}

std::vector<Compared> compare_again(const std::vector<Compared>& whole, const Table& reference, const Table& current,
                                    const DriftOptions& options) {
    std::vector<Compared> columns;
    for (const Compared& of_whole : whole) {
        if (!reference.has(of_whole.name)) continue;
        Compared column = compared(of_whole.name, of_whole.tests, ColumnSample::of(reference.column(of_whole.name)),
                                   ColumnSample::of(current.column(of_whole.name)));
        column.tolerances = of_whole.tolerances;
        if (options.in_time_order) weigh_rows(column, current.column(of_whole.name));
        columns.push_back(std::move(column));
    }
    return columns;
}

}  // namespace holdfast::detail

// Tests that share alpha: corrected p-values, and the bounds that say the same.
#include <algorithm>
#include <cmath>
#include <limits>

#include "monitor/drift_parts.hpp"

namespace holdfast::detail {
namespace {

using stats::ColumnDrift;
using stats::Verdict;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Question {
    const Compared* column;
    std::size_t test;
    [[nodiscard]] const stats::Effect& effect() const { return column->effects[test]; }
    [[nodiscard]] double tolerance() const { return column->tolerances[test]; }
    [[nodiscard]] bool can_be_answered() const {
        return effect().law != nullptr && effect().is_judged && !std::isnan(tolerance());
    }
};

/// Levels of the lower and of the upper bound; 0: the bound is the tolerance itself.
struct Levels {
    double lower, upper;
};

std::vector<Levels> levels_of(const std::vector<Question>& family, const std::vector<double>& p_drift,
                              stats::Correction correction, double alpha) {
    std::vector<double> p_ok(family.size(), nan);
    if (correction != stats::Correction::bonferroni) {
        for (std::size_t i = 0; i < family.size(); ++i) {
            if (family[i].can_be_answered()) p_ok[i] = family[i].effect().p_ok(family[i].tolerance());
        }
    }
    const auto lower = stats::bound_levels(correction, p_drift, alpha);
    const auto upper = stats::bound_levels(correction, p_ok, alpha);
    std::vector<Levels> levels;
    for (std::size_t i = 0; i < family.size(); ++i) levels.push_back({lower[i], upper[i]});
    return levels;
}

/// Rows that settle it if they are worth as much as those there are.
std::int64_t rows_wanted(const Question& asked, double level) {
    const auto independent = static_cast<double>(asked.effect().rows_wanted(asked.tolerance(), level));
    return static_cast<std::int64_t>(std::ceil(independent * asked.column->worth[asked.test]));
}

void settle(ColumnDrift& seen, const Question& asked, Levels levels, double single) {
    const stats::Effect& effect = asked.effect();
    const double lower = levels.lower > 0.0 ? levels.lower : single, upper = levels.upper > 0.0 ? levels.upper : single;
    const double tolerance = asked.tolerance();
    seen.interval = {effect.bounds(lower).lower, effect.bounds(upper).upper, 1.0 - lower - upper};
    if (levels.lower == 0.0) seen.interval.lower = std::nextafter(tolerance, std::numeric_limits<double>::infinity());
    if (levels.upper == 0.0) seen.interval.upper = std::nextafter(tolerance, 0.0);
    seen.detectable = effect.detectable(tolerance, lower);
    if (!asked.can_be_answered()) return;
    if (seen.interval.lower > tolerance) seen.verdict = Verdict::drift;
    if (seen.interval.upper < tolerance) seen.verdict = Verdict::ok;
    if (seen.verdict != Verdict::insufficient) return;
    seen.rows_wanted = rows_wanted(asked, std::min(lower, upper));
    if (seen.rows_wanted == 0)
        seen.note += (seen.note.empty() ? "" : "; ") + std::string("no number of current rows would settle it");
}

ColumnDrift seen_by(const Question& asked) {
    const stats::Effect& effect = asked.effect();
    ColumnDrift seen;
    seen.column = asked.column->name;
    seen.test = asked.column->tests[asked.test].test;
    seen.statistic = effect.statistic;
    seen.p_value = effect.p_value;
    seen.effect = effect.value;
    seen.tolerance = asked.tolerance();
    seen.detectable = nan;
    seen.interval = {nan, nan, nan};
    seen.note = effect.note;
    return seen;
}

std::string too_few_windows(const DriftTest& test) {
    return "too few past windows for the tolerance: " + std::to_string(test.tolerance->min_windows()) +
           " with this column wanted";
}

}  // namespace

std::vector<ColumnDrift> judge_family(const std::vector<const Compared*>& columns, stats::Correction correction,
                                      double alpha) {
    std::vector<Question> family;
    for (const Compared* column : columns) {
        for (std::size_t test = 0; test < column->tests.size(); ++test) family.push_back({column, test});
    }
    std::vector<double> p(family.size(), nan);
    for (std::size_t i = 0; i < family.size(); ++i) {
        if (family[i].can_be_answered()) p[i] = family[i].effect().p_drift(family[i].tolerance());
    }
    const auto p_corrected = stats::corrected(correction, p);
    const auto levels = levels_of(family, p, correction, alpha);
    const double single = alpha / static_cast<double>(std::max<std::size_t>(1, family.size()));
    std::vector<ColumnDrift> judged;
    for (std::size_t i = 0; i < family.size(); ++i) {
        const Question& asked = family[i];
        ColumnDrift seen = seen_by(asked);
        seen.p_drift = p[i];
        seen.p_corrected = p_corrected[i];
        if (!std::isnan(asked.tolerance())) {
            settle(seen, asked, levels[i], single);
        } else {
            seen.note += (seen.note.empty() ? "" : "; ") + too_few_windows(asked.column->tests[asked.test]);
        }
        judged.push_back(std::move(seen));
    }
    return judged;
}

}  // namespace holdfast::detail

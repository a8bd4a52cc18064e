#include <holdfast/stats/effects.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <holdfast/base/error.hpp>

#include "stats/effect_parts.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::array<std::string_view, 3> unit_names{"sd", "iqr", "raw"};

enum class Kinds : std::uint8_t { every, numbers, categories };

/// A test, what it compares, whether a profile is enough for it, and its default tolerance.
struct Known {
    std::string_view name;
    Kinds kinds;
    bool of_profiles;
    double tolerance;
};
constexpr std::array<Known, 19> known_tests{{{"ks", Kinds::numbers, true, 0.1},
                                             {"wasserstein", Kinds::numbers, true, 0.1},
                                             {"energy", Kinds::numbers, true, 0.01},
                                             {"cramer_von_mises", Kinds::numbers, false, 0.05},
                                             {"anderson_darling", Kinds::numbers, false, 0.02},
                                             {"kuiper", Kinds::numbers, true, 0.1},
                                             {"mann_whitney", Kinds::numbers, true, 0.1},
                                             {"mean", Kinds::numbers, true, 0.2},
                                             {"levene", Kinds::numbers, false, 0.2},
                                             {"chi2", Kinds::every, true, 0.1},
                                             {"g_test", Kinds::every, true, 0.01},
                                             {"fisher", Kinds::categories, true, 0.1},
                                             {"total_variation", Kinds::categories, true, 0.1},
                                             {"l_infinity", Kinds::categories, true, 0.1},
                                             {"psi", Kinds::every, true, 0.1},
                                             {"js", Kinds::every, true, 0.1},
                                             {"hellinger", Kinds::every, true, 0.1},
                                             {"kl", Kinds::every, true, 0.1},
                                             {"missing", Kinds::every, true, 0.1}}};

const Known* find_known(std::string_view test) {
    const auto* found =
        std::find_if(known_tests.begin(), known_tests.end(), [test](const Known& known) { return known.name == test; });
    return found == known_tests.end() ? nullptr : found;
}

const Known& known_test(std::string_view test) {
    if (const Known* found = find_known(test)) return *found;
    std::string names;
    for (const Known& known : known_tests) names += (names.empty() ? "" : ", ") + std::string(known.name);
    throw InvalidArgument("drift test \"" + std::string(test) + "\" is unknown; wanted: " + names);
}

bool has_numbers(ColumnKind kind) { return kind == ColumnKind::numeric || kind == ColumnKind::timestamp; }

void check(std::string_view test, const ColumnSample& reference, const ColumnSample& current) {
    const ColumnKind kind = reference.kind();
    const Known& known = known_test(test);
    if (kind != current.kind()) {
        throw InvalidArgument("the reference column is " + std::string(to_string(kind)) + ", the current one " +
                              std::string(to_string(current.kind())) + "; the same wanted");
    }
    if (!applies_to(test, kind)) {
        throw InvalidArgument("drift test \"" + std::string(test) + "\" does not compare " +
                              std::string(to_string(kind)) + " columns");
    }
    if (!known.of_profiles && !(reference.is_raw && current.is_raw)) {
        throw Unsupported("drift test \"" + std::string(test) + "\" wants the rows of both sides, not profiles");
    }
}

std::optional<std::string> nothing_to_compare(std::string_view test, const ColumnSample& reference,
                                              const ColumnSample& current) {
    if (reference.rows == 0 || current.rows == 0) return "a side has no rows";
    if (test == "missing") return std::nullopt;
    if (reference.is_private || current.is_private) return "a private column: its values are not kept";
    if (has_numbers(reference.kind()) && (reference.finite() == 0 || current.finite() == 0))
        return "a side has no finite value";
    return std::nullopt;
}

/// What several tests of one pair of columns share, made when first asked for.
class ColumnPair {
  public:
    ColumnPair(const ColumnSample& reference, const ColumnSample& current) : reference_(reference), current_(current) {}

    Effect see(std::string_view test, EffectUnit unit) {
        if (test == "ks") return detail::see_ks(gaps(), reference_, current_);
        if (test == "wasserstein") return detail::see_wasserstein(gaps(), reference_, current_, unit);
        if (test == "energy") return detail::see_energy(squares(), reference_, current_);
        if (test == "cramer_von_mises") return detail::see_cramer_von_mises(squares(), reference_, current_);
        if (test == "anderson_darling") return detail::see_anderson_darling(squares(), reference_, current_);
        if (test == "kuiper") return detail::see_kuiper(gaps(), reference_, current_);
        if (test == "mann_whitney") return detail::see_mann_whitney(squares(), reference_, current_);
        if (test == "mean") return detail::see_mean(reference_, current_);
        if (test == "levene") return detail::see_levene(reference_, current_);
        if (test == "missing") return detail::see_total_variation(detail::missing_counts(reference_, current_));
        if (test == "total_variation") return detail::see_total_variation(counts());
        if (test == "l_infinity") return detail::see_l_infinity(counts());
        if (test == "fisher") return detail::see_fisher(counts());
        return detail::see_divergence(test, counts());
    }

  private:
    const detail::CurveGaps& gaps() {
        if (!gaps_) gaps_ = detail::gaps_between(detail::rows_of(reference_), detail::rows_of(current_));
        return *gaps_;
    }
    const detail::CurveSquares& squares() {
        if (!squares_) squares_ = detail::squares_between(detail::rows_of(reference_), detail::rows_of(current_));
        return *squares_;
    }
    const detail::ColumnCounts& counts() {
        if (!counts_) {
            counts_ = has_numbers(reference_.kind()) ? detail::binned_counts(reference_, current_)
                                                     : detail::item_counts(reference_, current_);
        }
        return *counts_;
    }

    const ColumnSample& reference_;
    const ColumnSample& current_;
    std::optional<detail::CurveGaps> gaps_;
    std::optional<detail::CurveSquares> squares_;
    std::optional<detail::ColumnCounts> counts_;
};

// Rows that a test counts: those of a category, or finite ones.
std::int64_t rows_counted(std::string_view test, const ColumnSample& sample) {
    return test != "missing" && has_numbers(sample.kind()) ? sample.finite() : sample.rows;
}

}  // namespace

Effect::Effect() : statistic(nan), p_value(nan), value(nan), largest(infinite) {}

Bounds Effect::bounds(double alpha) const {
    if (!law) return {nan, nan};
    const auto rows = static_cast<double>(current_rows);
    return {law->lower(alpha, rows), std::min(largest, law->upper(alpha, rows))};
}

double Effect::p_drift(double tolerance) const {
    return law && is_judged ? law->p_drift(tolerance, static_cast<double>(current_rows)) : 1.0;
}

double Effect::p_ok(double tolerance) const {
    if (!law || !is_judged) return 1.0;
    return tolerance > largest ? 0.0 : law->p_ok(tolerance, static_cast<double>(current_rows));
}

double Effect::detectable(double tolerance, double alpha) const {
    if (!law) return nan;
    const double smallest = law->detectable(tolerance, alpha, static_cast<double>(current_rows));
    return smallest > largest ? infinite : smallest;
}

std::int64_t Effect::rows_wanted(double tolerance, double alpha) const {
    constexpr double most = 1e12;
    if (!law || !is_judged) return 0;
    const auto settled = [&](double rows) {
        return law->lower(alpha, rows) > tolerance || law->upper(alpha, rows) < tolerance;
    };
    double low = static_cast<double>(current_rows), high = low;
    if (!settled(most)) return 0;
    while (!settled(high)) {
        low = high;
        high = std::min(most, 4.0 * high);
    }
    while (high - low > std::max(1.0, 1e-3 * high)) {
        const double middle = std::floor(0.5 * (low + high));
        (settled(middle) ? high : low) = middle;
    }
    return static_cast<std::int64_t>(std::ceil(high));
}

ColumnDrift Effect::judge(double tolerance, double alpha) const {
    if (!(alpha > 0.0 && alpha < 1.0))
        throw InvalidArgument("alpha is " + std::to_string(alpha) + ", between 0 and 1 wanted");
    if (!(tolerance >= 0.0)) throw InvalidArgument("tolerance is " + std::to_string(tolerance) + ", 0 or more wanted");
    ColumnDrift drift;
    drift.test = test;
    drift.tolerance = tolerance;
    drift.statistic = statistic;
    drift.p_value = p_value;
    drift.effect = value;
    drift.note = note;
    const Bounds seen = bounds(alpha);
    drift.interval = {seen.lower, seen.upper, 1.0 - 2.0 * alpha};
    drift.detectable = detectable(tolerance, alpha);
    if (!law || !is_judged) return drift;
    drift.p_drift = drift.p_corrected = p_drift(tolerance);
    if (seen.lower > tolerance) drift.verdict = Verdict::drift;
    if (seen.upper < tolerance) drift.verdict = Verdict::ok;
    if (drift.verdict == Verdict::insufficient) {
        drift.rows_wanted = rows_wanted(tolerance, alpha);
        if (drift.rows_wanted == 0)
            detail::remark(drift.note, "no number of current rows would settle it at this effect");
    }
    return drift;
}

std::vector<std::string_view> effect_tests() {
    std::vector<std::string_view> names;
    for (const Known& known : known_tests) names.push_back(known.name);
    return names;
}

bool applies_to(std::string_view test, ColumnKind kind) noexcept {
    const Known* known = find_known(test);
    if (known == nullptr) return false;
    return known->kinds == Kinds::every || (known->kinds == Kinds::numbers) == has_numbers(kind);
}

double default_tolerance(std::string_view test) { return known_test(test).tolerance; }

std::string_view to_string(EffectUnit unit) noexcept { return unit_names[static_cast<std::size_t>(unit)]; }

EffectUnit parse_effect_unit(std::string_view name) {
    for (std::size_t i = 0; i < unit_names.size(); ++i) {
        if (unit_names[i] == name) return static_cast<EffectUnit>(i);
    }
    throw InvalidArgument("units \"" + std::string(name) + "\": \"sd\", \"iqr\" or \"raw\" wanted");
}

std::vector<Effect> effects_of(std::span<const EffectTest> tests, const ColumnSample& reference,
                               const ColumnSample& current) {
    ColumnPair pair(reference, current);
    std::vector<Effect> effects;
    for (const EffectTest& test : tests) {
        check(test.name, reference, current);
        if (test.unit != EffectUnit::sd && test.name != "wasserstein") {
            throw InvalidArgument("drift test \"" + std::string(test.name) +
                                  "\" has a unit of its own; units are wasserstein's");
        }
        const auto reason = nothing_to_compare(test.name, reference, current);
        Effect effect = reason ? Effect() : pair.see(test.name, test.unit);
        if (reason) effect.note = *reason;
        effect.test = std::string(test.name);
        effect.reference_rows = rows_counted(test.name, reference);
        effect.current_rows = rows_counted(test.name, current);
        effects.push_back(std::move(effect));
    }
    return effects;
}

Effect effect_of(const EffectTest& test, const ColumnSample& reference, const ColumnSample& current) {
    return std::move(effects_of({&test, 1}, reference, current).front());
}

}  // namespace holdfast::stats

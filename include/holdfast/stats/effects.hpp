/// Effects: how large a difference two columns show, with one-sided bounds at any level, and the verdict that follows.
///
/// docs/statistics.md has each test's effect, bounds, assumptions and sources, and what is exact, bounded or refused on
/// profiles. Every bound holds with 1 - alpha, both samples' error included; what the sketches may be off by (their
/// 99 % bound, wider for alpha below 1 %) and what counts of rare values may be off by is added.
///
/// Thread safety: pure functions; an Effect is an immutable value.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/stats/column_sample.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

/// How far the effect seen may lie from the true one. `rows` is the number of current rows that a bound is of, were
/// they like those there are.
class HOLDFAST_EXPORT EffectLaw {
  public:
    EffectLaw() = default;
    EffectLaw(const EffectLaw&) = delete;
    EffectLaw& operator=(const EffectLaw&) = delete;
    virtual ~EffectLaw() = default;

    [[nodiscard]] virtual double lower(double alpha, double rows) const = 0;
    [[nodiscard]] virtual double upper(double alpha, double rows) const = 0;
    /// The true effect whose lower bound at `alpha` lies above `tolerance` with probability 0.8.
    [[nodiscard]] virtual double detectable(double tolerance, double alpha, double rows) const = 0;
    /// The smallest alpha at which the lower bound reaches `tolerance`.
    [[nodiscard]] virtual double p_drift(double tolerance, double rows) const = 0;
    /// The smallest alpha at which the upper bound reaches `tolerance`.
    [[nodiscard]] virtual double p_ok(double tolerance, double rows) const = 0;
};

/// One-sided bounds, each at its own alpha.
struct Bounds {
    double lower = 0.0, upper = 0.0;
};

/// What one test saw in two columns. NaN throughout, and no verdict but insufficient, where there is nothing to
/// compare; `note` says why.
class HOLDFAST_EXPORT Effect {
  public:
    std::string test;
    double statistic, p_value;  ///< p_value: of exact equality, NaN where the test has none
    double value;               ///< the effect, bias-corrected where it is zero at equality
    double largest;             ///< that it can be
    std::int64_t reference_rows = 0, current_rows = 0;
    std::string note;
    bool is_judged = true;  ///< false: the bounds do not hold here
    std::shared_ptr<const EffectLaw> law;

    Effect();

    [[nodiscard]] Bounds bounds(double alpha) const;
    /// p-value of "the effect is at most `tolerance`"; 1 where no verdict can be given.
    [[nodiscard]] double p_drift(double tolerance) const;
    /// p-value of "the effect is at least `tolerance`"; 1 where no verdict can be given.
    [[nodiscard]] double p_ok(double tolerance) const;
    /// Smallest true effect that these sizes would call drift with probability 0.8; infinite where none can be.
    [[nodiscard]] double detectable(double tolerance, double alpha) const;
    /// Current rows that would settle it at the effect seen; 0 where no number would.
    [[nodiscard]] std::int64_t rows_wanted(double tolerance, double alpha) const;
    /// All of it against `tolerance`, each bound at `alpha` (already corrected); p_corrected is p_drift here.
    /// InvalidArgument: alpha outside (0, 1), a negative tolerance.
    [[nodiscard]] ColumnDrift judge(double tolerance, double alpha) const;
};

/// What Wasserstein's distance is measured in: standard deviations or interquartile ranges of the reference, or the
/// values' own unit.
enum class EffectUnit : std::uint8_t { sd, iqr, raw };
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(EffectUnit unit) noexcept;
[[nodiscard]] HOLDFAST_EXPORT EffectUnit parse_effect_unit(std::string_view name);  ///< InvalidArgument

/// The name is not copied.
struct EffectTest {
    EffectTest(std::string_view test, EffectUnit effect_unit = EffectUnit::sd)  // NOLINT(google-explicit-constructor)
        : name(test), unit(effect_unit) {}
    std::string_view name;
    EffectUnit unit;  ///< other than sd: wasserstein alone
};

/// The tests of single columns, by name.
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::string_view> effect_tests();
/// Whether `test` compares columns of this kind.
[[nodiscard]] HOLDFAST_EXPORT bool applies_to(std::string_view test, ColumnKind kind) noexcept;
/// InvalidArgument: an unknown test.
[[nodiscard]] HOLDFAST_EXPORT double default_tolerance(std::string_view test);

/// The effects of several tests, in their order: what they share is worked out once.
/// InvalidArgument: an unknown test, one that does not apply to the column, columns of different kinds.
/// Unsupported: a test that wants raw rows (cramer_von_mises, anderson_darling, levene) on a profile.
[[nodiscard]] HOLDFAST_EXPORT std::vector<Effect> effects_of(std::span<const EffectTest> tests,
                                                             const ColumnSample& reference,
                                                             const ColumnSample& current);
[[nodiscard]] HOLDFAST_EXPORT Effect effect_of(const EffectTest& test, const ColumnSample& reference,
                                               const ColumnSample& current);

}  // namespace holdfast::stats

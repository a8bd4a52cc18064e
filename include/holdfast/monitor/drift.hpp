/// drift: compares current data with a reference, column by column, and says ok, drift or insufficient.
///
/// Numeric columns get ks, wasserstein and missing (the shift of the share of missing or infinite values; not listed
/// where neither side has any), text and boolean ones total_variation, in which missing is a category. A column is
/// drifted if any of its tests says so. Rows are compared exactly, profiles within their bounds; a verdict never
/// depends on the sample size alone: see stats::Verdict. Timestamps, private columns and columns that are almost only
/// distinct values (ids, free text) are left out and named, unless they are asked for. docs/drift.md has the whole.
///
/// Thread safety: pure functions; a report is a value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/data/columns.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/effects.hpp>
#include <holdfast/stats/multiplicity.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/threshold.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast {

/// One test with its tolerance; none means the test's default.
struct DriftTest {
    std::string test;  ///< one of stats::effect_tests()
    std::optional<stats::Threshold> tolerance{};
    stats::EffectUnit unit = stats::EffectUnit::sd;  ///< of wasserstein's effect and tolerance
    bool operator==(const DriftTest&) const = default;
};

struct DriftOptions {
    std::map<std::string, std::vector<DriftTest>, std::less<>> tests{};  ///< by column; others get the defaults
    double alpha = 0.05;  ///< of the whole report, and of its slices together: see `correction`
    stats::Correction correction = stats::Correction::bonferroni;
    double share = 0.0;                  ///< whole: drift if at least this share of the columns is; 0: any
    std::vector<std::string> columns{};  ///< empty: every column that both sides have
    std::map<std::string, std::string, std::less<>> excluded{};  ///< columns to leave out, with the reason why
    std::vector<std::string> by{};       ///< compare the rows of each value, or pair of values, by themselves, too
    std::int64_t max_slices = 100;       ///< more are InvalidArgument
    std::vector<stats::Profile> past{};  ///< windows that were as they should be, for thresholds that are made of them
    /// The current rows stand in time order: both sides count as so many independent rows as the autocorrelation of
    /// each current column leaves. See stats/autocorrelation.hpp.
    bool in_time_order = false;
};

/// Rows of one value, or one pair of values, of `by`.
struct DriftSlice {
    std::vector<std::optional<std::string>> values;  ///< of DriftReport::by; nothing: missing
    stats::DriftSummary summary;
};

struct DriftReport {
    stats::DriftSummary summary;
    std::vector<std::string> left_out;  ///< columns that were not compared, with the reason after a colon
    double alpha = 0.05;
    double share = 0.0;
    stats::Correction correction = stats::Correction::bonferroni;
    /// Tests that alpha is shared among: each column's, with a missing-share test a numeric one.
    std::int64_t family = 0;
    std::vector<std::string> by;
    std::vector<DriftSlice> slices;  ///< by their largest lower bound in units of the tolerance, the largest first
    std::int64_t slice_family = 0;   ///< tests of all columns by all slices, which share alpha among themselves
    std::string note;                ///< what the reader must know of the whole: which window was looked at
};

/// One side of a comparison: rows or a profile, which must outlive the call.
class DriftSide {
  public:
    DriftSide(const stats::Profile& profile) : profile_(&profile) {}  // NOLINT(google-explicit-constructor)
    DriftSide(const Table& table) : table_(&table) {}                 // NOLINT(google-explicit-constructor)

    [[nodiscard]] const stats::Profile* profile() const noexcept { return profile_; }  ///< or nullptr
    [[nodiscard]] const Table* table() const noexcept { return table_; }               ///< or nullptr

  private:
    const stats::Profile* profile_ = nullptr;
    const Table* table_ = nullptr;
};

/// InvalidArgument: a column that is asked for and missing on a side, or of another kind; an unknown test; `by` of a
/// continuous column, or with more than max_slices. Unsupported: `by` or in_time_order of profiles, which do not keep
/// rows.
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const DriftSide& reference, const DriftSide& current,
                                                const DriftOptions& options = {});

/// Default tolerance of a test (docs/statistics.md). InvalidArgument: an unknown test.
[[nodiscard]] HOLDFAST_EXPORT double default_tolerance(std::string_view test);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const DriftReport& report);

}  // namespace holdfast

/// drift: compares current data with a reference, column by column, and says ok, drift or insufficient.
///
/// Numeric columns get ks, wasserstein and missing (the shift of the share of missing or infinite values; not listed
/// where neither side has any), text and boolean ones total_variation, in which missing is a category. A column is
/// drifted if any of its tests says so. The bounds of every test are those of stats/effects.hpp at alpha / family. A
/// Table is compared exactly, one column at a time, sorted once; a Profile within the bounds of its sketches. A verdict
/// never depends on the sample size alone: see stats::Verdict. Timestamps, private columns and columns that are almost
/// only distinct values (ids, free text) are left out and named, unless they are asked for.
///
/// Thread safety: pure functions; a report is a value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/data/columns.hpp>
#include <holdfast/data/table.hpp>
#include <holdfast/export.hpp>
#include <holdfast/stats/effects.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast {

/// One test with its tolerance; a negative tolerance means the test's default.
struct DriftTest {
    std::string test;  ///< one of stats::effect_tests()
    double tolerance = -1.0;
    stats::EffectUnit unit = stats::EffectUnit::sd;  ///< of wasserstein's effect and tolerance
    bool operator==(const DriftTest&) const = default;
};

struct DriftOptions {
    std::map<std::string, std::vector<DriftTest>, std::less<>> tests;  ///< by column; others get the defaults
    double alpha = 0.05;  ///< of the whole report: intervals are adjusted for the number of tests (Bonferroni)
    double share = 0.0;   ///< whole: drift if at least this share of the columns is; 0: any
    std::vector<std::string> columns;                          ///< empty: every column that both sides have
    std::map<std::string, std::string, std::less<>> excluded;  ///< columns to leave out, with the reason why
};

struct DriftReport {
    stats::DriftSummary summary;
    std::vector<std::string> left_out;  ///< columns that were not compared, with the reason after a colon
    double alpha = 0.05;
    double share = 0.0;
    std::int64_t family =
        0;  ///< tests that alpha is divided by: each column's, with a missing-share test a numeric one
};

/// InvalidArgument: a column that is asked for and missing on a side, or of another kind; an unknown test.
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const stats::Profile& reference, const stats::Profile& current,
                                                const DriftOptions& options = {});
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const stats::Profile& reference, const Table& current,
                                                const DriftOptions& options = {});
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const Table& reference, const stats::Profile& current,
                                                const DriftOptions& options = {});
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const Table& reference, const Table& current,
                                                const DriftOptions& options = {});

/// Default tolerance of a test (docs/statistics.md). InvalidArgument: an unknown test.
[[nodiscard]] HOLDFAST_EXPORT double default_tolerance(std::string_view test);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const DriftReport& report);

}  // namespace holdfast

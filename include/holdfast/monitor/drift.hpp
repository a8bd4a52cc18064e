/// drift: compares current data with a reference, column by column, and says ok, drift or insufficient.
///
/// Both sides are profiles (a Table is profiled first). A verdict never depends on the sample size alone: see
/// stats::Verdict. Columns that are almost only distinct values (ids, free text) are left out and named.
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
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast {

/// One test with its tolerance; a negative tolerance means the test's default.
struct DriftTest {
    std::string test;  ///< "ks", "wasserstein", "psi", "js", "total_variation", "chi2"
    double tolerance = -1.0;
    bool operator==(const DriftTest&) const = default;
};

struct DriftOptions {
    std::map<std::string, std::vector<DriftTest>, std::less<>> tests;  ///< by column; others get the defaults
    double alpha = 0.05;   ///< of the whole report: intervals are adjusted for the number of tests (Bonferroni)
    double share = 0.0;    ///< whole: drift if at least this share of the columns is; 0: any
    std::vector<std::string> columns;  ///< empty: every column that both sides have
};

struct DriftReport {
    stats::DriftSummary summary;
    std::vector<std::string> left_out;  ///< columns that were not compared, with the reason after a colon
    double alpha = 0.05;
    double share = 0.0;
};

/// InvalidArgument: a column that is asked for and missing on a side, or of another kind; an unknown test.
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const stats::Profile& reference, const stats::Profile& current, const DriftOptions& options = {});
[[nodiscard]] HOLDFAST_EXPORT DriftReport drift(const Table& reference, const Table& current, const DriftOptions& options = {});

/// Default tolerance of a test: KS 0.1, Wasserstein 0.1 reference standard deviations, PSI 0.1, JS 0.1, total variation 0.1.
[[nodiscard]] HOLDFAST_EXPORT double default_tolerance(std::string_view test);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const DriftReport& report);

}  // namespace holdfast

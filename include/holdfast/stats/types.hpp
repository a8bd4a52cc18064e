/// What statistics answer with: plain data that monitor, policy and the bindings share.
///
/// Thread safety: values.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>

namespace holdfast::stats {

/// A two-sided interval at `level`; NaN ends where it is unknown.
struct Interval {
    double lower = 0.0;
    double upper = 0.0;
    double level = 0.95;
    bool operator==(const Interval&) const = default;
};

/// A two-sample test or a divergence.
struct TestResult {
    std::string test;  ///< "ks", "wasserstein", ...
    double statistic = 0.0;
    double p_value = 0.0;  ///< of exact equality; NaN where the method has none
    double effect = 0.0;   ///< size of the difference, in the test's own unit
    Interval interval;     ///< of the effect
    std::int64_t reference_rows = 0;
    std::int64_t current_rows = 0;
    std::string note;           ///< what the reader must know: "ties: asymptotic p-value"
    bool insufficient = false;  ///< so few rows or permutations that the p-value cannot be as small as the level asked
};

/// A metric of labelled rows.
struct MetricValue {
    std::string metric;  ///< "mae"
    double value = 0.0;  ///< NaN where it is not defined (no rows, one class)
    Interval interval;
    std::int64_t rows = 0;  ///< labelled rows it was computed on
};

/// drift: the lower bound of the effect is above the tolerance; ok: the upper bound is below it; else insufficient.
enum class Verdict : std::uint8_t { ok, drift, insufficient };
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Verdict verdict) noexcept;
[[nodiscard]] HOLDFAST_EXPORT Verdict parse_verdict(std::string_view name);  ///< InvalidArgument

/// One column's test in a drift report.
struct ColumnDrift {
    std::string column;
    std::string test;
    double statistic = 0.0;
    double p_value = 0.0;  ///< of exact equality; decides nothing
    double effect = 0.0;
    Interval interval;
    double tolerance = 0.0;
    double p_drift = std::numeric_limits<double>::quiet_NaN();      ///< of "effect <= tolerance"; NaN: none
    double p_corrected = std::numeric_limits<double>::quiet_NaN();  ///< the same for the family; NaN: none
    double detectable = 0.0;       ///< smallest true effect that these sizes would call drift 4 times in 5
    std::int64_t rows_wanted = 0;  ///< insufficient: current rows that would settle it at the effect seen; else 0
    Verdict verdict = Verdict::insufficient;
    std::string note;
};

/// A drift report as a policy sees it.
struct DriftSummary {
    Verdict verdict = Verdict::insufficient;
    std::int64_t reference_rows = 0;
    std::int64_t current_rows = 0;
    std::int64_t columns = 0;        ///< compared columns
    std::int64_t drifted = 0;        ///< of them, with verdict drift
    std::int64_t undecided = 0;      ///< of them, insufficient
    std::vector<ColumnDrift> tests;  ///< a column's strongest verdict counts for it
};

[[nodiscard]] HOLDFAST_EXPORT Json to_json(const Interval& interval);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const TestResult& result);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const MetricValue& value);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const ColumnDrift& drift);
[[nodiscard]] HOLDFAST_EXPORT Json to_json(const DriftSummary& summary);
[[nodiscard]] HOLDFAST_EXPORT Interval interval_from_json(const Json& json);
[[nodiscard]] HOLDFAST_EXPORT MetricValue metric_value_from_json(const Json& json);
[[nodiscard]] HOLDFAST_EXPORT ColumnDrift column_drift_from_json(const Json& json);
[[nodiscard]] HOLDFAST_EXPORT DriftSummary drift_summary_from_json(const Json& json);

}  // namespace holdfast::stats

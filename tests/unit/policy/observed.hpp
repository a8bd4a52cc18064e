/// Observations for tests: what a loop would have computed.
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include <holdfast/policy/observation.hpp>
#include <holdfast/policy/rule.hpp>

namespace holdfast::testing {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline const Time start = parse_time("2021-07-01T00:00:00Z");

inline Observation at(Duration since_start) {
    Observation seen;
    seen.time = start + since_start;
    seen.endpoint = "housing";
    seen.transaction = 42;
    seen.live_version = 1;
    seen.live_since = start;
    return seen;
}

inline Observation& with_metric(Observation& seen, const std::string& metric, double value, std::int64_t rows,
                                Window over, std::int64_t min_labels = 1) {
    seen.metrics.push_back({{metric, over, min_labels, LabelTime::recorded}, {metric, value, {nan, nan, 0.95}, rows}});
    return seen;
}

inline Observation& with_yield(Observation& seen, double value, std::int64_t count, double previous,
                               std::int64_t previous_count, Window over) {
    seen.yields.push_back({{over, false}, value, count, previous, previous_count});
    return seen;
}

inline Observation& with_drift(Observation& seen, stats::Verdict verdict, const DriftQuery& query = {}) {
    stats::DriftSummary summary;
    summary.verdict = verdict;
    summary.reference_rows = 5000;
    summary.current_rows = 1000;
    summary.columns = 8;
    summary.drifted = verdict == stats::Verdict::drift ? 1 : 0;
    summary.undecided = verdict == stats::Verdict::insufficient ? 8 : 0;
    if (verdict == stats::Verdict::drift) {
        stats::ColumnDrift column;
        column.column = "income";
        column.test = "ks";
        column.effect = 0.3;
        column.interval = {0.25, 0.35, 0.95};
        column.tolerance = 0.1;
        column.verdict = verdict;
        summary.tests.push_back(column);
    }
    seen.drifts.push_back({query, summary});
    return seen;
}

/// A condition of its own name that is what `truth` says.
inline Observation& with_truth(Observation& seen, const std::string& name, Truth truth) {
    if (truth == Truth::unknown) return seen;
    return with_metric(seen, name, truth == Truth::yes ? 1.0 : 0.0, 10, rows(1000));
}
inline Rule condition(const std::string& name) { return when::metric(name).above(0.5); }

}  // namespace holdfast::testing

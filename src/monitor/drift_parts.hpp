// What a drift report is made of: columns that are compared, families of tests that are judged together, slices.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <holdfast/monitor/drift.hpp>
#include <holdfast/stats/effects.hpp>

namespace holdfast::detail {

/// A column of both sides, and what each of its tests saw.
struct Compared {
    std::string name;
    std::vector<DriftTest> tests;
    std::vector<double> tolerances;  ///< of each test; NaN: too few past windows
    std::vector<stats::Effect> effects;
    std::vector<double> worth;  ///< of each test: current rows that are worth one independent row
    bool misses_nothing = false;

    /// A missing-share test that nobody asked for passes unseen where nothing is missing; it stays in the family.
    [[nodiscard]] bool is_listed(std::size_t test) const {
        return tests[test].test != "missing" || tests[test].tolerance || !misses_nothing;
    }
};

/// Columns of the whole, in the reference's order; what is left out is named.
[[nodiscard]] std::vector<Compared> compare_columns(const DriftSide& reference, const DriftSide& current,
                                                    const DriftOptions& options, std::vector<std::string>& left_out);
/// The same columns, but those of `by`, with the tests and tolerances of the whole.
[[nodiscard]] std::vector<Compared> compare_again(const std::vector<Compared>& whole, const Table& reference,
                                                  const Table& current, const DriftOptions& options);

/// Tests that share alpha. Results stand in the columns' and tests' order, those that are not listed included.
[[nodiscard]] std::vector<stats::ColumnDrift> judge_family(const std::vector<const Compared*>& columns,
                                                           stats::Correction correction, double alpha);

struct Slice {
    std::vector<std::optional<std::string>> values;
    Table reference, current;
};
/// Rows of each combination of values that a side has, ascending, a missing value first.
[[nodiscard]] std::vector<Slice> slices_of(const DriftSide& reference, const DriftSide& current,
                                           const DriftOptions& options);

}  // namespace holdfast::detail

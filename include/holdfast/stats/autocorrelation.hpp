/// Autocorrelation: how many rows in time order are worth one independent row.
///
/// The integrated autocorrelation time tau = 1 + 2 (sum of the autocorrelations at lags 1, 2, ...) is the factor by
/// which the variance of a mean grows: n rows are worth n / tau. The sum is cut by Geyer's initial monotone positive
/// sequence (Statistical Science 7, 1992, section 3.3), at half the rows or 2,000 lags at the latest, and one standard
/// error of the estimate (Madras and Sokal, J. Stat. Phys. 50, 1988: tau sqrt(2 (2 W + 1) / n) where the sum
/// ends at lag W) is added, so that short stretches do not promise too much. Never below 1: rows that repel one another
/// count as independent.
///
/// Thread safety: pure functions. The same bits on every machine.
#pragma once

#include <span>

#include <holdfast/data/column.hpp>
#include <holdfast/export.hpp>

namespace holdfast::stats {

/// Of one series, in time order and without NaN or infinity. 1 for a constant or fewer than four values; a series that
/// is one trend is worth a row or two.
[[nodiscard]] HOLDFAST_EXPORT double autocorrelation_time(std::span<const double> series);

/// Of a column whose rows are in time order: the largest of its values' and their ranks' (numbers, timestamps), of the
/// indicators of its eight most frequent values (text, booleans), and of whether a value is missing or infinite.
[[nodiscard]] HOLDFAST_EXPORT double autocorrelation_time(const Column& column);

/// What is left of `current` rows beside `reference` ones if both are worth 1 / tau of their number, and the
/// reference's number is to stay: the m with 1 / reference + 1 / m = tau (1 / reference + 1 / current).
[[nodiscard]] HOLDFAST_EXPORT double effective_rows(double reference, double current, double tau) noexcept;

}  // namespace holdfast::stats

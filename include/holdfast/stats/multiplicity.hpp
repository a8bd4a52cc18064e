/// Multiplicity: p-values of a family of tests corrected for their number, and the intervals that go with them.
///
/// | correction         | keeps below alpha                  | holds for            | source |
/// | bonferroni         | P(any false claim)                 | any dependence       | Dunn 1961 |
/// | holm               | P(any false claim), step-down      | any dependence       | Holm 1979 |
/// | benjamini_hochberg | mean share of false among claims   | independence, PRDS   | Benjamini and Hochberg 1995 |
/// | benjamini_yekutieli| the same                           | any dependence       | Benjamini and Yekutieli 2001 |
///
/// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>

namespace holdfast::stats {

enum class Correction : std::uint8_t { bonferroni, holm, benjamini_hochberg, benjamini_yekutieli };
/// "bonferroni", "holm", "bh", "by".
[[nodiscard]] HOLDFAST_EXPORT std::string_view to_string(Correction correction) noexcept;
[[nodiscard]] HOLDFAST_EXPORT Correction parse_correction(std::string_view name);  ///< InvalidArgument

/// Corrected p-values, in the order given: a test is claimed at level alpha where its own is at most alpha. The same as
/// R's p.adjust and statsmodels' multipletests. A NaN stays one, and counts in the family as a p-value of 1.
/// InvalidArgument: a p-value outside [0, 1].
[[nodiscard]] HOLDFAST_EXPORT std::vector<double> corrected(Correction correction, std::span<const double> p_values);

/// The level at which each test's one-sided bound holds, so that bounds and corrected p-values say the same at alpha:
/// a bound excludes the tolerance where, and only where, the corrected p-value is at most alpha.
///
/// bonferroni: alpha / m, simultaneous. bh, by: alpha R / m with R claims (1 where there is none), by's divided by the
/// sum of 1 / i: of the bounds of claimed tests at most a share of alpha is wrong on average (false coverage rate;
/// Benjamini and Yekutieli, JASA 100, 2005). holm: of tests that are not claimed alpha over their number; of claimed
/// ones 0, their bound is the tolerance itself, and none beyond it holds together with the others; where all are
/// claimed alpha / m for those that it suffices for (Strassburger and Bretz, Statistics in Medicine 27, 2008).
/// InvalidArgument: alpha outside (0, 1).
[[nodiscard]] HOLDFAST_EXPORT std::vector<double> bound_levels(Correction correction, std::span<const double> p_values,
                                                               double alpha);

}  // namespace holdfast::stats

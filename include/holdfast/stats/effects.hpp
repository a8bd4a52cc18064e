/// Effects: how large a difference two columns' profiles show, with one-sided bounds that hold at zero, too.
///
/// | test            | effect                                    | lower bound                         | upper bound |
/// | ks              | sup of abs(F - G)                         | sum of two Massart (1990) tails     | Hoeffding at
/// the point | | wasserstein     | area between F and G, in reference sd     | mean deviation + Efron-Stein; or of the
/// means alone | of a 1-Lipschitz function's mean | | total_variation | half the sum of abs(p - q)                |
/// mean deviation + McDiarmid, or the union over subsets | Hoeffding on one subset | | missing         |
/// total_variation of finite, missing, infinite | the same                         | the same | | psi, js, chi2   |
/// index, distance, Cramer's V               | noncentral chi-square, local approximation | the same |
///
/// Every bound holds with 1 - alpha. What the sketches may be off by (their 99 % bound, wider for alpha below 1 %) and
/// what Misra-Gries counts may be off by is added. The p-value of ks is the asymptotic one at any size.
/// ks and total_variation hold for every n and distribution (but that total_variation's mean deviation is estimated);
/// wasserstein's normal quantiles need a few dozen rows and finite variance, and its standard deviation is the
/// reference sample's, taken as known; psi, js and chi2 want five expected rows in each bin (`insufficient` and a note
/// where they have fewer).
///
/// Thread safety: pure functions.
#pragma once

#include <string_view>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

/// The tests on profiles, in the order of the table.
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::string_view> effect_tests();
/// Whether `test` compares columns of this kind.
[[nodiscard]] HOLDFAST_EXPORT bool applies_to(std::string_view test, ColumnKind kind) noexcept;

/// One column's effect, bounds and verdict against `tolerance`; `alpha` is each bound's own level (already corrected).
/// InvalidArgument: an unknown test, one that does not apply to the column, columns of different kinds.
[[nodiscard]] HOLDFAST_EXPORT ColumnDrift effect_of(std::string_view test, const ColumnProfile& reference,
                                                    const ColumnProfile& current, double tolerance, double alpha);

}  // namespace holdfast::stats

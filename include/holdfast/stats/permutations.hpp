/// Permutation tests: how many splits of the pooled rows are drawn, of what, and for which level.
///
/// A p-value is (1 + k) / (1 + B), where k of B splits drawn reach the statistic seen (Phipson and Smyth, Stat. Appl.
/// Genet. Mol. Biol. 9, 2010): never 0, and valid for every B. With blocks, whole stretches of rows change sides
/// together, so that rows that follow one another may depend on each other; the rows of each sample are then taken in
/// the order given, the current ones after the reference's.
///
/// Thread safety: values and pure functions; the same bits on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <holdfast/export.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast::stats {

struct Permutations {
    std::int64_t count = 999;   ///< at least so many are drawn; 1 to 1,000,000
    std::int64_t most = 9'999;  ///< and up to so many where p-values as small as `level` want them; 1 to 1,000,000
    double level = 0.05;        ///< what the p-value is compared with, corrections included; where it cannot get as
                                ///< small, the result is `insufficient`
    std::int64_t block = 1;     ///< rows that change sides together; 0: chosen by block_length
    std::uint64_t seed = 0;
};

/// ks, kuiper, cramer_von_mises, energy, wasserstein or mann_whitney with the p-value by permutations; the interval,
/// which would take rows for independent, is NaN where blocks are longer than 1. InvalidArgument: another name, an
/// empty sample, numbers out of range, a block longer than half the rows of a sample.
[[nodiscard]] HOLDFAST_EXPORT TestResult permutation_test(std::string_view test, std::span<const double> reference,
                                                          std::span<const double> current,
                                                          const Permutations& permutations = {});

/// A block length for autocorrelated values in the order of time: Politis and White's for the circular bootstrap
/// (Econom. Rev. 23, 2004, with the correction of 2009), from autocovariances about each sample's own mean; 1 where
/// they show none, at most half the rows of the smaller sample.
[[nodiscard]] HOLDFAST_EXPORT std::int64_t block_length(std::span<const double> reference,
                                                        std::span<const double> current);

}  // namespace holdfast::stats

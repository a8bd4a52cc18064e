/// The pooled sample as ties: one entry a distinct value, and the splits of it that are as likely as the one seen.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "stats/samples.hpp"

namespace holdfast::stats::detail {

struct Tie {
    double value = 0.0;
    std::int64_t reference = 0, current = 0;  ///< rows of each sample that have it
    [[nodiscard]] std::int64_t size() const { return reference + current; }
};
/// Ascending.
[[nodiscard]] std::vector<Tie> ties_of(const SamplePair& samples);
[[nodiscard]] bool has_ties(const std::vector<Tie>& ties);

/// What a tie adds to a statistic when `before` rows of the reference lie below it and `taken` in it.
using Part = std::function<double(std::size_t tie, std::int64_t before, std::int64_t taken)>;
[[nodiscard]] double statistic_of(const std::vector<Tie>& ties, const Part& part);

/// Whether n rows can be taken out of `rows`, at most 1,000, in at most 20,000 ways.
[[nodiscard]] bool can_enumerate(std::int64_t rows, std::int64_t n);
/// The share of all splits of the pooled rows, n to the reference, whose statistic is at least the one seen (or a
/// rounding of it).
[[nodiscard]] double share_of_splits(const std::vector<Tie>& ties, std::int64_t n, const Part& part);

}  // namespace holdfast::stats::detail

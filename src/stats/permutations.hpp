/// What permutation tests share: how many splits, which, and what block of rows moves together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/rng.hpp>
#include <holdfast/stats/permutations.hpp>

namespace holdfast::stats::detail {

/// InvalidArgument: numbers out of range; a block longer than half the rows of a sample of n or m.
void check(std::string_view test, const Permutations& asked, std::int64_t n, std::int64_t m);

/// B: what is asked for, or up to `most` where the level wants as many.
[[nodiscard]] std::int64_t rounds_of(const Permutations& asked);
/// Whether there are enough ways to deal the blocks of n and m rows for a p-value of the level or less.
[[nodiscard]] bool ways_reach(double level, std::int64_t block, std::int64_t n, std::int64_t m);
/// Writes B, the block and `insufficient` into the result.
void conclude(TestResult& result, const Permutations& asked, std::int64_t block, std::int64_t n, std::int64_t m);

/// Digest of what bytes there are, and of what was digested before them.
[[nodiscard]] std::string digest_of(std::span<const std::byte> bytes, std::string_view before = {});

/// Splits of n + m pooled rows, the reference's first, at random: by the seed, and by `data`, a digest of the rows. The
/// same few splits for every data set would keep the level over seeds, not over data sets.
class Splits {
  public:
    Splits(std::string_view data, std::uint64_t seed, std::int64_t n, std::int64_t m, std::int64_t block);
    /// One flag a pooled row: whether the next split has it in the reference.
    [[nodiscard]] std::span<const std::uint8_t> next();

  private:
    Rng rng_;
    std::int64_t n_;
    std::vector<std::int64_t> starts_, order_;  // of the blocks, and one more start behind the last; their order
    std::vector<std::uint8_t> of_reference_;
};

/// permutation_test's p-value; NaN rows are left out, finite values where the test is of distances.
[[nodiscard]] double split_p(std::string_view test, std::span<const double> reference, std::span<const double> current,
                             const Permutations& asked, std::int64_t block);

}  // namespace holdfast::stats::detail

/// Sums of a Gaussian kernel's matrix over splits of the pooled rows: one blocked matrix product for all of them.
///
/// The matrix is never whole in memory. Every sum is of the same terms in the same order at any vector width: the same
/// bits on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stats/pooled_columns.hpp"

namespace holdfast::stats::detail {

/// The splits that one pass takes.
constexpr std::int64_t splits_at_once = 959;

/// One split a column: flags[row * stride + split] is 1 where the row is in the reference. Behind the splits stands
/// one that has every row.
class SplitFlags {
  public:
    SplitFlags(std::int64_t rows, std::int64_t splits);
    void set(std::int64_t split, std::span<const std::uint8_t> of_reference);
    [[nodiscard]] const std::uint8_t* row(std::int64_t row) const { return flags_.data() + row * stride_; }
    [[nodiscard]] std::int64_t splits() const { return splits_; }
    [[nodiscard]] std::int64_t stride() const { return stride_; }

  private:
    std::int64_t splits_, stride_;
    std::vector<std::uint8_t> flags_;
};

/// Sums over pairs of different rows, each pair once; the kernel is exp(-rate |x - y|^2).
struct KernelSums {
    std::vector<double> both;     ///< a split: pairs with both rows in the reference
    std::vector<double> touched;  ///< a split: every row's in the reference with every other row
    double all = 0.0;
};

/// Of each row with the other rows of either sample, and of squares over the pairs.
struct RowSums {
    std::vector<double> with_reference, with_current;
    double squares_reference = 0.0, squares_current = 0.0, squares_across = 0.0;
};
/// `rows`: where its sums go, too, unless null.
[[nodiscard]] KernelSums kernel_sums(const PooledColumns& pooled, double rate, const SplitFlags& splits,
                                     RowSums* rows = nullptr);

}  // namespace holdfast::stats::detail

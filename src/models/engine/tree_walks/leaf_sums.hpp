/// LeafSums: adds what leaves hold, tree after tree in the form's `accumulate`; all engines share it.
///
/// Thread safety: immutable.
#pragma once

#include <cstdint>
#include <vector>

#include "models/engine/tree_walks/layout.hpp"

namespace holdfast::engine::tree_walks {

template <class Sum>
class LeafSums {
  public:
    LeafSums(const forms::Trees& form, const Layout& layout);

    void start(std::int64_t rows, Sum* sums) const;
    /// leaves[tree * Lanes + row] of `trees` trees from `first` on, into sums[row * outputs + output] of `rows` rows.
    template <std::int64_t Lanes>
    void add(std::int64_t first, std::int64_t trees, const std::uint32_t* leaves, std::int64_t rows, Sum* sums) const;
    /// leaves[row] of one tree.
    void add_tree(std::int64_t tree, const std::uint32_t* leaves, std::int64_t rows, Sum* sums) const;
    void finish(std::int64_t rows, Sum* sums) const;

  private:
    enum class Kind { one_value, two_values, every_output, some_outputs };

    void add_leaf(const forms::Trees& form, std::size_t tree, std::size_t node);
    template <std::int64_t Lanes>
    void add_one_value(std::int64_t first, std::int64_t trees, const std::uint32_t* leaves, std::int64_t rows,
                       Sum* sums) const;
    void add_outputs(std::size_t leaf, Sum* sums) const;

    const forms::Trees& form_;
    std::size_t outputs_;
    Kind kind_ = Kind::some_outputs;
    std::vector<std::uint32_t> first_leaf_;  // of each tree
    std::vector<Sum> values_;                // with the tree's weight
    // Of some outputs only:
    std::vector<std::uint64_t> begin_;  // of each leaf in values_, and one past the end
    std::vector<std::int32_t> output_;  // of each value
};

}  // namespace holdfast::engine::tree_walks

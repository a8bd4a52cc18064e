/// Engine: finds the leaf of each tree that a row ends in.
#pragma once

#include <cstdint>
#include <memory>

#include "models/engine/tree_walks/layout.hpp"

namespace holdfast::engine::tree_walks {

class Engine {
  public:
    virtual ~Engine() = default;

    /// Bits of a key that `rows` wants turned over: the first, where it compares keys as numbers with a sign.
    [[nodiscard]] virtual Key flip() const noexcept { return 0; }

    /// Of `lanes` rows, x[feature * lanes + row]: leaves[tree * lanes + row] of `trees` trees from `first` on.
    virtual void rows(std::int64_t first, std::int64_t trees, const Key* x, bool nan, std::uint32_t* leaves) const = 0;
    /// Of one row, x[feature]: leaves[tree] of every tree.
    virtual void row(const Key* x, bool nan, std::uint32_t* leaves) const = 0;
    /// How much memory `rows` reads for an average tree.
    [[nodiscard]] virtual std::int64_t bytes_a_tree() const noexcept = 0;
};

/// Walks from node to node, several trees or rows at a time; null where a tree has more than 2^22 leaves.
[[nodiscard]] std::unique_ptr<Engine> make_walks(const forms::Trees& form, const Tests& tests, const Layout& layout);

/// Whether every tree has at most 64 leaves.
[[nodiscard]] bool fit_bit_vectors(const Layout& layout);
/// Makes all tests of a tree for a vector of rows, and strikes out leaves (one row: walks).
[[nodiscard]] std::unique_ptr<Engine> make_bit_vectors(const forms::Trees& form, const Tests& tests,
                                                       const Layout& layout);

}  // namespace holdfast::engine::tree_walks

/// Engine: finds the leaf of each tree that a row ends in.
#pragma once

#include <cstdint>
#include <memory>

#include "models/engine/tree_walks/layout.hpp"
#include "models/engine/tree_walks/masked_layout.hpp"

namespace holdfast::engine::tree_walks {

/// Rows in groups of `lanes`: the key of a feature of row r is keys[r / lanes * stride + feature * lanes + r % lanes].
/// X is Key, or Word.
template <class X>
struct Tiles {
    const X* keys = nullptr;
    std::int64_t stride = 0;
    std::int64_t rows = 0;
    bool nan = false;  // whether one of the keys may be NaN's
};

/// A walk that has come to no leaf yet: whose it is, a row's or a tree's, and the node where it is.
struct Open {
    std::uint32_t walk, node;
};

template <class X>
class Engine {
  public:
    virtual ~Engine() = default;

    /// Bits of a key that `rows` wants turned over: the first, where it compares keys as numbers with a sign.
    [[nodiscard]] virtual X flip() const noexcept { return 0; }

    /// Of `lanes` rows, x[feature * lanes + row]: leaves[tree * lanes + row] of `trees` trees from `first` on.
    virtual void rows(std::int64_t first, std::int64_t trees, const X* x, bool nan, std::uint32_t* leaves) const = 0;
    /// Whether `sift` is faster than `rows`, group after group.
    [[nodiscard]] virtual bool sifts(const Tiles<X>&) const noexcept { return false; }
    /// Of many rows: leaves[row] of one tree. `open` has room for as many.
    virtual void sift(std::int64_t, const Tiles<X>&, std::uint32_t* /*leaves*/, Open* /*open*/) const {}
    /// Of one row, x[feature * lanes]: leaves[tree] of every tree. `open` has room for as many.
    virtual void row(const X* x, bool nan, std::uint32_t* leaves, Open* open) const = 0;
    /// How much memory `rows` reads for an average tree.
    [[nodiscard]] virtual std::int64_t bytes_a_tree() const noexcept = 0;
};

/// Walks from node to node, several trees or rows at a time; null where a tree has more than 2^22 leaves, or all of
/// them more nodes than 32 bits count.
[[nodiscard]] std::unique_ptr<Engine<Key>> make_walks(const Tests& tests, const Layout& layout);
/// The same, with masks.
[[nodiscard]] std::unique_ptr<Engine<Word>> make_walks(const MaskedLayout& layout);

/// Whether every tree has at most 64 leaves.
[[nodiscard]] bool fit_bit_vectors(const Layout& layout);
/// Makes all tests of a tree for a vector of rows, and strikes out leaves (one row: walks).
[[nodiscard]] std::unique_ptr<Engine<Key>> make_bit_vectors(const Tests& tests, const Layout& layout);

}  // namespace holdfast::engine::tree_walks

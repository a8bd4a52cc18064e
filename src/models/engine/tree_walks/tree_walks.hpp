/// The steps of tree ensembles, and which engine a form gets.
#pragma once

#include <cstdint>
#include <memory>

#include "models/engine/step.hpp"

namespace holdfast::engine {

enum class TreeEngine : std::uint8_t {
    general,       ///< one node at a time, as the form says it: takes every form
    walks,         ///< 8-byte nodes, several walks at a time
    masked_walks,  ///< walks that make up to 63 tests of indicators at once
    bit_vectors,   ///< all tests of a tree at once, for trees of at most 64 leaves
};

/// The step of one engine, for tests and timings; null where the engine does not take the form.
[[nodiscard]] std::unique_ptr<Step> make_trees(const forms::Trees& form, ValueType input, TreeEngine engine);

namespace tree_walks {

/// The fastest that takes the form, or null.
[[nodiscard]] std::unique_ptr<Step> make_fastest(const forms::Trees& form, ValueType input);
[[nodiscard]] std::unique_ptr<Step> make(const forms::Trees& form, ValueType input, TreeEngine engine);

}  // namespace tree_walks
}  // namespace holdfast::engine

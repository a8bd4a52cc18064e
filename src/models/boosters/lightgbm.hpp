/// LightGBM's text model files as graphs. Source: its model_text.cpp, tree.cpp and tree.h (decisions, linear leaves).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include <holdfast/models/graph.hpp>

#include "models/boosters/chain.hpp"

namespace holdfast::boosters {

/// CorruptArtifact, or Unsupported by name. The graph views nothing of the text; whoever compiles it checks it.
[[nodiscard]] Graph lightgbm_graph(std::string_view text);

/// The "key=value" lines of one section of a file.
class Section {
  public:
    /// Takes lines off `text` until an empty one after the first; keys without "=" have an empty value.
    explicit Section(std::string_view& text);

    // CorruptArtifact naming the key where it is absent, or holds something else.
    [[nodiscard]] bool has(std::string_view key) const { return lines_.contains(key); }
    [[nodiscard]] std::string_view text(std::string_view key) const;
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) const;
    [[nodiscard]] std::vector<double> numbers(std::string_view key, std::size_t count) const;
    [[nodiscard]] std::vector<std::int64_t> integers(std::string_view key, std::size_t count) const;
    [[nodiscard]] std::vector<std::string_view> words(std::string_view key) const;

  private:
    std::map<std::string_view, std::string_view> lines_;
};

/// Collects the trees of a file; sums and inputs are float64.
class LightGBMTrees {
  public:
    LightGBMTrees(std::int64_t features, std::int64_t outputs);
    void read(const Section& tree, std::int32_t output);
    [[nodiscard]] forms::Trees take();

  private:
    void read_split(const Section& tree, std::size_t splits);
    void read_leaves(const Section& tree, std::size_t leaves, std::int32_t output);
    void read_linear(const Section& tree, std::size_t leaves, std::size_t first_leaf);
    void read_set(std::size_t node, std::span<const std::int64_t> bits);
    void add_node(std::int64_t left, std::int64_t right, std::int64_t feature, double threshold);

    forms::Trees form_;
    std::vector<double> constants_;    // of linear leaves, one a node
    std::vector<std::int64_t> terms_;  // their number, one a node
};

}  // namespace holdfast::boosters

/// CatBoost's model files of type "json" as graphs. Source: "Save a model", "Load the CatBoost model from JSON"
/// (https://catboost.ai/docs/en/concepts/json-model_tutorial), and what CatBoost 1.2 writes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <holdfast/models/graph.hpp>

#include "models/boosters/document.hpp"

namespace holdfast::boosters {

/// Keys that no answer depends on.
[[nodiscard]] std::span<const std::string_view> catboost_ignored();
/// CorruptArtifact, or Unsupported by name.
[[nodiscard]] Graph catboost_graph(const Value& document);

/// A numeric feature: the column that it reads, and whether a missing value is above every border.
struct CatBoostFeature {
    std::int64_t column = 0;
    bool missing_is_above = false;
};

/// The trees, oblivious or not: sums of leaf values in double.
[[nodiscard]] forms::Trees catboost_trees(const Value& document, const std::vector<CatBoostFeature>& features,
                                          std::int64_t columns, std::int64_t outputs);

}  // namespace holdfast::boosters

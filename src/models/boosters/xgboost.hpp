/// XGBoost's model files as graphs. Sources: its "Introduction to Model IO" and JSON schema (doc/model.schema).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/models/graph.hpp>

#include "models/boosters/chain.hpp"
#include "models/boosters/document.hpp"

namespace holdfast::boosters {

/// CorruptArtifact, or Unsupported by name. Whoever compiles the graph checks it.
[[nodiscard]] Graph xgboost_graph(const Value& document);

/// What the parts of a file have in common.
struct XGBoost {
    std::int64_t features = 0;
    std::int64_t outputs = 0;  ///< one a class or target
    std::vector<double> base;  ///< (outputs), as margins
};

/// The trees of a "gbtree" (or of a "dart", whose `weights` then multiply them).
[[nodiscard]] forms::Trees xgboost_trees(const Value& booster, const XGBoost& about, std::vector<double> weights);

/// An objective of XGBoost: what is learned, as margins, and what is answered.
struct Objective {
    enum class Base : std::uint8_t { margin, probability, mean };  ///< what base_score is
    enum class Answer : std::uint8_t { margin, logistic, exp, two_classes, above_zero, softmax, softprob };
    std::string_view name;
    Base base = Base::margin;
    Answer answer = Answer::margin;
};
[[nodiscard]] const Objective& xgboost_objective(std::string_view name);  ///< Unsupported naming it
/// base_score's text, a number or a list of them, as margins.
[[nodiscard]] std::vector<double> base_margins(const std::string& text, const Objective& objective,
                                               std::int64_t outputs);
void answer(Chain& chain, const Objective& objective, std::int64_t outputs);

}  // namespace holdfast::boosters

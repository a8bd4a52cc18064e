/// Chain: the graph of a boosted model: forms that follow one another from "X", and the outputs made of the last value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/models/graph.hpp>

namespace holdfast::boosters {

class Chain {
  public:
    /// Input "X" (rows, features) of `dtype`, in which the forms of the chain compute, too. No names, or one a feature.
    Chain(DType dtype, std::int64_t features, std::vector<std::string> names, std::string source);

    void then(Form form);
    void then(forms::Transform transform);
    void then(forms::Operation operation, std::vector<double> constant);

    void square_with_sign();  ///< x |x|

    // The outputs, of the last value; once.
    void prediction(std::int64_t width);
    /// (rows, 1) p: label 1 where p > 0.5, probabilities 1 - p and p.
    void two_classes();
    /// (rows, 1) x: label 1 where x > threshold, probabilities of x's logistic.
    void two_classes_of_margin(double threshold);
    /// (rows, classes) scores: the label is that of the greatest of the scores, or of the probabilities, into which
    /// `transform` turns them.
    void several_classes(std::int64_t classes, forms::Transform transform, bool label_of_scores);
    /// Puts these in place of the classes' numbers; CorruptArtifact where they are not as many.
    void label(const ClassLabels& labels);

    [[nodiscard]] Graph take() { return std::move(graph_); }

  private:
    std::string add(Form form, const std::string& from, std::string name = "");
    void classify(const std::string& positions, std::int64_t classes);

    Graph graph_;
    DType dtype_;
    std::string last_ = "X";
};

}  // namespace holdfast::boosters

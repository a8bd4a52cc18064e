#include "models/boosters/chain.hpp"

#include <numeric>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast::boosters {

Chain::Chain(DType dtype, std::int64_t features, std::vector<std::string> names, std::string source) : dtype_(dtype) {
    graph_.signature.inputs = {{"X", dtype, {-1, features}, ""}};
    graph_.signature.features = std::move(names);
    graph_.source = std::move(source);
}

std::string Chain::add(Form form, const std::string& from, std::string name) {
    if (name.empty()) name = "#" + std::to_string(graph_.nodes.size());
    graph_.nodes.push_back({std::move(form), {from}, {name}});
    return name;
}

void Chain::then(Form form) { last_ = add(std::move(form), last_); }
void Chain::then(forms::Transform transform) { then(Form(forms::PostTransform{transform, dtype_})); }
void Chain::then(forms::Operation operation, std::vector<double> constant) {
    then(Form(forms::Elementwise{operation, std::move(constant), dtype_}));
}

void Chain::square_with_sign() {
    const std::string x = last_;
    const std::string size = add(forms::PostTransform{forms::Transform::absolute, dtype_}, x);
    last_ = "#" + std::to_string(graph_.nodes.size());
    graph_.nodes.push_back({forms::Elementwise{forms::Operation::multiply, {}, dtype_}, {x, size}, {last_}});
}

void Chain::prediction(std::int64_t width) {
    graph_.nodes.back().outputs = {"prediction"};
    graph_.signature.task = Task::regression;
    graph_.signature.outputs = {{"prediction", dtype_, {-1, width}, ""}};
    graph_.signature.prediction = "prediction";
}

void Chain::two_classes() {
    classify(add(forms::Threshold{0.5, false}, last_), 2);
    add(forms::PostTransform{forms::Transform::complement, dtype_}, last_, "probabilities");
}

void Chain::two_classes_of_margin(double threshold) {
    classify(add(forms::Threshold{threshold, false}, last_), 2);
    then(forms::Transform::logistic);
    add(forms::PostTransform{forms::Transform::complement, dtype_}, last_, "probabilities");
}

void Chain::several_classes(std::int64_t classes, forms::Transform transform, bool label_of_scores) {
    const std::string scores = last_;
    add(forms::PostTransform{transform, dtype_}, scores, "probabilities");
    classify(add(forms::ArgMax{}, label_of_scores ? scores : "probabilities"), classes);
}

void Chain::label(const ClassLabels& labels) {
    Signature& signature = graph_.signature;
    if (size(labels) != size(signature.classes))
        throw CorruptArtifact("classes: " + std::to_string(size(labels)) + " names given, " +
                              std::to_string(size(signature.classes)) + " wanted");
    signature.classes = labels;
    signature.outputs[0].dtype = labels.index() == 0 ? DType::int64 : DType::string;
    for (Node& node : graph_.nodes) {
        if (auto* lookup = std::get_if<forms::Lookup>(&node.form)) lookup->labels = labels;
    }
}

void Chain::classify(const std::string& positions, std::int64_t classes) {
    std::vector<std::int64_t> labels(static_cast<std::size_t>(classes));
    std::iota(labels.begin(), labels.end(), 0);
    Signature& signature = graph_.signature;
    signature.task = Task::classification;
    signature.outputs = {{"label", DType::int64, {-1}, ""}, {"probabilities", dtype_, {-1, classes}, ""}};
    signature.classes = labels;
    signature.prediction = "label";
    signature.probability = "probabilities";
    add(forms::Lookup{std::move(labels)}, positions, "label");
}

}  // namespace holdfast::boosters

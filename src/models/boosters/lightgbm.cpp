#include "models/boosters/lightgbm.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

#include "models/backends.hpp"
#include "models/engine/limits.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

using std::to_string;

/// The line "objective=", as in "binary sigmoid:1".
struct Objective {
    std::string_view name = "custom";  ///< whose answers are the raw scores
    bool square = false;               ///< "sqrt": trained on signed square roots
    double sigmoid = 1.0;
};

Objective objective_of(const Section& head) {
    Objective objective;
    if (!head.has("objective")) return objective;
    const std::vector<std::string_view> words = head.words("objective");
    if (words.empty()) return objective;
    objective.name = words[0];
    for (const std::string_view word : std::span(words).subspan(1)) {
        constexpr std::string_view sigmoid = "sigmoid:";
        if (word == "sqrt") {
            objective.square = true;
        } else if (word.starts_with(sigmoid)) {
            const auto [end, error] =
                std::from_chars(word.data() + sigmoid.size(), word.data() + word.size(), objective.sigmoid);
            if (error != std::errc() || end != word.data() + word.size() || !(objective.sigmoid > 0))
                throw CorruptArtifact("objective: " + detail::quoted(word) + " given, a positive number wanted");
        } else if (!word.starts_with("num_class:")) {
            throw Unsupported("objective " + detail::quoted(objective.name) + " with " + detail::quoted(word) +
                              " is not covered");
        }
    }
    return objective;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

void answer(Chain& chain, const Objective& objective, std::int64_t outputs) {
    const std::string_view name = objective.name;
    const auto scale = [&] {
        if (objective.sigmoid != 1.0) chain.then(forms::Operation::multiply, {objective.sigmoid});
    };
    if (is_one_of(name, {"multiclass", "multiclassova"}) && outputs < 2)
        throw CorruptArtifact("num_tree_per_iteration: 1 given, 2 or more wanted");
    if (is_one_of(name, {"binary", "cross_entropy", "cross_entropy_lambda"}) && outputs != 1)
        throw CorruptArtifact("num_tree_per_iteration: " + to_string(outputs) + " given, 1 wanted");
    if (name == "multiclass") return chain.several_classes(outputs, forms::Transform::softmax, false);
    if (name == "multiclassova") {
        scale();
        return chain.several_classes(outputs, forms::Transform::logistic, false);
    }
    if (name == "binary") {
        scale();
        chain.then(forms::Transform::logistic);
        return chain.two_classes();
    }
    if (is_one_of(name, {"poisson", "gamma", "tweedie"})) {
        chain.then(forms::Transform::exp);
    } else if (name == "cross_entropy") {
        chain.then(forms::Transform::logistic);
    } else if (name == "cross_entropy_lambda") {  // log(1 + exp(x))
        chain.then(forms::Transform::exp);
        chain.then(forms::Operation::add, {1.0});
        chain.then(forms::Transform::log);
    } else if (!is_one_of(name, {"regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank",
                                 "rank_xendcg", "custom"})) {
        throw Unsupported("objective " + detail::quoted(name) + " is not covered");
    }
    if (objective.square) chain.square_with_sign();
    chain.prediction(outputs);
}

/// The names, unless they are LightGBM's own "Column_0", ...
std::vector<std::string> feature_names(const Section& head, std::int64_t features) {
    const std::vector<std::string_view> words = head.words("feature_names");
    if (static_cast<std::int64_t>(words.size()) != features)
        throw CorruptArtifact("feature_names: " + to_string(words.size()) + " given, " + to_string(features) +
                              " wanted");
    std::vector<std::string> names(words.begin(), words.end());
    bool numbered = true;
    for (std::size_t i = 0; i < names.size(); ++i) numbered = numbered && names[i] == "Column_" + to_string(i);
    return numbered ? std::vector<std::string>() : names;
}

forms::Trees read_trees(std::string_view text, std::size_t wanted, std::int64_t features, std::int64_t outputs) {
    LightGBMTrees trees(features, outputs);
    std::size_t read = 0;
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of("\r\n"), text.size()));
        if (text.starts_with("end of trees\n") || text.starts_with("end of trees\r\n")) break;
        if (!text.starts_with("Tree="))
            throw CorruptArtifact(to_string(read) + " trees, and then neither one more nor \"end of trees\"");
        const Section tree(text);
        trees.read(tree, static_cast<std::int32_t>(read++ % static_cast<std::size_t>(outputs)));
    }
    if (read == 0) throw CorruptArtifact("trees: none given, one or more wanted");
    if (read != wanted || read % static_cast<std::size_t>(outputs) != 0)
        throw CorruptArtifact(to_string(read) + " trees given, " + to_string(wanted) + " wanted, a multiple of " +
                              to_string(outputs));
    return trees.take();
}

}  // namespace

Graph lightgbm_graph(std::string_view text) {
    if (!text.starts_with("tree\n") && !text.starts_with("tree\r\n"))
        throw CorruptArtifact("not a model of LightGBM: its first line is not \"tree\"");
    const Section head(text);
    const std::int64_t features = head.integer("max_feature_idx", 0, engine::max_width - 1) + 1;
    const std::int64_t outputs = head.integer("num_tree_per_iteration", 1, engine::max_width);
    const Objective objective = objective_of(head);
    const std::string version = head.has("version") ? std::string(head.text("version")) : "";
    Chain chain(DType::float64, features, feature_names(head, features), "LightGBM, format " + version);
    forms::Trees trees = read_trees(text, head.words("tree_sizes").size(), features, outputs);
    const std::size_t iterations = trees.roots.size() / static_cast<std::size_t>(outputs);
    chain.then(std::move(trees));
    if (head.has("average_output")) chain.then(forms::Operation::divide, {static_cast<double>(iterations)});
    answer(chain, objective, outputs);
    return chain.take();
}

}  // namespace holdfast::boosters

namespace holdfast {

void register_lightgbm_backend() {
    register_backend({"lightgbm", {".txt"}, false, [](const ModelFile& file, const LoadOptions& options) {
                          return load_graph(file, options, "lightgbm", [&] {
                              return boosters::lightgbm_graph(
                                  {reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()});
                          });
                      }});
}

}  // namespace holdfast

#include "models/boosters/xgboost.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

#include "models/backends.hpp"
#include "models/engine/limits.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

using std::to_string;

std::int64_t size_in(const char* field, std::int64_t value) {
    if (value < 1 || value > engine::max_width)
        throw CorruptArtifact(std::string(field) + ": " + to_string(value) + " given, 1 to " +
                              to_string(engine::max_width) + " wanted");
    return value;
}

std::vector<std::string> feature_names(const Value& learner, std::int64_t features) {
    std::vector<std::string> names;
    if (learner.find("feature_names") == nullptr) return names;
    for (const Value& name : learner.items("feature_names")) {
        const auto* text = std::get_if<std::string>(&name.content);
        if (text == nullptr) throw CorruptArtifact("feature_names: text wanted");
        names.push_back(*text);
    }
    if (!names.empty() && static_cast<std::int64_t>(names.size()) != features)
        throw CorruptArtifact("feature_names: " + to_string(names.size()) + " given, " + to_string(features) +
                              " wanted");
    return names;
}

std::string source_of(const Value& document) {
    std::string source = "XGBoost";
    const Value* version = document.find("version");
    if (version == nullptr) return source;
    char separator = ' ';
    for (const double part : document.numbers("version").values()) {
        source += separator + to_string(static_cast<int>(std::clamp(part, 0.0, 1e6)));
        separator = '.';
    }
    return source;
}

/// JSON has the decimal digits of a float.
double as_float(double value) { return static_cast<double>(static_cast<float>(value)); }

/// x W + bias, a missing value counting as zero. XGBoost adds the first base score to every output.
void add_linear(Chain& chain, const Value& booster, const XGBoost& about) {
    const std::vector<double> weights = booster.at("model").numbers("weights").values();
    const auto features = static_cast<std::size_t>(about.features), outputs = static_cast<std::size_t>(about.outputs);
    if (weights.size() != (features + 1) * outputs)
        throw CorruptArtifact("weights: " + to_string(weights.size()) + " values given, " +
                              to_string((features + 1) * outputs) + " wanted");
    forms::Impute zeros;
    zeros.kept.resize(features);
    std::iota(zeros.kept.begin(), zeros.kept.end(), 0);
    zeros.fill.resize(features);
    forms::Linear linear;
    linear.features = about.features;
    linear.outputs = about.outputs;
    linear.compute = DType::float32;
    for (std::size_t k = 0; k < outputs; ++k) {
        for (std::size_t j = 0; j < features; ++j) linear.weights.push_back(as_float(weights[j * outputs + k]));
        linear.intercept.push_back(as_float(weights[features * outputs + k]) + about.base[0]);
    }
    chain.then(std::move(zeros));
    chain.then(std::move(linear));
}

void add_booster(Chain& chain, const Value& booster, const XGBoost& about) {
    const std::string& name = booster.text("name");
    if (name == "gbtree") return chain.then(xgboost_trees(booster, about, {}));
    if (name == "dart") {
        std::vector<double> weights = booster.numbers("weight_drop").values();
        std::ranges::transform(weights, weights.begin(), as_float);
        return chain.then(xgboost_trees(booster.at("gbtree"), about, std::move(weights)));
    }
    if (name == "gblinear") return add_linear(chain, booster, about);
    throw Unsupported("booster " + detail::quoted(name) + " is not covered; gbtree, dart and gblinear are");
}

}  // namespace

Graph xgboost_graph(const Value& document) {
    if (document.find("learner") == nullptr)
        throw Unsupported("it has no key \"learner\", so it is not of XGBoost; other JSON is not covered");
    const Value& learner = document.at("learner");
    const Value& parameters = learner.at("learner_model_param");
    const Objective& objective = xgboost_objective(learner.at("objective").text("name"));
    XGBoost about;
    about.features = size_in("num_feature", parameters.integer("num_feature"));
    about.outputs =
        size_in("num_class",
                std::max({std::int64_t{1}, parameters.integer("num_class", 0), parameters.integer("num_target", 1)}));
    about.base = base_margins(parameters.text("base_score"), objective, about.outputs);
    Chain chain(DType::float32, about.features, feature_names(learner, about.features), source_of(document));
    add_booster(chain, learner.at("gradient_booster"), about);
    answer(chain, objective, about.outputs);
    return chain.take();
}

}  // namespace holdfast::boosters

namespace holdfast {

void register_xgboost_backend() {
    register_backend(
        {"xgboost", {".json", ".ubj"}, false, [](const ModelFile& file, const LoadOptions& options) {
             return load_graph(file, options, "xgboost", [&] {
                 constexpr std::array<std::string_view, 3> ignored{"loss_changes", "parents", "sum_hessian"};
                 const std::string ending = file.path.extension().string();
                 const bool ubjson = ending.size() > 1 && (ending[1] == 'u' || ending[1] == 'U');
                 return boosters::xgboost_graph(ubjson ? boosters::read_ubjson(file.bytes, ignored)
                                                       : boosters::read_json(file.bytes, file.padded, ignored));
             });
         }});
}

}  // namespace holdfast

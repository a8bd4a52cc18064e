#include "models/boosters/catboost.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/base/math.hpp>
#include <holdfast/models/load.hpp>

#include "models/backends.hpp"
#include "models/boosters/chain.hpp"
#include "models/engine/limits.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

using std::to_string;

/// What a loss function's raw values are answered as.
enum class Answer : std::uint8_t { raw, exp, two_classes, softmax, one_against_all };

struct Loss {
    std::string_view name;
    Answer answer = Answer::raw;
};

constexpr std::array losses{
    Loss{"RMSE"},
    Loss{"MAE"},
    Loss{"Quantile"},
    Loss{"MultiQuantile"},
    Loss{"LogLinQuantile"},
    Loss{"MAPE"},
    Loss{"Lq"},
    Loss{"LogCosh"},
    Loss{"Huber"},
    Loss{"Expectile"},
    Loss{"Cox"},
    Loss{"SurvivalAft"},
    Loss{"MultiRMSE"},
    Loss{"MultiRMSEWithMissingValues"},
    Loss{"YetiRank"},
    Loss{"YetiRankPairwise"},
    Loss{"PairLogit"},
    Loss{"PairLogitPairwise"},
    Loss{"QueryRMSE"},
    Loss{"QuerySoftMax"},
    Loss{"QueryCrossEntropy"},
    Loss{"StochasticRank"},
    Loss{"LambdaMart"},
    Loss{"Poisson", Answer::exp},
    Loss{"Tweedie", Answer::exp},
    Loss{"Logloss", Answer::two_classes},
    Loss{"CrossEntropy", Answer::two_classes},
    Loss{"MultiClass", Answer::softmax},
    Loss{"MultiClassOneVsAll", Answer::one_against_all},
};

Answer answer_of(const Value& info) {
    const std::string& name = info.at("params").at("loss_function").text("type");
    const auto* found = std::ranges::find(losses, name, &Loss::name);
    if (found == losses.end()) throw Unsupported("loss function " + detail::quoted(name) + " is not covered");
    return found->answer;
}

void refuse_other_features(const Value& info) {
    for (const char* kind : {"categorical_features", "text_features", "embedding_features"}) {
        if (info.find(kind) != nullptr && !info.items(kind).empty())
            throw Unsupported(std::string(kind) + " are not covered; float_features are");
    }
}

bool missing_is_above(const Value& feature) {
    const std::string& treatment = feature.text("nan_value_treatment");
    if (treatment == "AsTrue") return true;
    // AsIs: training saw none missing, and NaN is above no border.
    if (treatment == "AsFalse" || treatment == "AsIs") return false;
    throw Unsupported("nan_value_treatment " + detail::quoted(treatment) + " is not known");
}

struct Inputs {
    std::vector<CatBoostFeature> features;
    std::vector<std::string> names;  ///< of all columns, or none
};

Inputs inputs_of(const Value& info) {
    refuse_other_features(info);
    const Value::Items& given = info.items("float_features");
    if (given.empty()) throw CorruptArtifact("float_features: none given, one or more wanted");
    Inputs inputs;
    std::int64_t columns = 0;
    for (const Value& feature : given) {
        const std::int64_t number = feature.integer("feature_index"), column = feature.integer("flat_feature_index");
        if (number != static_cast<std::int64_t>(inputs.features.size()))
            throw CorruptArtifact("feature_index: " + to_string(number) + " given, " +
                                  to_string(inputs.features.size()) + " wanted");
        if (column < columns || column >= engine::max_width)
            throw CorruptArtifact("flat_feature_index: " + to_string(column) + " given, " + to_string(columns) +
                                  " or more wanted");
        columns = column + 1;
        inputs.features.push_back({column, missing_is_above(feature)});
        inputs.names.push_back(feature.find("feature_id") == nullptr ? "" : feature.text("feature_id"));
    }
    const bool named = std::ranges::none_of(inputs.names, &std::string::empty);
    if (!named || columns != static_cast<std::int64_t>(inputs.names.size())) inputs.names.clear();
    return inputs;
}

struct Scale {
    double factor = 1.0;
    std::vector<double> bias;
};

Scale scale_of(const Value& document) {
    const Value::Items& pair = document.items("scale_and_bias");
    const auto* factor = pair.size() == 2 ? std::get_if<double>(&pair[0].content) : nullptr;
    const auto* bias = pair.size() == 2 ? std::get_if<Value::Numbers>(&pair[1].content) : nullptr;
    if (factor == nullptr || bias == nullptr || bias->empty() ||
        static_cast<std::int64_t>(bias->size()) > engine::max_width)
        throw CorruptArtifact("scale_and_bias: a number and an array of numbers wanted");
    return {*factor, bias->values()};
}

/// Labels as whole numbers or text; none where the file has none.
ClassLabels labels_of(const Value& info) {
    const Value* parameters = info.find("class_params");
    if (parameters == nullptr) return {};
    const Value& names = parameters->at("class_names");
    if (const auto* numbers = std::get_if<Value::Numbers>(&names.content)) {
        std::vector<std::int64_t> labels;
        for (const double number : numbers->values()) {
            if (!(std::fabs(number) < 0x1p53 && number == std::floor(number)))
                throw Unsupported("class_names: fractions are not covered");
            labels.push_back(static_cast<std::int64_t>(number));
        }
        return labels;
    }
    std::vector<std::string> labels;
    for (const Value& name : parameters->items("class_names")) {
        const auto* text = std::get_if<std::string>(&name.content);
        if (text == nullptr) throw CorruptArtifact("class_names: numbers or text wanted");
        labels.push_back(*text);
    }
    return labels;
}

/// Raw values above this are of the second class.
double threshold_of(const Value& info) {
    if (info.find("binclass_probability_threshold") == nullptr) return 0.0;
    const std::string& text = info.text("binclass_probability_threshold");
    double probability = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), probability);
    if (error != std::errc() || end != text.data() + text.size() || !(probability > 0.0 && probability < 1.0))
        throw CorruptArtifact("binclass_probability_threshold: " + detail::quoted(text) +
                              " given, a number between 0 and 1 wanted");
    return -math::log(1.0 / probability - 1.0);
}

void answer(Chain& chain, const Value& info, std::int64_t outputs) {
    const Answer kind = answer_of(info);
    if (kind == Answer::raw) return chain.prediction(outputs);
    if (kind == Answer::exp) {
        chain.then(forms::Transform::exp);
        return chain.prediction(outputs);
    }
    if ((kind == Answer::two_classes) != (outputs == 1))
        throw CorruptArtifact("scale_and_bias: " + to_string(outputs) + " outputs are none of the loss function");
    if (kind == Answer::two_classes) {
        chain.two_classes_of_margin(threshold_of(info));
    } else {
        const bool softmax = kind == Answer::softmax;
        chain.several_classes(outputs, softmax ? forms::Transform::softmax : forms::Transform::logistic, true);
    }
    const ClassLabels labels = labels_of(info);
    if (size(labels) > 0) chain.label(labels);
}

}  // namespace

std::span<const std::string_view> catboost_ignored() {
    static constexpr std::array<std::string_view, 8> keys{
        "borders", "catboost_version_info", "ctr_data",    "leaf_weights",
        "metrics", "output_options",        "split_index", "weight"};
    return keys;
}

Graph catboost_graph(const Value& document) {
    const Value& info = document.at("model_info");
    Inputs inputs = inputs_of(document.at("features_info"));
    const std::int64_t columns = inputs.features.back().column + 1;
    Scale scale = scale_of(document);
    const auto outputs = static_cast<std::int64_t>(scale.bias.size());
    Chain chain(DType::float64, columns, std::move(inputs.names), "CatBoost");
    chain.then(catboost_trees(document, inputs.features, columns, outputs));
    if (scale.factor != 1.0) chain.then(forms::Operation::multiply, {scale.factor});
    if (std::ranges::any_of(scale.bias, [](double bias) { return bias != 0.0; }))
        chain.then(forms::Operation::add, std::move(scale.bias));
    answer(chain, info, outputs);
    Graph graph = chain.take();
    graph.check();
    return graph;
}

}  // namespace holdfast::boosters

namespace holdfast {

void register_catboost_backend() {
    const auto load = [](const ModelFile& file, const LoadOptions& options) {
        return load_graph(file, options, "catboost", [&] {
            return boosters::catboost_graph(boosters::read_json(file.bytes, file.padded, boosters::catboost_ignored()));
        });
    };
    const auto fits = [](std::span<const std::byte> bytes) {
        constexpr std::array<std::string_view, 6> keys{"ctr_data",        "features_info",  "model_info",
                                                       "oblivious_trees", "scale_and_bias", "trees"};
        return std::ranges::find(keys, boosters::first_key(bytes)) != keys.end();
    };
    register_backend({"catboost", {".json"}, false, load, fits});
}

}  // namespace holdfast

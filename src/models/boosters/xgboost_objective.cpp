#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <holdfast/base/error.hpp>
#include <holdfast/base/math.hpp>

#include "models/boosters/xgboost.hpp"
#include "models/text.hpp"

namespace holdfast::boosters {
namespace {

using Base = Objective::Base;
using Answer = Objective::Answer;

constexpr std::array objectives{
    Objective{"reg:squarederror"},
    Objective{"reg:linear"},
    Objective{"reg:squaredlogerror"},
    Objective{"reg:pseudohubererror"},
    Objective{"reg:absoluteerror"},
    Objective{"reg:quantileerror"},
    Objective{"rank:pairwise"},
    Objective{"rank:ndcg"},
    Objective{"rank:map"},
    Objective{"reg:logistic", Base::probability, Answer::logistic},
    Objective{"binary:logistic", Base::probability, Answer::two_classes},
    Objective{"binary:logitraw", Base::margin, Answer::margin},
    Objective{"binary:hinge", Base::margin, Answer::above_zero},
    Objective{"multi:softmax", Base::margin, Answer::softmax},
    Objective{"multi:softprob", Base::margin, Answer::softprob},
    Objective{"count:poisson", Base::mean, Answer::exp},
    Objective{"reg:gamma", Base::mean, Answer::exp},
    Objective{"reg:tweedie", Base::mean, Answer::exp},
    Objective{"survival:cox", Base::mean, Answer::exp},
    Objective{"survival:aft", Base::mean, Answer::exp},
};

double as_margin(double score, Base base) {
    const bool fits = base == Base::margin        ? std::isfinite(score)
                      : base == Base::probability ? score > 0 && score < 1
                                                  : score > 0 && std::isfinite(score);
    if (!fits) throw CorruptArtifact("base_score: " + std::to_string(score) + " is none of its objective");
    if (base == Base::mean) return static_cast<double>(static_cast<float>(math::log(score)));
    if (base == Base::probability) return static_cast<double>(static_cast<float>(-math::log(1.0 / score - 1.0)));
    return score;
}

}  // namespace

const Objective& xgboost_objective(std::string_view name) {
    const auto* found = std::ranges::find(objectives, name, &Objective::name);
    if (found == objectives.end()) throw Unsupported("objective " + detail::quoted(name) + " is not covered");
    return *found;
}

std::vector<double> base_margins(const std::string& text, const Objective& objective, std::int64_t outputs) {
    const bool list = text.starts_with('[') && text.ends_with(']') && text.size() >= 2;
    const char* at = text.data() + (list ? 1 : 0);
    const char* end = text.data() + text.size() - (list ? 1 : 0);
    std::vector<double> margins;
    for (;;) {
        float score = 0.0F;
        const auto [next, error] = std::from_chars(at, end, score);
        if (error != std::errc() || (next != end && *next != ','))
            throw CorruptArtifact("base_score: " + detail::quoted(text) + " given, numbers wanted");
        margins.push_back(as_margin(static_cast<double>(score), objective.base));
        if (next == end) break;
        at = next + 1;
    }
    if (margins.size() == 1) margins.resize(static_cast<std::size_t>(outputs), margins[0]);
    if (margins.size() != static_cast<std::size_t>(outputs))
        throw CorruptArtifact("base_score: " + std::to_string(margins.size()) + " values given, " +
                              std::to_string(outputs) + " wanted");
    return margins;
}

void answer(Chain& chain, const Objective& objective, std::int64_t outputs) {
    switch (objective.answer) {
        case Answer::margin: return chain.prediction(outputs);
        case Answer::exp: chain.then(forms::Transform::exp); return chain.prediction(outputs);
        case Answer::logistic: chain.then(forms::Transform::logistic); return chain.prediction(outputs);
        case Answer::two_classes:
            chain.then(forms::Transform::logistic);
            return outputs == 1 ? chain.two_classes() : chain.prediction(outputs);  // one probability a target
        case Answer::above_zero:
            chain.then(forms::Threshold{0.0, false});
            chain.then(forms::Cast{DType::float32});
            return outputs == 1 ? chain.two_classes() : chain.prediction(outputs);
        case Answer::softmax:
        case Answer::softprob:
            if (outputs < 2) throw CorruptArtifact("num_class: 1 given, 2 or more wanted");
            return chain.several_classes(outputs, forms::Transform::softmax, objective.answer == Answer::softmax);
    }
}

}  // namespace holdfast::boosters

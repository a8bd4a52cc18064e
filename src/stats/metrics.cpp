// The metrics that there are, and the texts that name them.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/scores.hpp>

namespace holdfast::stats {
namespace {

struct Metric {
    std::string_view name;
    QualityInput input;
    bool greater_is_better;
    std::string_view parameter;  // that the text may give; empty: none
};
constexpr std::array<Metric, 16> metrics{{{"mae", QualityInput::numbers, false, ""},
                                          {"rmse", QualityInput::numbers, false, ""},
                                          {"r2", QualityInput::numbers, true, ""},
                                          {"mape", QualityInput::numbers, false, ""},
                                          {"quantile_loss", QualityInput::numbers, false, "quantile"},
                                          {"accuracy", QualityInput::classes, true, ""},
                                          {"precision", QualityInput::classes, true, "average"},
                                          {"recall", QualityInput::classes, true, "average"},
                                          {"f1", QualityInput::classes, true, "average"},
                                          {"mcc", QualityInput::classes, true, ""},
                                          {"top_k_accuracy", QualityInput::probabilities, true, "top"},
                                          {"auc", QualityInput::probabilities, true, ""},
                                          {"pr_auc", QualityInput::probabilities, true, ""},
                                          {"brier", QualityInput::probabilities, false, ""},
                                          {"log_loss", QualityInput::probabilities, false, ""},
                                          {"ece", QualityInput::probabilities, false, "bins"}}};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string_view name_in(std::string_view text) { return trimmed(text.substr(0, text.find('('))); }

const Metric* find(std::string_view name) noexcept {
    const auto* found =
        std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.name == name; });
    return found == metrics.end() ? nullptr : found;
}

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw InvalidArgument("metric \"" + std::string(text) + "\": " + why);
}

template <class Number>
Number number_in(std::string_view text, std::string_view key, std::string_view value) {
    Number number{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size())
        refuse(text, std::string(key) + " is \"" + std::string(value) + "\", a number wanted");
    return number;
}

void read_parameter(std::string_view text, const Metric& metric, std::string_view given, QualityOptions& options) {
    const auto equals = given.find('=');
    if (equals == std::string_view::npos)
        refuse(text, "\"" + std::string(given) + "\" in the brackets, name=value wanted");
    const std::string_view key = trimmed(given.substr(0, equals)), value = trimmed(given.substr(equals + 1));
    if (key != metric.parameter || key.empty()) {
        refuse(text, "parameter \"" + std::string(key) + "\" given, " +
                         (metric.parameter.empty() ? "none" : "\"" + std::string(metric.parameter) + "\"") + " wanted");
    }
    if (key == "average") options.average = std::string(value);
    if (key == "top") options.top = number_in<std::int64_t>(text, key, value);
    if (key == "bins") options.bins = number_in<std::int64_t>(text, key, value);
    if (key == "quantile") options.quantile = number_in<double>(text, key, value);
}

void check(const std::string& name, const QualityOptions& options) {
    if (!(options.level > 0.0 && options.level < 1.0))
        throw InvalidArgument(name + ": level is " + std::to_string(options.level) + ", between 0 and 1 wanted");
    if (!(options.quantile > 0.0 && options.quantile < 1.0))
        throw InvalidArgument(name + ": quantile is " + std::to_string(options.quantile) + ", between 0 and 1 wanted");
    if (options.top < 1)
        throw InvalidArgument(name + ": top is " + std::to_string(options.top) + ", at least 1 wanted");
    if (options.bins < 1 || options.bins > 1'000'000)
        throw InvalidArgument(name + ": bins is " + std::to_string(options.bins) + ", 1 to 1000000 wanted");
    if (options.resamples < 100 || options.resamples > 1'000'000)
        throw InvalidArgument(name + ": resamples is " + std::to_string(options.resamples) + ", 100 to 1000000 wanted");
    if (options.average != "auto" && options.average != "binary" && options.average != "macro")
        throw InvalidArgument(name + ": average is \"" + options.average +
                              "\"; \"auto\", \"binary\" or \"macro\" wanted");
}

}  // namespace

MetricSpec parse_metric(std::string_view text, const QualityOptions& defaults) {
    const std::string_view name = name_in(text);
    const Metric* metric = find(name);
    if (metric == nullptr) {
        std::string known;
        for (const Metric& each : metrics) known += (known.empty() ? "" : ", ") + std::string(each.name);
        throw InvalidArgument("metric \"" + std::string(name) + "\" is unknown; wanted: " + known);
    }
    MetricSpec spec{std::string(name), metric->input, metric->greater_is_better, defaults};
    if (const auto open = text.find('('); open != std::string_view::npos) {
        const std::string_view rest = trimmed(text.substr(open));
        if (rest.back() != ')' || rest.find(')') != rest.size() - 1)
            refuse(text, "one closing bracket at its end wanted");
        const std::string_view inside = trimmed(rest.substr(1, rest.size() - 2));
        if (!inside.empty()) read_parameter(text, *metric, inside, spec.options);
    }
    check(spec.name, spec.options);
    return spec;
}

bool names_metric(std::string_view text) noexcept { return find(name_in(text)) != nullptr; }

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const Metric& metric : metrics) names.emplace_back(metric.name);
    return names;
}

QualityInput quality_input(std::string_view metric) { return parse_metric(metric).input; }
bool needs_probability(std::string_view metric) { return quality_input(metric) == QualityInput::probabilities; }
bool greater_is_better(std::string_view metric) { return parse_metric(metric).greater_is_better; }

}  // namespace holdfast::stats

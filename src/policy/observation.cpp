#include <holdfast/policy/observation.hpp>

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

template <class T>
void unite(std::vector<T>& into, const std::vector<T>& more) {
    for (const T& item : more)
        if (std::find(into.begin(), into.end(), item) == into.end()) into.push_back(item);
}

template <class Observed, class Query>
const Observed* find_query(const std::vector<Observed>& all, const Query& query) noexcept {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Observed& item) { return item.query == query; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

bool is_metric_of_format_1(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 7> names{"mae", "rmse", "r2", "accuracy", "auc", "brier", "log_loss"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

Requirements united(const Requirements& a, const Requirements& b) {
    Requirements all;
    for (const auto* one : {&a, &b}) {
        unite(all.metrics, one->metrics);
        unite(all.yields, one->yields);
        unite(all.drifts, one->drifts);
        unite(all.comparisons, one->comparisons);
    }
    return all;
}

Digest Observation::hash() const { return sha256(to_json().canonical()); }

const ObservedMetric* Observation::find(const MetricQuery& query) const noexcept { return find_query(metrics, query); }
const ObservedYield* Observation::find(const YieldQuery& query) const noexcept { return find_query(yields, query); }
const ObservedDrift* Observation::find(const DriftQuery& query) const noexcept { return find_query(drifts, query); }

const stats::Comparison* Observation::find_comparison(std::string_view metric) const noexcept {
    const auto found = std::find_if(comparisons.begin(), comparisons.end(),
                                    [&](const stats::Comparison& item) { return item.metric == metric; });
    return found == comparisons.end() ? nullptr : &*found;
}

}  // namespace holdfast

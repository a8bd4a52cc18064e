// What people read of a column's profile.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "stats/column_profile.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr std::size_t most_frequent = 16;

Json quantiles(const Kll& sketch) {
    Json json = Json::object({});
    for (const auto& [name, q] :
         {std::pair{"0.05", 0.05}, {"0.25", 0.25}, {"0.5", 0.5}, {"0.75", 0.75}, {"0.95", 0.95}}) {
        json[name] = Json(sketch.quantile(q));
    }
    return json;
}

/// The sketch's values as one list, equal ones together.
std::vector<Kll::Weighted> values_of(const Kll& sketch) {
    std::vector<Kll::Weighted> values;
    for (const Kll::Weighted& kept : sketch.sorted()) {
        if (values.empty() || values.back().value != kept.value) {
            values.push_back(kept);
        } else {
            values.back().weight += kept.weight;
        }
    }
    return values;
}

/// Values of a share that the sketch's error, twice, cannot explain; the rows of each are right within that.
Json frequent(const Kll& sketch) {
    const auto error =
        static_cast<std::int64_t>(std::ceil(2.0 * sketch.point_rank_error() * static_cast<double>(sketch.count())));
    auto values = values_of(sketch);
    std::erase_if(values, [error](const auto& value) { return value.weight <= std::max(error, std::int64_t{1}); });
    std::stable_sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
    values.resize(std::min(values.size(), most_frequent));
    Json json = Json::array();
    for (const auto& [value, rows] : values)
        json.push_back(Json::object({{"error", error}, {"rows", rows}, {"value", value}}));
    return json;
}

template <class T>
Json list(const std::vector<T>& values) {
    Json json = Json::array();
    for (const T& value : values) json.push_back(Json(value));
    return json;
}

}  // namespace

Json to_json(const ColumnProfile& profile) {
    Json json = Json::object({{"missing", profile.missing},
                              {"non_finite", profile.non_finite},
                              {"private", profile.is_private},
                              {"rows", profile.rows},
                              {"type", std::string(to_string(profile.type))}});
    if (profile.distinct.counts()) {
        json["distinct"] = Json(std::round(profile.distinct.estimate()));
        json["distinct_error"] = Json(profile.distinct.standard_error());
    }
    if (profile.is_private) return json;
    if (profile.sketch.count() > 0) {
        json["quantiles"] = quantiles(profile.sketch);
        json["frequent"] = frequent(profile.sketch);
    }
    if (!std::isnan(profile.min)) {
        json["min"] = Json(profile.min);
        json["max"] = Json(profile.max);
        json["mean"] = Json(profile.mean);
        json["standard_deviation"] = Json(std::sqrt(profile.variance()));
    }
    if (!profile.edges.empty())
        json["histogram"] = Json::object({{"counts", list(profile.bins)}, {"edges", list(profile.edges)}});
    if (!profile.items.empty() || profile.other > 0) {
        Json items = Json::object({});
        for (const auto& [value, count] : profile.items) items[value] = Json(count);
        json["items"] = std::move(items);
        json["other"] = Json(profile.other);
        json["item_error"] = Json(profile.item_error());
    }
    return json;
}

Json contents(const ColumnProfile& profile) {
    std::vector<double> numbers(profile.edges);
    if (!std::isnan(profile.min)) numbers.insert(numbers.end(), {profile.min, profile.max});
    for (const Kll::Weighted& kept : profile.sketch.sorted()) numbers.push_back(kept.value);
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    Json json = Json::array();
    if (kind_of(profile.type) != ColumnKind::boolean) json = list(numbers);
    for (const auto& [value, count] : profile.items) json.push_back(Json(value));
    return json;
}

}  // namespace holdfast::stats::detail

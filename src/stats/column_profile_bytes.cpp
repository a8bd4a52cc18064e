#include <cmath>
#include <string>
#include <utility>

#include "stats/bytes.hpp"
#include "stats/column_profile.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr const char* what = "profile column";
constexpr std::uint32_t most_items = 65536;

void check_counts(const ColumnProfile& profile) {
    const bool fit = profile.rows >= 0 && profile.missing >= 0 && profile.non_finite >= 0 && profile.other >= 0 &&
                     profile.missing <= profile.rows && profile.non_finite <= profile.rows - profile.missing &&
                     profile.other <= profile.rows;
    if (!fit) throw CorruptArtifact(std::string(what) + ": counts that contradict each other");
}

void check_sums(const ColumnProfile& profile, std::int64_t counted) {
    const bool text = kind_of(profile.type) == ColumnKind::text;
    if (profile.is_private ? counted != 0 || profile.sketch.count() != 0 : text && counted != profile.present()) {
        throw CorruptArtifact(std::string(what) + ": items that do not sum to its rows");
    }
    if (profile.sketch.count() > profile.finite()) {
        throw CorruptArtifact(std::string(what) + ": a sketch of more values than it has rows");
    }
}

}  // namespace

void encode(const ColumnProfile& profile, std::vector<std::byte>& out) {
    put(out, static_cast<std::uint8_t>(profile.type));
    put(out, static_cast<std::uint8_t>(profile.is_private ? 1 : 0));
    put(out, profile.rows);
    put(out, profile.missing);
    put(out, profile.non_finite);
    put(out, profile.min);
    put(out, profile.max);
    put(out, profile.mean);
    put(out, profile.m2);
    profile.sketch.encode(out);
    put(out, profile.other);
    put(out, static_cast<std::uint32_t>(profile.items.size()));
    for (const auto& [value, count] : profile.items) {
        put_text(out, value);
        put(out, count);
    }
}

ColumnProfile decode_column(std::span<const std::byte>& bytes) {
    ColumnProfile profile;
    const auto type = get<std::uint8_t>(bytes, what);
    if (type > static_cast<std::uint8_t>(ColumnType::timestamp)) {
        throw CorruptArtifact(std::string(what) + ": type " + std::to_string(type) + ", 0 to 7 wanted");
    }
    profile.type = static_cast<ColumnType>(type);
    profile.is_private = get<std::uint8_t>(bytes, what) != 0;
    profile.rows = get<std::int64_t>(bytes, what);
    profile.missing = get<std::int64_t>(bytes, what);
    profile.non_finite = get<std::int64_t>(bytes, what);
    profile.min = get<double>(bytes, what);
    profile.max = get<double>(bytes, what);
    profile.mean = get<double>(bytes, what);
    profile.m2 = get<double>(bytes, what);
    profile.sketch = Kll::decode(bytes);
    profile.other = get<std::int64_t>(bytes, what);
    check_counts(profile);
    const auto items = get<std::uint32_t>(bytes, what);
    if (items > most_items) throw CorruptArtifact(std::string(what) + ": more items than a profile keeps");
    std::int64_t counted = profile.other;
    for (std::uint32_t i = 0; i < items; ++i) {
        std::string value = get_text(bytes, static_cast<std::size_t>(max_item_bytes), what);
        const auto count = get<std::int64_t>(bytes, what);
        if (count <= 0 || count > profile.rows - counted) {
            throw CorruptArtifact(std::string(what) + ": an item counted " + std::to_string(count) + " times");
        }
        counted += count;
        profile.items.emplace_hint(profile.items.end(), std::move(value), count);
    }
    if (profile.items.size() != items) throw CorruptArtifact(std::string(what) + ": an item twice");
    check_sums(profile, counted);
    return profile;
}

Json to_json(const ColumnProfile& profile) {
    Json json = Json::object({{"missing", profile.missing},
                              {"non_finite", profile.non_finite},
                              {"private", profile.is_private},
                              {"rows", profile.rows},
                              {"type", std::string(to_string(profile.type))}});
    if (profile.is_private) return json;
    if (profile.sketch.count() > 0) {
        Json quantiles = Json::object({});
        for (const auto& [name, q] :
             {std::pair{"0.05", 0.05}, {"0.25", 0.25}, {"0.5", 0.5}, {"0.75", 0.75}, {"0.95", 0.95}}) {
            quantiles[name] = Json(profile.sketch.quantile(q));
        }
        json["quantiles"] = std::move(quantiles);
    }
    if (!std::isnan(profile.min)) {
        json["min"] = Json(profile.min);
        json["max"] = Json(profile.max);
        json["mean"] = Json(profile.mean);
        json["standard_deviation"] = Json(std::sqrt(profile.variance()));
    }
    if (!profile.items.empty()) {
        Json items = Json::object({});
        for (const auto& [value, count] : profile.items) items[value] = Json(count);
        json["items"] = std::move(items);
        json["other"] = Json(profile.other);
    }
    return json;
}

}  // namespace holdfast::stats::detail

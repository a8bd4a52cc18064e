#include <cmath>
#include <string>
#include <utility>

#include "stats/bytes.hpp"
#include "stats/column_profile.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr const char* what = "profile column";
constexpr std::uint32_t most_items = 65536, most_edges = 4096;

void check_counts(const ColumnProfile& profile) {
    const bool fit = profile.rows >= 0 && profile.missing >= 0 && profile.non_finite >= 0 && profile.other >= 0 &&
                     profile.missing <= profile.rows && profile.non_finite <= profile.rows - profile.missing &&
                     profile.other <= profile.rows && profile.withheld >= 0 && profile.withheld <= profile.other &&
                     profile.withheld_error >= 0 && profile.withheld_error <= profile.withheld;
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

void encode_histogram(const ColumnProfile& profile, std::vector<std::byte>& out) {
    put(out, static_cast<std::uint32_t>(profile.edges.size()));
    put_bytes(out, profile.edges.data(), profile.edges.size() * sizeof(double));
    put_bytes(out, profile.bins.data(), profile.bins.size() * sizeof(std::int64_t));
}

void decode_histogram(ColumnProfile& profile, std::span<const std::byte>& bytes) {
    const auto edges = get<std::uint32_t>(bytes, what);
    if (edges == 0) return;
    const ColumnKind kind = kind_of(profile.type);
    if (edges > most_edges || profile.is_private || kind == ColumnKind::text || kind == ColumnKind::boolean)
        throw CorruptArtifact(std::string(what) + ": a histogram that it cannot have");
    for (std::uint32_t i = 0; i < edges; ++i) {
        const auto edge = get<double>(bytes, what);
        if (!std::isfinite(edge) || (i > 0 && edge <= profile.edges.back()))
            throw CorruptArtifact(std::string(what) + ": edges that do not ascend");
        profile.edges.push_back(edge);
    }
    std::int64_t left = profile.finite();
    for (std::uint32_t i = 0; i <= edges; ++i) {
        profile.bins.push_back(get<std::int64_t>(bytes, what));
        if (profile.bins.back() < 0 || profile.bins.back() > left)
            throw CorruptArtifact(std::string(what) + ": a bin of more values than there are");
        left -= profile.bins.back();
    }
    if (left != 0) throw CorruptArtifact(std::string(what) + ": bins that do not sum to its values");
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
    put(out, profile.withheld);
    put(out, profile.withheld_error);
    put(out, static_cast<std::uint32_t>(profile.items.size()));
    for (const auto& [value, count] : profile.items) {
        put_text(out, value);
        put(out, count);
    }
    profile.distinct.encode(out);
    encode_histogram(profile, out);
}

ColumnProfile decode_column(std::span<const std::byte>& bytes, std::uint32_t format) {
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
    profile.sketch = Kll::decode(bytes, format);
    profile.other = get<std::int64_t>(bytes, what);
    if (format > 1) {
        profile.withheld = get<std::int64_t>(bytes, what);
        profile.withheld_error = get<std::int64_t>(bytes, what);
    }
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
    if (format == 1) return profile;
    profile.distinct = Hll::decode(bytes);
    decode_histogram(profile, bytes);
    return profile;
}

}  // namespace holdfast::stats::detail

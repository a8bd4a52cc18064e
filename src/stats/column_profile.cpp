#include "stats/column_profile.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/hash.hpp>

#include "stats/kernels.hpp"

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<std::string_view, 4> kind_names{"numeric", "boolean", "text", "timestamp"};

/// Values are looked at by so many, which stay in the processor's nearest cache.
constexpr std::size_t chunk = 1024;
constexpr std::size_t most_edges = 4096;

bool has_numbers(ColumnType type) {
    const ColumnKind kind = kind_of(type);
    return kind == ColumnKind::numeric || kind == ColumnKind::timestamp;
}

/// Moments of one piece, joined to the profile's by Chan, Golub and LeVeque's formula (1979).
struct Moments {
    std::int64_t count = 0;
    double mean = 0.0, m2 = 0.0;
};

void join(Moments& a, const Moments& b) {
    if (b.count == 0) return;
    if (a.count == 0) {
        a = b;
        return;
    }
    const auto n = static_cast<double>(a.count);
    const auto m = static_cast<double>(b.count);
    const double delta = b.mean - a.mean;
    a.mean += delta * (m / (n + m));
    a.m2 += b.m2 + delta * delta * (n * m / (n + m));
    a.count += b.count;
}

Moments moments_of(std::span<const double> values) {
    const auto n = static_cast<double>(values.size());
    double mean = values.front() + detail::sum_about(values.front(), values) / n;
    if (!std::isfinite(mean)) {  // the sum is beyond what doubles hold
        mean = 0.0;
        for (const double value : values) mean += value / n;
    }
    return {static_cast<std::int64_t>(values.size()), mean, detail::squares_about(mean, values)};
}

void add_moments(ColumnProfile& profile, std::span<const double> finite) {
    Moments all{profile.finite() - static_cast<std::int64_t>(finite.size()), profile.mean, profile.m2};
    join(all, moments_of(finite));
    profile.mean = all.mean;
    profile.m2 = all.m2;
}

/// Counts what is missing or infinite, and gives back the others.
std::span<double> set_apart(ColumnProfile& profile, std::span<double> values) {
    if (detail::all_finite(values)) return values;
    std::size_t kept = 0;
    for (const double value : values) {
        if (std::isnan(value)) {
            ++profile.missing;
        } else if (std::isinf(value)) {
            ++profile.non_finite;
        } else {
            values[kept++] = value;
        }
    }
    return values.first(kept);
}

void count_distinct(ColumnProfile& profile, std::span<const double> values, const detail::SaltedKey& salted) {
    Hll& distinct = profile.distinct;
    if (!distinct.counts()) return;
    if (!profile.is_private) {
        for (const double value : values) distinct.add(detail::mixed(std::bit_cast<std::uint64_t>(value)));
    } else if (distinct.key() == salted.name) {
        for (const double& value : values)
            distinct.add(detail::siphash(salted.key, {reinterpret_cast<const char*>(&value), sizeof value}));
    } else {
        distinct = Hll();  // they were hashed with a salt that is not known any more
    }
}

void count_distinct(ColumnProfile& profile, std::string_view text, const detail::SaltedKey& salted) {
    Hll& distinct = profile.distinct;
    if (!distinct.counts()) return;
    if (profile.is_private && distinct.key() != salted.name) {
        distinct = Hll();
    } else {
        distinct.add(detail::siphash(profile.is_private ? salted.key : detail::HashKey(), text));
    }
}

std::string kept_text(std::string_view text) {
    if (text.size() <= static_cast<std::size_t>(max_item_bytes)) return std::string(text);
    constexpr std::size_t hash_digits = 16;
    std::size_t cut = static_cast<std::size_t>(max_item_bytes) - hash_digits - 1;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;  // not inside a UTF-8 sequence
    return std::string(text.substr(0, cut)) + "~" + sha256(text).hex().substr(0, hash_digits);
}

void count_item(ColumnProfile& profile, std::string_view text, std::int64_t count) {
    const bool is_long = text.size() > static_cast<std::size_t>(max_item_bytes);
    const std::string shortened = is_long ? kept_text(text) : std::string();
    const std::string_view key = is_long ? std::string_view(shortened) : text;
    const auto found = profile.items.find(key);
    if (found != profile.items.end()) {
        found->second += count;
    } else {
        profile.items.emplace(std::string(key), count);
        detail::shrink_items(profile);
    }
}

void add_categories(ColumnProfile& profile, const Column& column, const detail::SaltedKey& salted) {
    std::vector<std::int64_t> counts(column.categories().size());
    const auto codes = column.values<std::int32_t>();
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!column.is_valid(row) || codes[static_cast<std::size_t>(row)] < 0) {
            ++profile.missing;
        } else {
            ++counts[static_cast<std::size_t>(codes[static_cast<std::size_t>(row)])];
        }
    }
    profile.rows += column.size();
    for (std::size_t code = 0; code < counts.size(); ++code) {
        if (counts[code] == 0) continue;
        count_distinct(profile, column.categories()[code], salted);
        if (!profile.is_private) count_item(profile, column.categories()[code], counts[code]);
    }
}

void add_texts(ColumnProfile& profile, const Column& column, const detail::SaltedKey& salted) {
    profile.rows += column.size();
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!column.is_valid(row)) {
            ++profile.missing;
            continue;
        }
        count_distinct(profile, column.text(row), salted);
        if (!profile.is_private) count_item(profile, column.text(row), 1);
    }
}

}  // namespace

ColumnKind kind_of(ColumnType type) noexcept {
    switch (type) {
        case ColumnType::boolean: return ColumnKind::boolean;
        case ColumnType::string:
        case ColumnType::categorical: return ColumnKind::text;
        case ColumnType::timestamp: return ColumnKind::timestamp;
        default: return ColumnKind::numeric;
    }
}

std::string_view to_string(ColumnKind kind) noexcept { return kind_names[static_cast<std::size_t>(kind)]; }

double ColumnProfile::variance() const noexcept {
    return finite() < 2 || std::isnan(min) ? nan : m2 / static_cast<double>(finite() - 1);
}

namespace detail {

void shrink_items(ColumnProfile& profile) {
    if (static_cast<std::int64_t>(profile.items.size()) <= profile.max_items) return;
    std::vector<std::int64_t> counts;
    counts.reserve(profile.items.size());
    for (const auto& [value, count] : profile.items) counts.push_back(count);
    const auto cut = static_cast<std::ptrdiff_t>(profile.max_items / 2);
    std::nth_element(counts.begin(), counts.begin() + cut, counts.end(), std::greater<>());
    const std::int64_t subtracted = counts[static_cast<std::size_t>(cut)];
    for (auto item = profile.items.begin(); item != profile.items.end();) {
        const std::int64_t taken = std::min(item->second, subtracted);
        profile.other += taken;
        item->second -= taken;
        item = item->second == 0 ? profile.items.erase(item) : std::next(item);
    }
}

ColumnProfile empty_column(std::string_view name, ColumnType type, const ProfileOptions& options) {
    ColumnProfile column;
    column.type = type;
    column.is_private = options.private_columns.contains(name);
    column.min = column.max = nan;
    column.sketch = Kll(options.sketch_k);
    column.max_items = options.max_items;
    if (options.distinct_bits != 0 && !column.is_private) column.distinct = Hll(options.distinct_bits);
    if (options.distinct_bits != 0 && column.is_private && !options.salt.empty())
        column.distinct = Hll(options.distinct_bits, key_of(options.salt).name);
    const auto edges = options.edges.find(name);
    if (edges == options.edges.end() || column.is_private) return column;
    column.edges = edges->second;
    column.bins.resize(column.edges.size() + 1);
    const bool ascending =
        std::adjacent_find(column.edges.begin(), column.edges.end(), std::greater_equal<>()) == column.edges.end();
    if (!has_numbers(type) || column.edges.empty() || column.edges.size() > most_edges || !ascending ||
        !all_finite(column.edges)) {
        throw InvalidArgument("profile: edges of column \"" + std::string(name) + "\": 1 to " +
                              std::to_string(most_edges) + " finite numbers, ascending, of a column of numbers wanted");
    }
    return column;
}

void add_values(ColumnProfile& profile, const Column& column, const SaltedKey& salted) {
    if (column.type() == ColumnType::categorical) return add_categories(profile, column, salted);
    if (column.type() == ColumnType::string) return add_texts(profile, column, salted);
    std::array<double, chunk> values;
    for (std::int64_t begin = 0; begin < column.size(); begin += static_cast<std::int64_t>(chunk)) {
        const Column part = column.slice(begin, std::min(column.size() - begin, static_cast<std::int64_t>(chunk)));
        part.copy_doubles(values.data(), 1);
        add_numbers(profile, std::span(values).first(static_cast<std::size_t>(part.size())), salted);
    }
}

void add_numbers(ColumnProfile& profile, std::span<double> values, const SaltedKey& salted) {
    profile.rows += static_cast<std::int64_t>(values.size());
    const std::span<double> finite = set_apart(profile, values);
    if (finite.empty()) return;
    for (double& value : finite) value += 0.0;  // -0.0 becomes 0.0
    count_distinct(profile, finite, salted);
    if (profile.is_private) return;
    add_moments(profile, finite);
    const Range range = range_of(finite);
    profile.min = std::isnan(profile.min) ? range.min : std::min(profile.min, range.min);
    profile.max = std::isnan(profile.max) ? range.max : std::max(profile.max, range.max);
    count_bins(profile, finite);
    if (kind_of(profile.type) == ColumnKind::boolean) {
        const auto ones = std::count(finite.begin(), finite.end(), 1.0);
        const auto zeros = static_cast<std::int64_t>(finite.size()) - ones;
        if (zeros > 0) profile.items["false"] += zeros;
        if (ones > 0) profile.items["true"] += ones;
    } else {
        profile.sketch.add(finite);
    }
}

void take_deciles(ColumnProfile& profile) {
    if (profile.is_private || !profile.edges.empty() || !has_numbers(profile.type) || profile.sketch.count() == 0)
        return;
    const auto kept = profile.sketch.sorted();
    std::int64_t below = 0;
    double next = 0.1;
    for (const Kll::Weighted& value : kept) {
        below += value.weight;
        if (profile.edges.size() == 9 ||
            static_cast<double>(below) < next * static_cast<double>(profile.sketch.count()))
            continue;
        if (profile.edges.empty() || value.value > profile.edges.back()) profile.edges.push_back(value.value);
        while (static_cast<double>(below) >= next * static_cast<double>(profile.sketch.count())) next += 0.1;
    }
    profile.bins.assign(profile.edges.size() + 1, 0);
}

void count_bins(ColumnProfile& profile, std::span<const double> finite) {
    if (profile.edges.empty()) return;
    std::vector<std::int64_t> above(profile.edges.size());
    count_above(finite, profile.edges, above.data());
    auto rest = static_cast<std::int64_t>(finite.size());
    for (std::size_t i = 0; i < above.size(); ++i) {
        profile.bins[i] += rest - above[i];
        rest = above[i];
    }
    profile.bins.back() += rest;
}

void withhold_items(ColumnProfile& profile, std::int64_t min_count) {
    if (kind_of(profile.type) != ColumnKind::text) return;
    std::int64_t most = 0;
    for (auto item = profile.items.begin(); item != profile.items.end();) {
        if (item->second >= min_count) {
            ++item;
            continue;
        }
        most = std::max(most, item->second);
        profile.withheld += item->second;
        profile.other += item->second;
        item = profile.items.erase(item);
    }
    profile.withheld_error += most;
}

void merge_into(ColumnProfile& profile, const ColumnProfile& other) {
    Moments moments{profile.finite(), profile.mean, profile.m2};
    join(moments, {other.finite(), other.mean, other.m2});
    profile.mean = moments.mean;
    profile.m2 = moments.m2;
    profile.type = std::max(profile.type, other.type);
    profile.rows += other.rows;
    profile.missing += other.missing;
    profile.non_finite += other.non_finite;
    if (!std::isnan(other.min)) {
        profile.min = std::isnan(profile.min) ? other.min : std::min(profile.min, other.min);
        profile.max = std::isnan(profile.max) ? other.max : std::max(profile.max, other.max);
    }
    profile.sketch.merge(other.sketch);
    profile.distinct.merge(other.distinct);
    for (std::size_t i = 0; i < profile.bins.size(); ++i) profile.bins[i] += other.bins[i];
    profile.other += other.other;
    profile.withheld += other.withheld;
    profile.withheld_error += other.withheld_error;
    for (const auto& [value, count] : other.items) profile.items[value] += count;
    shrink_items(profile);
}

}  // namespace detail
}  // namespace holdfast::stats

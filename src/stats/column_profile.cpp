#include "stats/column_profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <holdfast/base/hash.hpp>

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<std::string_view, 4> kind_names{"numeric", "boolean", "text", "timestamp"};

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

Moments moments_of(const std::vector<double>& values) {
    Moments moments{static_cast<std::int64_t>(values.size()), 0.0, 0.0};
    if (values.empty()) return moments;
    const auto n = static_cast<double>(values.size());
    double scaled = 0.0;  // the mean, without overflow of the sum
    for (double value : values) scaled += value / n;
    double residual = 0.0;
    for (double value : values) residual += value - scaled;
    moments.mean = std::isfinite(residual) ? scaled + residual / n : scaled;
    for (double value : values) moments.m2 += (value - moments.mean) * (value - moments.mean);
    return moments;
}

void add_moments(ColumnProfile& profile, const std::vector<double>& finite) {
    Moments all{profile.finite() - static_cast<std::int64_t>(finite.size()), profile.mean, profile.m2};
    join(all, moments_of(finite));
    profile.mean = all.mean;
    profile.m2 = all.m2;
}

void add_numbers(ColumnProfile& profile, const Column& column) {
    std::vector<double> finite = column.as_doubles();
    profile.rows += column.size();
    std::size_t kept = 0;
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const double value : finite) {
        if (std::isnan(value)) {
            ++profile.missing;
        } else if (std::isinf(value)) {
            ++profile.non_finite;
        } else {
            finite[kept] = value + 0.0;  // -0.0 becomes 0.0
            low = std::min(low, finite[kept]);
            high = std::max(high, finite[kept]);
            ++kept;
        }
    }
    finite.resize(kept);
    if (profile.is_private || finite.empty()) return;
    add_moments(profile, finite);
    profile.min = std::isnan(profile.min) ? low : std::min(profile.min, low);
    profile.max = std::isnan(profile.max) ? high : std::max(profile.max, high);
    if (kind_of(profile.type) == ColumnKind::boolean) {
        const auto ones = std::count(finite.begin(), finite.end(), 1.0);
        const auto zeros = static_cast<std::int64_t>(finite.size()) - ones;
        if (zeros > 0) profile.items["false"] += zeros;
        if (ones > 0) profile.items["true"] += ones;
    } else {
        profile.sketch.add(finite);
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

void add_categories(ColumnProfile& profile, const Column& column) {
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
    if (profile.is_private) return;
    for (std::size_t code = 0; code < counts.size(); ++code) {
        if (counts[code] > 0) count_item(profile, column.categories()[code], counts[code]);
    }
}

void add_texts(ColumnProfile& profile, const Column& column) {
    profile.rows += column.size();
    for (std::int64_t row = 0; row < column.size(); ++row) {
        if (!column.is_valid(row)) {
            ++profile.missing;
        } else if (!profile.is_private) {
            count_item(profile, column.text(row), 1);
        }
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

bool ColumnProfile::almost_distinct() const {
    if (is_private || present() < 20) return false;
    const ColumnKind kind = kind_of(type);
    if (kind == ColumnKind::text) {
        std::int64_t rare = other;  // rows whose value may have been seen once only
        for (const auto& [value, count] : items) rare += count <= item_error() + 1 ? count : 0;
        return static_cast<double>(rare) > 0.9 * static_cast<double>(present());
    }
    if (kind != ColumnKind::numeric || type == ColumnType::float32 || type == ColumnType::float64) return false;
    // Integers: a run of row numbers, without a value twice among those kept.
    if (max - min + 1.0 > 1.1 * static_cast<double>(finite()) ||
        max - min + 1.0 < 0.9 * static_cast<double>(finite())) {
        return false;
    }
    const auto kept = sketch.sorted();
    return std::adjacent_find(kept.begin(), kept.end(),
                              [](const auto& a, const auto& b) { return a.value == b.value; }) == kept.end();
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

void add_values(ColumnProfile& profile, const Column& column) {
    switch (column.type()) {
        case ColumnType::categorical: return add_categories(profile, column);
        case ColumnType::string: return add_texts(profile, column);
        default: return add_numbers(profile, column);
    }
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
    profile.other += other.other;
    for (const auto& [value, count] : other.items) profile.items[value] += count;
    shrink_items(profile);
}

}  // namespace detail
}  // namespace holdfast::stats

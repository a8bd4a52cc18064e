#include <holdfast/stats/column_sample.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "stats/column_profile.hpp"
#include "stats/compensated.hpp"
#include "stats/kernels.hpp"
#include "stats/sorting.hpp"

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

bool has_numbers(ColumnKind kind) { return kind == ColumnKind::numeric || kind == ColumnKind::timestamp; }

// Keeps finite values, in place; counts the others.
void keep_finite(ColumnSample& sample) {
    if (!detail::all_finite(sample.values)) {
        for (const double value : sample.values) {
            sample.missing += std::isnan(value) ? 1 : 0;
            sample.non_finite += std::isinf(value) ? 1 : 0;
        }
        std::erase_if(sample.values, [](double value) { return !std::isfinite(value); });
    }
    for (double& value : sample.values) value += 0.0;  // -0.0 becomes 0.0
}

// About the median, which lies within a standard deviation of the mean.
void take_moments(ColumnSample& sample) {
    constexpr std::size_t block = 512;
    const std::span<const double> values = sample.values;
    const auto n = static_cast<double>(values.size());
    const double median = values[values.size() / 2];
    detail::CompensatedSum sum, squares, shares;
    for (std::size_t from = 0; from < values.size(); from += block) {
        const auto some = values.subspan(from, std::min(block, values.size() - from));
        sum.add(detail::sum_about(median, some));
        squares.add(detail::squares_about(median, some));
    }
    sample.mean = median + sum.value() / n;
    sample.m2 = std::max(0.0, squares.value() - sum.value() * (sum.value() / n));
    if (std::isfinite(sum.value())) return;
    for (const double value : values) shares.add(value / n);
    sample.mean = shares.value();
    sample.m2 = infinite;
}

ColumnSample of_numbers(const Column& column, std::vector<double> memory) {
    ColumnSample sample;
    sample.type = column.type();
    sample.is_raw = true;
    sample.rows = column.size();
    sample.min = sample.max = nan;
    sample.values = std::move(memory);
    sample.values.resize(static_cast<std::size_t>(column.size()));
    column.copy_doubles(sample.values.data(), 1);
    keep_finite(sample);
    if (sample.values.empty()) return sample;
    detail::sort_values(sample.values);
    sample.min = sample.values.front();
    sample.max = sample.values.back();
    take_moments(sample);
    return sample;
}

// Neighbours that are the same value, or one kept value that stands for several rows, are values seen twice.
bool is_a_run_of_integers(const ColumnSample& sample) {
    const double width = sample.max - sample.min + 1.0, rows = static_cast<double>(sample.finite());
    if (width > 1.1 * rows || width < 0.9 * rows) return false;
    return std::adjacent_find(sample.values.begin(), sample.values.end()) == sample.values.end();
}

}  // namespace

ColumnSample ColumnSample::of(const Column& column, std::vector<double> memory) {
    if (has_numbers(kind_of(column.type()))) return of_numbers(column, std::move(memory));
    ColumnProfile profile;
    profile.type = column.type();
    profile.min = profile.max = nan;
    profile.max_items = std::numeric_limits<std::int64_t>::max();
    detail::add_values(profile, column, {});
    ColumnSample sample = of(profile);
    sample.is_raw = true;
    return sample;
}

ColumnSample ColumnSample::of(const ColumnProfile& profile) {
    ColumnSample sample;
    sample.type = profile.type;
    sample.is_private = profile.is_private;
    sample.rows = profile.rows;
    sample.missing = profile.missing;
    sample.non_finite = profile.non_finite;
    sample.min = profile.min;
    sample.max = profile.max;
    sample.mean = profile.mean;
    sample.m2 = profile.m2;
    sample.items = profile.items;
    sample.other = profile.other;
    sample.item_error = profile.item_error();
    if (profile.withheld > 0 && profile.distinct.counts()) sample.distinct = profile.distinct.estimate();
    if (!has_numbers(sample.kind())) return sample;
    for (const Kll::Weighted& kept : profile.sketch.sorted()) {
        sample.values.push_back(kept.value);
        sample.weights.push_back(kept.weight);
    }
    sample.rank_error = profile.sketch.rank_error();
    sample.point_rank_error = profile.sketch.point_rank_error();
    sample.sketch_k = profile.sketch.k();
    sample.edges = profile.edges;
    sample.bins = profile.bins;
    if (sample.rank_error == 0.0) sample.weights.clear();
    return sample;
}

double ColumnSample::variance() const noexcept {
    return finite() < 2 || std::isnan(min) ? 0.0 : m2 / static_cast<double>(finite() - 1);
}

bool ColumnSample::almost_distinct() const {
    if (is_private || present() < 20) return false;
    if (kind() == ColumnKind::text) {
        if (distinct) return *distinct > 0.9 * static_cast<double>(present());
        std::int64_t rare = other;  // rows whose value may have been seen once only
        for (const auto& [value, count] : items) rare += count <= item_error + 1 ? count : 0;
        return static_cast<double>(rare) > 0.9 * static_cast<double>(present());
    }
    if (kind() != ColumnKind::numeric || type == ColumnType::float32 || type == ColumnType::float64) return false;
    return is_a_run_of_integers(*this);
}

}  // namespace holdfast::stats

#include "stats/profile_counts.hpp"

#include <algorithm>

namespace holdfast::stats {
namespace {

double share(std::int64_t count, std::int64_t rows) {
    return rows == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(rows);
}

void append(ProfileCounts& counts, std::int64_t reference, std::int64_t current) {
    counts.reference.push_back(static_cast<double>(reference));
    counts.current.push_back(static_cast<double>(current));
}

std::vector<double> bins_of(const ColumnProfile& column, const std::vector<double>& edges) {
    std::vector<double> counts(edges.size() + 1, 0.0);
    for (const Kll::Weighted& kept : column.sketch.sorted()) {
        const auto bin = std::lower_bound(edges.begin(), edges.end(), kept.value) - edges.begin();
        counts[static_cast<std::size_t>(bin)] += static_cast<double>(kept.weight);
    }
    return counts;
}

}  // namespace

ProfileCounts item_counts(const ColumnProfile& reference, const ColumnProfile& current) {
    ProfileCounts counts;
    auto a = reference.items.begin();
    auto b = current.items.begin();
    while (a != reference.items.end() || b != current.items.end()) {
        if (b == current.items.end() || (a != reference.items.end() && a->first < b->first)) {
            append(counts, (a++)->second, 0);
        } else if (a == reference.items.end() || b->first < a->first) {
            append(counts, 0, (b++)->second);
        } else {
            append(counts, (a++)->second, (b++)->second);
        }
    }
    append(counts, reference.other, current.other);
    append(counts, reference.missing, current.missing);
    counts.slack = share(reference.other, reference.rows) + share(current.other, current.rows);
    return counts;
}

ProfileCounts binned_counts(const ColumnProfile& reference, const ColumnProfile& current) {
    std::vector<double> edges;
    for (int i = 1; i < 10; ++i) {
        const double edge = reference.sketch.quantile(i / 10.0);
        if (edges.empty() || edge > edges.back()) edges.push_back(edge);
    }
    ProfileCounts counts;
    counts.reference = bins_of(reference, edges);
    counts.current = bins_of(current, edges);
    counts.bin_error = reference.sketch.point_rank_error() + current.sketch.point_rank_error();
    return counts;
}

ProfileCounts missing_counts(const ColumnProfile& reference, const ColumnProfile& current) {
    ProfileCounts counts;
    append(counts, reference.finite(), current.finite());
    append(counts, reference.missing, current.missing);
    append(counts, reference.non_finite, current.non_finite);
    return counts;
}

}  // namespace holdfast::stats

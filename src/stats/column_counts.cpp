#include "stats/column_counts.hpp"

#include <algorithm>
#include <cmath>

namespace holdfast::stats::detail {
namespace {

double share(std::int64_t count, std::int64_t rows) {
    return rows == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(rows);
}

void append(ColumnCounts& counts, std::int64_t reference, std::int64_t current) {
    counts.reference.push_back(static_cast<double>(reference));
    counts.current.push_back(static_cast<double>(current));
}

/// How many rows lie at or below each kept value.
std::vector<std::int64_t> running(const ColumnSample& sample) {
    std::vector<std::int64_t> upto;
    upto.reserve(sample.weights.size());
    std::int64_t sum = 0;
    for (const std::int64_t weight : sample.weights) upto.push_back(sum += weight);
    return upto;
}

double quantile_of(const ColumnSample& sample, const std::vector<std::int64_t>& upto, std::int64_t i, std::int64_t k) {
    const std::int64_t rank = std::max<std::int64_t>(1, (i * sample.finite() + k - 1) / k);
    const auto at = upto.empty() ? rank - 1 : std::lower_bound(upto.begin(), upto.end(), rank) - upto.begin();
    return sample.values[static_cast<std::size_t>(at)];
}

std::vector<double> deciles(const ColumnSample& sample) {
    const std::vector<std::int64_t> upto = running(sample);
    std::vector<double> edges;
    for (std::int64_t i = 1; i < 10; ++i) {
        const double edge = quantile_of(sample, upto, i, 10);
        if (edges.empty() || edge > edges.back()) edges.push_back(edge);
    }
    return edges;
}

// Adds what each share may be off by to `error`.
std::vector<double> bins_of(const ColumnSample& sample, const std::vector<double>& edges, double& error) {
    if (!sample.edges.empty() && sample.edges == edges) return {sample.bins.begin(), sample.bins.end()};
    error += sample.point_rank_error;
    const std::vector<std::int64_t> upto = running(sample);
    std::vector<double> counts;
    std::int64_t before = 0;
    for (std::size_t bin = 0; bin <= edges.size(); ++bin) {
        const auto end = bin == edges.size() ? sample.values.end()
                                             : std::upper_bound(sample.values.begin(), sample.values.end(), edges[bin]);
        const auto values = end - sample.values.begin();
        const std::int64_t rows = upto.empty() || values == 0 ? values : upto[static_cast<std::size_t>(values - 1)];
        counts.push_back(static_cast<double>(rows - before));
        before = rows;
    }
    return counts;
}

}  // namespace

double quantile(const ColumnSample& sample, std::int64_t i, std::int64_t k) {
    return quantile_of(sample, running(sample), i, k);
}

ColumnCounts item_counts(const ColumnSample& reference, const ColumnSample& current) {
    ColumnCounts counts;
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

ColumnCounts binned_counts(const ColumnSample& reference, const ColumnSample& current) {
    const std::vector<double> edges = reference.edges.empty() ? deciles(reference) : reference.edges;
    ColumnCounts counts;
    counts.reference = bins_of(reference, edges, counts.bin_error);
    counts.current = bins_of(current, edges, counts.bin_error);
    return counts;
}

ColumnCounts missing_counts(const ColumnSample& reference, const ColumnSample& current) {
    ColumnCounts counts;
    append(counts, reference.finite(), current.finite());
    append(counts, reference.missing, current.missing);
    append(counts, reference.non_finite, current.non_finite);
    return counts;
}

}  // namespace holdfast::stats::detail

#include <holdfast/base/metrics.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace holdfast {

void LatencyHistogram::record(std::int64_t nanoseconds) noexcept {
    nanoseconds = std::max<std::int64_t>(nanoseconds, 0);
    const std::int64_t whole_us = nanoseconds / 1000 + (nanoseconds % 1000 != 0 ? 1 : 0);
    const int width = whole_us <= 1 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(whole_us - 1)));
    buckets_[static_cast<std::size_t>(std::min(width, bucket_count - 1))].fetch_add(1, std::memory_order_relaxed);
    sum_ns_.fetch_add(nanoseconds, std::memory_order_relaxed);
}

std::int64_t LatencyHistogram::count() const noexcept {
    std::int64_t total = 0;
    for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
    return total;
}

std::int64_t LatencyHistogram::sum_nanoseconds() const noexcept { return sum_ns_.load(std::memory_order_relaxed); }

std::int64_t LatencyHistogram::bucket(int index) const noexcept {
    if (index < 0 || index >= bucket_count) return 0;
    return buckets_[static_cast<std::size_t>(index)].load(std::memory_order_relaxed);
}

double LatencyHistogram::quantile_us(double q) const noexcept {
    // One copy: the buckets may move while we look.
    std::array<std::int64_t, bucket_count> seen{};
    std::int64_t total = 0;
    for (int i = 0; i < bucket_count; ++i) total += seen[static_cast<std::size_t>(i)] = bucket(i);
    if (total == 0) return 0.0;
    const double wanted = std::max(1.0, std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total)));
    std::int64_t below = 0;
    for (int i = 0; i < bucket_count; ++i) {
        below += seen[static_cast<std::size_t>(i)];
        if (static_cast<double>(below) >= wanted) return std::ldexp(1.0, i);
    }
    return std::ldexp(1.0, bucket_count - 1);
}

}  // namespace holdfast

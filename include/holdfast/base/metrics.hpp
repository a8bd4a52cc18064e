/// Metric cells: atomics that a hot path can touch and a scraper can read.
///
/// Thread safety: all calls are safe from several threads; no locks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <holdfast/export.hpp>

namespace holdfast {

class Counter {
  public:
    void add(std::int64_t by = 1) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
};

class Gauge {
  public:
    void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
    [[nodiscard]] double value() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<double> value_{0.0};
};

/// Latencies in powers of two of a microsecond: bucket i counts values in (2^(i-1), 2^i] microseconds.
class HOLDFAST_EXPORT LatencyHistogram {
  public:
    static constexpr int bucket_count = 32;

    void record(std::int64_t nanoseconds) noexcept;
    [[nodiscard]] std::int64_t count() const noexcept;
    [[nodiscard]] std::int64_t sum_nanoseconds() const noexcept;
    [[nodiscard]] std::int64_t bucket(int index) const noexcept;
    /// Upper bound, in microseconds, of the bucket that holds quantile q in [0, 1]; 0 when empty.
    [[nodiscard]] double quantile_us(double q) const noexcept;

  private:
    std::array<std::atomic<std::int64_t>, bucket_count> buckets_{};
    std::atomic<std::int64_t> sum_ns_{0};
};

}  // namespace holdfast

/// ProcessorShare: how many threads one call runs on, so that the calls of a process take no more processors together
/// than it has.
///
/// Thread safety: safe from several threads.
#pragma once

#include <holdfast/export.hpp>

namespace holdfast {

/// The number of processors that this process may run on.
[[nodiscard]] HOLDFAST_EXPORT int processors() noexcept;

class HOLDFAST_EXPORT ProcessorShare {
  public:
    /// Up to `wanted` of the processors that no share has, and at least one, the caller's own.
    [[nodiscard]] static ProcessorShare of_free(int wanted) noexcept;
    /// `wanted`, whatever others have: for threads whose number is not ours to choose.
    [[nodiscard]] static ProcessorShare of_any(int wanted) noexcept;
    ~ProcessorShare();
    ProcessorShare(const ProcessorShare&) = delete;
    ProcessorShare& operator=(const ProcessorShare&) = delete;

    [[nodiscard]] int threads() const noexcept { return threads_; }

  private:
    explicit ProcessorShare(int threads) noexcept : threads_(threads) {}

    int threads_;
};

}  // namespace holdfast

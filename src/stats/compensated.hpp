/// CompensatedSum: Neumaier's sum, so that a long sum of doubles is as good as one rounding of it.
#pragma once

#include <cmath>

namespace holdfast::stats::detail {

class CompensatedSum {
  public:
    void add(double value) noexcept {
        const double next = sum_ + value;
        lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
        sum_ = next;
    }
    [[nodiscard]] double value() const noexcept { return std::isfinite(lost_) ? sum_ + lost_ : sum_; }

  private:
    double sum_ = 0.0, lost_ = 0.0;
};

}  // namespace holdfast::stats::detail

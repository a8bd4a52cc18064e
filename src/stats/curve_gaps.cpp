#include "stats/curve_gaps.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "stats/compensated.hpp"

namespace holdfast::stats::detail {
namespace {

/// Sums of at most `block` terms of one sign, then compensated.
class BlockSum {
  public:
    void add(double value) noexcept { inner_ += value; }
    void end_block() noexcept {
        outer_.add(inner_);
        inner_ = 0.0;
    }
    [[nodiscard]] double value() const noexcept { return outer_.value(); }

  private:
    double inner_ = 0.0;
    CompensatedSum outer_;
};

class Walk {
  public:
    Walk(double n, double m)
        : n_(n), m_(m), per_pair_(1.0 / (n * m)), per_n_(1.0 / (n * n * n)), per_m_(1.0 / (m * m * m)) {}

    /// i reference rows and j current ones lie at or below x; `next` is the value that follows.
    void step(double i, double j, double x, double next) {
        const double gap = i * m_ - j * n_;  // (F - G) n m: a whole number, exact below 2^53
        const double seen = next > x ? gap : 0.0;
        above_ = std::max(above_, seen);
        below_ = std::max(below_, -seen);
        const double width = next - x;
        area_.add(std::abs(gap) * (width * per_pair_));
        deviation_.add(std::sqrt(i * (n_ - i) * per_n_ + j * (m_ - j) * per_m_) * width);
    }
    void end_block() {
        area_.end_block();
        deviation_.end_block();
    }
    [[nodiscard]] CurveGaps result() const {
        return {n_, m_, above_ / (n_ * m_), below_ / (n_ * m_), area_.value(), deviation_.value()};
    }

  private:
    double n_, m_, per_pair_, per_n_, per_m_;
    double above_ = 0.0, below_ = 0.0;
    BlockSum area_, deviation_;
};

constexpr std::size_t block = 512;

double rows_in(SortedRows side) {
    if (side.weights.empty()) return static_cast<double>(side.values.size());
    return static_cast<double>(std::accumulate(side.weights.begin(), side.weights.end(), std::int64_t{0}));
}

// Takes the smaller of both next values at each step; no branch on what the values are.
template <class Weights>
CurveGaps walked(SortedRows a, SortedRows b, Weights weight) {
    Walk walk(rows_in(a), rows_in(b));
    const std::size_t n = a.values.size(), m = b.values.size();
    std::size_t i = 0, j = 0;
    double below_a = 0.0, below_b = 0.0;
    double x = std::min(a.values[0], b.values[0]);
    const auto take = [&](bool from_a, bool from_b, double next) {
        walk.step(below_a, below_b, x, next);
        x = next;
        below_a += from_a ? weight(a, i) : 0.0;
        below_b += from_b ? weight(b, j) : 0.0;
        i += from_a ? 1 : 0;
        j += from_b ? 1 : 0;
    };
    while (i < n && j < m) {
        for (std::size_t left = block; left > 0 && i < n && j < m; --left) {
            const double p = a.values[i], q = b.values[j];
            take(p <= q, q <= p, std::min(p, q));
        }
        walk.end_block();
    }
    while (i < n || j < m) {
        for (std::size_t left = block; left > 0 && (i < n || j < m); --left) {
            take(i < n, j < m, i < n ? a.values[i] : b.values[j]);
        }
        walk.end_block();
    }
    return walk.result();
}

}  // namespace

CurveGaps gaps_between(SortedRows reference, SortedRows current) {
    if (reference.weights.empty() && current.weights.empty())
        return walked(reference, current, [](SortedRows, std::size_t) { return 1.0; });
    return walked(reference, current, [](SortedRows side, std::size_t at) {
        return side.weights.empty() ? 1.0 : static_cast<double>(side.weights[at]);
    });
}

}  // namespace holdfast::stats::detail

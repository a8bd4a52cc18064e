/// Weighted: means, shares and linearised metrics of weighted rows, with their intervals.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <holdfast/base/math.hpp>

#include "stats/compensated.hpp"
#include "stats/rows.hpp"

namespace holdfast::stats::detail {

/// A sum of weights and how many rows it is worth: (sum)^2 / sum of squares (Kish, Survey Sampling, 1965).
class Weight {
  public:
    void add(double weight) noexcept { add(weight, weight * weight); }
    /// Of several rows: the sums of their weights and of the weights' squares.
    void add(double weights, double squares) noexcept {
        sum_.add(weights);
        squares_.add(squares);
    }
    [[nodiscard]] double sum() const noexcept { return sum_.value(); }
    [[nodiscard]] double rows() const noexcept { return sum() == 0.0 ? 0.0 : sum() * sum() / squares_.value(); }

  private:
    CompensatedSum sum_, squares_;
};

[[nodiscard]] inline Weight weight_of_all(const CleanRows& rows) {
    Weight all;
    for (std::size_t i = 0; i < rows.truth.size(); ++i) all.add(rows.weight_of(i));
    return all;
}

/// The standard error of a metric that is, to first order, a weighted mean, from the sum of the squares of each row's
/// weight times its influence. Where all weigh 1 it is the mean's own, to the bit.
[[nodiscard]] inline double linearised_error(const Weight& all, double squares) {
    if (all.rows() <= 1.0) return std::numeric_limits<double>::infinity();
    return std::sqrt(squares / (all.rows() - 1.0) / (all.sum() * (all.sum() / all.rows())));
}
[[nodiscard]] inline double linearised_error(const CleanRows& rows, const std::vector<double>& influence) {
    CompensatedSum squares;
    for (std::size_t i = 0; i < influence.size(); ++i) {
        const double part = rows.weight_of(i) * influence[i];
        squares.add(part * part);
    }
    return linearised_error(weight_of_all(rows), squares.value());
}

/// Clopper and Pearson's lower end of a share that was 1 in all of `rows` (effective) rows.
[[nodiscard]] inline double lower_of_all(double rows, double level) {
    return math::exp(math::log(0.5 * (1.0 - level)) / rows);
}

}  // namespace holdfast::stats::detail

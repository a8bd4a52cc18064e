#include <algorithm>
#include <cmath>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/deviations.hpp"
#include "stats/samples.hpp"
#include "stats/shares.hpp"

namespace holdfast::stats {
namespace {

// The hypergeometric law of the first cell, by the ratios of neighbours, in units of the table seen.
class Tables {
  public:
    Tables(double n, double m, double column) : n_(n), m_(m), column_(column) {}

    /// P(a table at most as likely as that with `seen` in its first cell).
    [[nodiscard]] double two_sided(double seen) {
        count(1.0);
        const double last = std::min(n_, column_), first = std::max(0.0, column_ - m_);
        walk(last - seen, [&](double step) { return up(seen + step); });
        walk(seen - first, [&](double step) { return 1.0 / up(seen - step - 1.0); });
        return std::isinf(all_) ? 0.0 : std::min(1.0, reached_ / all_);
    }

  private:
    [[nodiscard]] double up(double k) const {
        return (n_ - k) / (k + 1.0) * ((column_ - k) / (m_ - column_ + k + 1.0));
    }

    void count(double weight) {
        all_ += weight;
        if (weight <= 1.0 + 1e-10) reached_ += weight;  // ties, but for the rounding of a long walk
    }

    template <class Ratio>
    void walk(double steps, Ratio ratio) {
        double weight = 1.0;
        for (double step = 0.0; step < steps; step += 1.0) {
            const double change = ratio(step);
            weight *= change;
            if (std::isinf(weight)) all_ = weight;
            if (std::isinf(weight) || (change < 1.0 && weight < 1e-18)) return;
            count(weight);
        }
    }

    double n_, m_, column_;
    double all_ = 0.0, reached_ = 0.0;
};

}  // namespace

TestResult fisher(std::span<const double> reference_counts, std::span<const double> current_counts) {
    const auto counts = detail::count_pair("fisher", reference_counts, current_counts);
    if (reference_counts.size() > 2) {
        throw InvalidArgument("fisher: " + std::to_string(reference_counts.size()) + " categories; at most two wanted");
    }
    for (const auto side : {reference_counts, current_counts}) {
        for (double count : side) {
            if (count != std::floor(count) || count > 0x1p53) {
                throw InvalidArgument("fisher: a count is " + std::to_string(count) +
                                      "; whole numbers up to 2^53 wanted");
            }
        }
    }
    const double a = reference_counts[0], b = counts.n - a, c = current_counts[0], d = counts.m - c;
    TestResult result =
        detail::result_of("fisher", static_cast<std::int64_t>(counts.n), static_cast<std::int64_t>(counts.m));
    result.effect = (c * counts.n - a * counts.m) / (counts.n * counts.m);
    const double width = detail::point_deviation(counts.n, counts.m, 0.5 * (1.0 - result.interval.level));
    result.interval.lower = std::max(-1.0, result.effect - width);
    result.interval.upper = std::min(1.0, result.effect + width);
    if (counts.categories() < 2.0) {
        result.p_value = 1.0;
        result.note = "one category: no odds ratio";
        return result;
    }
    result.statistic = a / b * (d / c);
    result.p_value = Tables(counts.n, counts.m, a + c).two_sided(a);
    return result;
}

}  // namespace holdfast::stats

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <holdfast/stats/tests.hpp>

#include "stats/limit_laws.hpp"
#include "stats/samples.hpp"
#include "stats/ties.hpp"

namespace holdfast::stats {
namespace {

// Scholz and Stephens 1987, eq. 7, for two samples: what a tie adds to A^2, all but the factor (N - 1) / (n m).
detail::Part parts_of(const std::vector<detail::Tie>& ties, double n, double m) {
    std::vector<double> below(ties.size() + 1);
    for (std::size_t i = 0; i < ties.size(); ++i) below[i + 1] = below[i] + static_cast<double>(ties[i].size());
    return [&ties, below, n, m](std::size_t i, std::int64_t before, std::int64_t taken) {
        const double all = n + m, size = static_cast<double>(ties[i].size());
        const double middle = below[i] + 0.5 * size;
        const double weight = middle * (all - middle) - 0.25 * all * size;
        if (weight <= 0.0) return 0.0;  // all rows are this tie
        const double of_reference = static_cast<double>(before) + 0.5 * static_cast<double>(taken);
        const double gap = m * of_reference - n * (middle - of_reference);
        return size / all * (gap * gap / weight);
    };
}

// The standard deviation of A^2 for two samples (Scholz and Stephens 1987, eq. 4); N at least 4.
double standard_deviation(std::int64_t n, std::int64_t m) {
    const std::int64_t rows = n + m;
    double h = 0.0, g = 0.0;
    for (std::int64_t i = rows - 1; i >= 1; --i) {
        if (i <= rows - 2) g += h / static_cast<double>(rows - i);  // the sum over j > i of 1 / ((N - i) j)
        h += 1.0 / static_cast<double>(i);
    }
    const auto all = static_cast<double>(rows);
    const double inverse = 1.0 / static_cast<double>(n) + 1.0 / static_cast<double>(m);
    const double a = (4.0 * g - 6.0) + (10.0 - 6.0 * g) * inverse;
    const double b = (2.0 * g - 4.0) * 4.0 + 16.0 * h + (2.0 * g - 14.0 * h - 4.0) * inverse - 8.0 * h + 4.0 * g - 6.0;
    const double c =
        (6.0 * h + 2.0 * g - 2.0) * 4.0 + (4.0 * h - 4.0 * g + 6.0) * 2.0 + (2.0 * h - 6.0) * inverse + 4.0 * h;
    const double d = (2.0 * h + 6.0) * 4.0 - 8.0 * h;
    const double above = ((a * all + b) * all + c) * all + d;
    return std::sqrt(above / ((all - 1.0) * (all - 2.0) * (all - 3.0)));
}

}  // namespace

TestResult anderson_darling(std::span<const double> reference, std::span<const double> current) {
    const auto samples = detail::sorted_pair("anderson_darling", reference, current);
    const auto ties = detail::ties_of(samples);
    const auto n = static_cast<double>(samples.n()), m = static_cast<double>(samples.m());
    const double all = n + m;
    const detail::Part part = parts_of(ties, n, m);
    const double squared = detail::statistic_of(ties, part) * (all - 1.0) / (n * m);
    TestResult result = detail::result_of("anderson_darling", samples.n(), samples.m());
    result.note = samples.note;
    result.effect = squared * all / (n * m);
    const bool enumerable = detail::can_enumerate(samples.n() + samples.m(), samples.n());
    if (enumerable) result.p_value = detail::share_of_splits(ties, samples.n(), part);
    if (all < 4.0) {
        detail::remark(result.note, "fewer than four rows: A^2 has no standard deviation");
        return result;
    }
    result.statistic = (squared - 1.0) / standard_deviation(samples.n(), samples.m());
    if (ties.size() == 1) {
        result.p_value = 1.0;
    } else if (!enumerable) {
        // The limit's mean is 1, its variance the sum of 2 / (j (j + 1))^2.
        const double spread = std::sqrt(2.0 * std::numbers::pi * std::numbers::pi / 3.0 - 6.0);
        detail::remark(result.note, "asymptotic p-value");
        result.p_value = detail::anderson_darling_sf(1.0 + spread * result.statistic);
    }
    return result;
}

}  // namespace holdfast::stats

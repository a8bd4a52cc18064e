#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/deviations.hpp"
#include "stats/distributions.hpp"
#include "stats/samples.hpp"
#include "stats/shares.hpp"

namespace holdfast::stats {
namespace {

TestResult empty_result(std::string_view test, const detail::CountPair& counts) {
    return detail::result_of(test, static_cast<std::int64_t>(counts.n), static_cast<std::int64_t>(counts.m));
}

/// The effect without its bias, and its interval.
void take(TestResult& result, const detail::Divergence& divergence, double rows) {
    const double tail = 0.5 * (1.0 - result.interval.level);
    result.effect = divergence.corrected();
    result.interval.lower = divergence.lower(tail, rows);
    result.interval.upper = divergence.upper(tail, rows);
    if (result.test != "psi" && result.test != "kl") result.interval.upper = std::min(1.0, result.interval.upper);
}

TestResult divergence(const std::string& test, std::span<const double> reference, std::span<const double> current,
                      double smoothing = 0.5) {
    const auto counts = detail::count_pair(test, reference, current);
    TestResult result = empty_result(test, counts);
    const detail::Divergence seen(test, counts, smoothing);
    result.statistic = seen.plain();
    take(result, seen, counts.m);
    return result;
}

/// chi2 and g_test: their statistics have one law.
TestResult homogeneity(const std::string& test, std::span<const double> reference, std::span<const double> current,
                       double (*statistic)(const detail::CountPair&)) {
    const auto counts = detail::count_pair(test, reference, current);
    TestResult result = empty_result(test, counts);
    const double degrees = counts.categories() - 1.0;
    result.statistic = statistic(counts);
    result.p_value = degrees == 0.0 ? 1.0 : detail::chi2_sf(degrees, result.statistic);
    take(result, detail::Divergence(test, counts), counts.m);
    return result;
}

void check_smoothing(const std::string& test, double smoothing) {
    if (!(smoothing > 0.0 && std::isfinite(smoothing))) {
        throw InvalidArgument(test + ": smoothing is " + std::to_string(smoothing) +
                              ", a finite number above 0 wanted");
    }
}

}  // namespace

TestResult chi2(std::span<const double> reference_counts, std::span<const double> current_counts) {
    return homogeneity("chi2", reference_counts, current_counts, detail::chi2_statistic);
}

TestResult g_test(std::span<const double> reference_counts, std::span<const double> current_counts) {
    return homogeneity("g_test", reference_counts, current_counts, detail::g_statistic);
}

TestResult psi(std::span<const double> reference_counts, std::span<const double> current_counts, double smoothing) {
    check_smoothing("psi", smoothing);
    return divergence("psi", reference_counts, current_counts, smoothing);
}

TestResult js(std::span<const double> reference_counts, std::span<const double> current_counts) {
    return divergence("js", reference_counts, current_counts);
}

TestResult kl(std::span<const double> reference_counts, std::span<const double> current_counts, double smoothing) {
    check_smoothing("kl", smoothing);
    return divergence("kl", reference_counts, current_counts, smoothing);
}

TestResult hellinger(std::span<const double> reference_counts, std::span<const double> current_counts) {
    return divergence("hellinger", reference_counts, current_counts);
}

TestResult l_infinity(std::span<const double> reference_counts, std::span<const double> current_counts) {
    const auto counts = detail::count_pair("l_infinity", reference_counts, current_counts);
    TestResult result = empty_result("l_infinity", counts);
    result.statistic = result.effect = detail::l_infinity_of(counts);
    const double tail = 0.5 * (1.0 - result.interval.level);
    // Hoeffding on each category, from either side, for the lower end; on the largest one for the upper.
    const double each = tail / (2.0 * counts.categories());
    result.interval.lower = std::max(0.0, result.effect - detail::point_deviation(counts.n, counts.m, each));
    result.interval.upper = std::min(1.0, result.effect + detail::point_deviation(counts.n, counts.m, tail));
    return result;
}

TestResult total_variation(std::span<const double> reference_counts, std::span<const double> current_counts) {
    const auto counts = detail::count_pair("total_variation", reference_counts, current_counts);
    TestResult result = empty_result("total_variation", counts);
    result.statistic = detail::total_variation_of(counts);
    result.effect = detail::corrected_total_variation(counts);
    const double tail = 0.5 * (1.0 - result.interval.level);
    result.interval.lower = std::max(0.0, result.statistic - detail::TotalVariationWidth(counts).at(tail, counts.m));
    result.interval.upper = std::min(1.0, result.statistic + detail::point_deviation(counts.n, counts.m, tail));
    return result;
}

BinnedPair bin_by_quantiles(std::span<const double> reference, std::span<const double> current, std::int64_t bins) {
    if (bins < 2 || bins > 10'000) {
        throw InvalidArgument("bin_by_quantiles: " + std::to_string(bins) + " bins, 2 to 10000 wanted");
    }
    const auto samples = detail::sorted_pair("bin_by_quantiles", reference, current);
    BinnedPair pair;
    for (std::int64_t i = 1; i < bins; ++i) {
        const auto position =
            (i * samples.n() + bins - 1) / bins - 1;  // the smallest value with i / bins at or below it
        const double edge = samples.reference[static_cast<std::size_t>(std::max<std::int64_t>(position, 0))];
        if (pair.edges.empty() || edge > pair.edges.back()) pair.edges.push_back(edge);
    }
    const auto count = [&edges = pair.edges](const std::vector<double>& sorted) {
        std::vector<double> counts;
        auto from = sorted.begin();
        for (double edge : edges) {
            const auto to = std::upper_bound(from, sorted.end(), edge);
            counts.push_back(static_cast<double>(to - from));
            from = to;
        }
        counts.push_back(static_cast<double>(sorted.end() - from));
        return counts;
    };
    pair.reference = count(samples.reference);
    pair.current = count(samples.current);
    return pair;
}

}  // namespace holdfast::stats

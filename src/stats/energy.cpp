#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/compensated.hpp"
#include "stats/effect_laws.hpp"
#include "stats/samples.hpp"
#include "stats/ties.hpp"

namespace holdfast::stats {
namespace {

// What a tie adds to the integral of (F - G)^2: the step behind it.
detail::Part steps_of(const std::vector<detail::Tie>& ties, double n, double m) {
    std::vector<double> upto(ties.size());
    double rows = 0.0;
    for (std::size_t i = 0; i < ties.size(); ++i) upto[i] = rows += static_cast<double>(ties[i].size());
    return [&ties, upto, n, m](std::size_t i, std::int64_t before, std::int64_t taken) {
        if (i + 1 == ties.size()) return 0.0;
        const auto of_reference = static_cast<double>(before + taken);
        const double gap = (of_reference * m - (upto[i] - of_reference) * n) / (n * m);
        return gap * gap * (ties[i + 1].value - ties[i].value);
    };
}

// (2 E|X - Y| - E|X - X'| - E|Y - Y'|) / (2 E|X - Y|), means within a sample over distinct rows; from 0 up.
double coefficient(const std::vector<detail::Tie>& ties, double n, double m) {
    detail::CompensatedSum across, within_reference, within_current;
    double i = 0.0, j = 0.0;
    for (std::size_t tie = 0; tie + 1 < ties.size(); ++tie) {
        i += static_cast<double>(ties[tie].reference);
        j += static_cast<double>(ties[tie].current);
        const double step = ties[tie + 1].value - ties[tie].value;
        across.add((i / n * (1.0 - j / m) + (1.0 - i / n) * (j / m)) * step);
        if (n > 1.0) within_reference.add(2.0 * (i / n) * ((n - i) / (n - 1.0)) * step);
        if (m > 1.0) within_current.add(2.0 * (j / m) * ((m - j) / (m - 1.0)) * step);
    }
    if (across.value() == 0.0) return 0.0;
    const double excess = 2.0 * across.value() - within_reference.value() - within_current.value();
    return std::clamp(excess / (2.0 * across.value()), 0.0, 1.0);
}

// (1 + k) / (1 + B): k of B random splits reach the sum seen.
double permutation_p(const std::vector<detail::Tie>& ties, std::int64_t n, const detail::Part& part,
                     std::int64_t permutations, std::uint64_t seed) {
    const double wanted = detail::statistic_of(ties, part) * (1.0 - 1e-12);
    std::int64_t rows = 0, reached = 0;
    for (const detail::Tie& tie : ties) rows += tie.size();
    Rng rng(seed, "stats.energy", "");
    for (std::int64_t round = 0; round < permutations; ++round) {
        double sum = 0.0;
        std::int64_t before = 0, left = rows;
        for (std::size_t tie = 0; tie < ties.size(); ++tie) {
            std::int64_t taken = 0;
            for (std::int64_t row = 0; row < ties[tie].size(); ++row, --left) {
                if (rng.below(left) < n - before - taken) ++taken;
            }
            sum += part(tie, before, taken);
            before += taken;
        }
        if (sum >= wanted) ++reached;
    }
    return static_cast<double>(1 + reached) / static_cast<double>(1 + permutations);
}

}  // namespace

TestResult energy(std::span<const double> reference, std::span<const double> current, std::int64_t permutations,
                  std::uint64_t seed) {
    if (permutations < 1 || permutations > 1'000'000) {
        throw InvalidArgument("energy: " + std::to_string(permutations) + " permutations, 1 to 1000000 wanted");
    }
    auto samples = detail::sorted_pair("energy", reference, current);
    const auto n = static_cast<double>(samples.n()), m = static_cast<double>(samples.m());
    TestResult result = detail::result_of("energy", samples.n(), samples.m());
    result.note = samples.note;
    if (!detail::is_finite(samples)) {
        detail::remark(result.note, "infinite values: no distance");
        return result;
    }
    const int exponent = detail::rescale(samples);
    const auto ties = detail::ties_of(samples);
    const detail::Part part = steps_of(ties, n, m);
    result.statistic = std::ldexp(std::sqrt(2.0 * detail::statistic_of(ties, part)), exponent / 2);
    result.effect = coefficient(ties, n, m);
    if (ties.size() > 1) {
        const auto squares = detail::squares_between({samples.reference, {}}, {samples.current, {}});
        detail::take_interval(result, detail::NormLaw(detail::energy_parts(squares, n)), 1.0);
    }
    if (ties.size() == 1) {
        result.p_value = 1.0;
    } else if (detail::can_enumerate(samples.n() + samples.m(), samples.n())) {
        result.p_value = detail::share_of_splits(ties, samples.n(), part);
    } else {
        result.p_value = permutation_p(ties, samples.n(), part, permutations, seed);
        detail::remark(result.note, std::to_string(permutations) + " permutations");
    }
    return result;
}

}  // namespace holdfast::stats

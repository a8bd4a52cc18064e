#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <holdfast/stats/tests.hpp>

#include "stats/compensated.hpp"
#include "stats/effect_laws.hpp"
#include "stats/permutations.hpp"
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
        across.add((i * (m - j) + (n - i) * j) * step);  // so many pairs lie on both sides of the step
        within_reference.add(i * (n - i) * step);
        within_current.add(j * (m - j) * step);
    }
    const double between = across.value() / (n * m);
    if (between == 0.0) return 0.0;
    double excess = 2.0 * between;
    if (n > 1.0) excess -= 2.0 * (within_reference.value() / (n * (n - 1.0)));
    if (m > 1.0) excess -= 2.0 * (within_current.value() / (m * (m - 1.0)));
    return std::clamp(excess / (2.0 * between), 0.0, 1.0);
}

}  // namespace

TestResult energy(std::span<const double> reference, std::span<const double> current,
                  const Permutations& permutations) {
    auto samples = detail::sorted_pair("energy", reference, current);
    detail::check("energy", permutations, samples.n(), samples.m());
    if (permutations.block != 1) return permutation_test("energy", reference, current, permutations);
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
        result.insufficient = !detail::ways_reach(permutations.level, 1, samples.n(), samples.m());
    } else {
        result.p_value = detail::split_p("energy", reference, current, permutations, 1);
        detail::conclude(result, permutations, 1, samples.n(), samples.m());
    }
    return result;
}

}  // namespace holdfast::stats

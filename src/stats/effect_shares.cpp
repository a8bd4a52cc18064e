#include <algorithm>
#include <string>

#include <holdfast/base/math.hpp>
#include <holdfast/stats/tests.hpp>

#include "stats/deviations.hpp"
#include "stats/distance_law.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_parts.hpp"
#include "stats/samples.hpp"
#include "stats/shares.hpp"

namespace holdfast::stats::detail {
namespace {

constexpr std::string_view rare_values = "rare values not counted one by one";

}  // namespace

Effect see_total_variation(const ColumnCounts& counts) {
    Effect effect;
    const CountPair pair = count_pair("total_variation", counts.reference, counts.current);
    effect.largest = 1.0;
    effect.statistic = total_variation_of(pair);
    effect.value = corrected_total_variation(pair);
    const double degrees = pair.categories() - 1.0;
    effect.p_value = degrees == 0.0 ? 1.0 : chi2_sf(degrees, chi2_statistic(pair));
    if (counts.slack > 0.0) remark(effect.note, rare_values);
    effect.law = std::make_shared<DistanceLaw<TotalVariationWidth>>(pair.n, TotalVariationWidth(pair), effect.statistic,
                                                                    0.0, counts.slack);
    return effect;
}

Effect see_l_infinity(const ColumnCounts& counts) {
    Effect effect;
    const CountPair pair = count_pair("l_infinity", counts.reference, counts.current);
    effect.largest = 1.0;
    effect.statistic = effect.value = l_infinity_of(pair);
    if (counts.slack > 0.0) remark(effect.note, rare_values);
    effect.law = std::make_shared<DistanceLaw<LargestShareWidth>>(pair.n, LargestShareWidth{pair.n, pair.categories()},
                                                                  effect.statistic, 0.0, counts.slack);
    return effect;
}

// Of two categories the total variation is the difference of either's shares.
Effect see_fisher(const ColumnCounts& counts) {
    const CountPair pair = count_pair("fisher", counts.reference, counts.current);
    Effect effect;
    effect.largest = 1.0;
    if (pair.categories() > 2.0 || counts.slack > 0.0) {
        effect.is_judged = false;
        remark(effect.note, "more than two categories, missing being one");
        return effect;
    }
    const TestResult seen = fisher(pair.reference, pair.current);
    effect.statistic = seen.statistic;
    effect.p_value = seen.p_value;
    effect.value = total_variation_of(pair);
    effect.law =
        std::make_shared<DistanceLaw<LargestShareWidth>>(pair.n, LargestShareWidth{pair.n, 2.0}, effect.value, 0.0);
    return effect;
}

}  // namespace holdfast::stats::detail

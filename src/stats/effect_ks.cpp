#include <algorithm>
#include <cmath>
#include <cstdint>

#include "stats/deviations.hpp"
#include "stats/distance_law.hpp"
#include "stats/effect_parts.hpp"
#include "stats/kstwo.hpp"
#include "stats/limit_laws.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats::detail {
namespace {

/// What both samples' distribution functions may be off by everywhere (Massart), `times` over.
struct SupWidth {
    double n = 0.0, times = 1.0;
    [[nodiscard]] double at(double alpha, double rows) const { return times * sup_deviation(n, rows, alpha); }
    [[nodiscard]] double tail(double width, double rows) const { return sup_tail(n, rows, width / times); }
};

Effect distance(const CurveGaps& gaps, double seen, double times, const ColumnSample& reference,
                const ColumnSample& current) {
    Effect effect;
    effect.largest = 1.0;
    effect.statistic = effect.value = seen;
    const double sketches = times * (reference.rank_error + current.rank_error);
    if (sketches > 0.0) remark(effect.note, "from sketches");
    effect.law = std::make_shared<DistanceLaw<SupWidth>>(gaps.n, SupWidth{gaps.n, times}, effect.statistic, sketches);
    return effect;
}

/// Of few rows the steps of D are coarse, and the limit too small: at 100 against 100 rows it rejects 5.5 % at 5 %.
double ks_p(const CurveGaps& gaps, double d, bool is_exact) {
    constexpr double few = 100'000.0;  // pairs of rows
    if (!is_exact || gaps.n * gaps.m > few) return ks_limit_p(gaps.n, gaps.m, d);
    return ks_exact_p(static_cast<std::int64_t>(gaps.n), static_cast<std::int64_t>(gaps.m),
                      std::nearbyint(d * gaps.n * gaps.m));
}

}  // namespace

Effect see_ks(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current) {
    Effect effect = distance(gaps, std::max(gaps.above, gaps.below), 1.0, reference, current);
    effect.value = corrected_distance(gaps.n, gaps.m, effect.statistic);
    effect.p_value = ks_p(gaps, effect.statistic, reference.rank_error + current.rank_error == 0.0);
    return effect;
}

Effect see_kuiper(const CurveGaps& gaps, const ColumnSample& reference, const ColumnSample& current) {
    Effect effect = distance(gaps, gaps.above + gaps.below, 2.0, reference, current);
    effect.p_value = kuiper_p(gaps.n, gaps.m, effect.statistic);
    return effect;
}

}  // namespace holdfast::stats::detail

#include <algorithm>
#include <cmath>

#include <holdfast/stats/tests.hpp>

#include "stats/compensated.hpp"
#include "stats/distributions.hpp"
#include "stats/effect_laws.hpp"
#include "stats/effect_parts.hpp"
#include "stats/samples.hpp"

namespace holdfast::stats::detail {
namespace {

void take(Effect& effect, const NormLaw::Parts& parts, double rows) {
    auto law = std::make_shared<NormLaw>(parts);
    effect.value = std::min(effect.largest, law->corrected(rows));
    effect.law = std::move(law);
    if (parts.n < 2.0 || rows < 2.0) {
        effect.is_judged = false;
        remark(effect.note, "a sample of one row: no spread");
    }
}

// What one sketch may be off by at a point, squared and integrated.
double sketch_square(const ColumnSample& column) {
    if (column.point_rank_error == 0.0) return 0.0;
    return column.point_rank_error * column.point_rank_error *
           integral_of_share(column, [&](double share) { return passed_square(column, share); });
}

// Their limit laws are of values that hardly tie, and of `least` rows a side or more.
void take_p_value(Effect& effect, const TestResult& seen, const CurveSquares& squares, std::int64_t least) {
    effect.statistic = seen.statistic;
    if (squares.largest_tie > 0.05) {
        remark(effect.note, "many ties: no p-value");
    } else if (std::min(seen.reference_rows, seen.current_rows) < least) {
        remark(effect.note, "fewer than " + std::to_string(least) + " rows on a side: no p-value");
    } else {
        effect.p_value = seen.p_value;
    }
}

}  // namespace

Effect see_energy(const CurveSquares& squares, const ColumnSample& reference, const ColumnSample& current) {
    Effect effect;
    effect.largest = 1.0;
    effect.statistic = std::sqrt(2.0 * squares.over_values.gap);
    NormLaw::Parts parts = energy_parts(squares, static_cast<double>(reference.finite()));
    if (squares.across == 0.0) {
        effect.value = 0.0;
        effect.p_value = 1.0;
        effect.is_judged = false;
        remark(effect.note, "one value on both sides");
        return effect;
    }
    parts.slack = std::sqrt(sketch_square(reference)) + std::sqrt(sketch_square(current));
    if (parts.slack > 0.0) remark(effect.note, "from sketches");
    take(effect, parts, static_cast<double>(current.finite()));
    effect.p_value = effect.law->p_drift(0.0, static_cast<double>(current.finite()));
    return effect;
}

Effect see_cramer_von_mises(const CurveSquares& squares, const ColumnSample& reference, const ColumnSample& current) {
    const TestResult seen = cramer_von_mises(reference.values, current.values);
    Effect effect;
    effect.largest = 1.0;
    take_p_value(effect, seen, squares, 1);
    take(effect, cramer_von_mises_parts(squares, static_cast<double>(reference.finite())),
         static_cast<double>(current.finite()));
    return effect;
}

Effect see_anderson_darling(const CurveSquares& squares, const ColumnSample& reference, const ColumnSample& current) {
    const TestResult seen = anderson_darling(reference.values, current.values);
    Effect effect;
    take_p_value(effect, seen, squares, 100);
    take(effect, anderson_darling_parts(squares, static_cast<double>(reference.finite())),
         static_cast<double>(current.finite()));
    return effect;
}

}  // namespace holdfast::stats::detail

/// Promotion: when a challenger may take the champion's place.
///
/// Thread safety: values.
#pragma once

#include <string>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>
#include <holdfast/policy/decision.hpp>
#include <holdfast/policy/observation.hpp>

namespace holdfast {

/// Promote where the one-sided lower bound, at `confidence`, of the challenger's improvement on a holdout that neither
/// saw is at least `min_improvement` (in the metric's own unit, positive is better); reject where it is not.
struct HOLDFAST_EXPORT PromoteIf {
    std::string metric;
    double min_improvement = 0.0;
    double confidence = 0.95;

    [[nodiscard]] Requirements requirements() const;
    /// promote, reject, or none where the comparison was not observed (named in the reasons).
    [[nodiscard]] Decision decide(const Observation& observation) const;
    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static PromoteIf from_json(const Json& json);
    bool operator==(const PromoteIf&) const = default;
};
[[nodiscard]] HOLDFAST_EXPORT PromoteIf promote_if(std::string metric, double min_improvement = 0.0,
                                                   double confidence = 0.95);

}  // namespace holdfast

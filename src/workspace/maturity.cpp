#include <holdfast/workspace/maturity.hpp>

#include <algorithm>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/workspace/logging.hpp>

namespace holdfast {

void Maturity::check() const {
    if (!(share > 0.0 && share <= 1.0)) {
        throw InvalidArgument("label maturity: a share of " + std::to_string(share) +
                              " given, above 0 and at most 1 wanted");
    }
    if (horizon && *horizon <= Duration::zero()) {
        throw InvalidArgument("label maturity: a horizon of " + std::to_string(horizon->count()) +
                              " us given, a positive duration wanted");
    }
}

std::vector<LabelCohort> label_cohorts(const store::Session& session, std::string_view endpoint, Time after, Time until,
                                       Time now, const Maturity& maturity, std::optional<std::int64_t> up_to) {
    maturity.check();
    store::InteractionQuery query;
    query.endpoint = std::string(endpoint);
    query.after = after;
    query.until = until;
    query.up_to = up_to;
    const Duration width = LoggingOptions::from_json(session.logging(endpoint)).bucket;
    const std::optional<Time> settled = maturity.horizon ? std::optional(now - *maturity.horizon) : std::nullopt;
    std::vector<LabelCohort> cohorts;
    for (const store::CohortRow& row : session.cohorts(query, width, settled)) {
        const bool enough = static_cast<double>(row.settled) >= maturity.share * static_cast<double>(row.interactions);
        cohorts.push_back({std::max(row.begin, after), std::min(row.begin + width, until), row.interactions,
                           row.labelled, row.settled, enough});
    }
    return cohorts;
}

Matured matured(std::span<const LabelCohort> cohorts, const store::InteractionTable& labelled) {
    Matured result;
    for (const LabelCohort& cohort : cohorts) {
        if (cohort.matured) {
            result.until = cohort.until;
        } else {
            result.waiting += cohort.interactions;
        }
    }
    std::vector<std::int64_t> kept;
    if (labelled.rows.rows() > 0) {
        const auto times = labelled.rows.column("time").values<std::int64_t>();
        for (std::size_t row = 0; row < times.size(); ++row) {
            const Time time = from_micros(times[row]);
            const auto cohort = std::ranges::lower_bound(cohorts, time, {}, &LabelCohort::until);
            if (cohort != cohorts.end() && cohort->matured) kept.push_back(static_cast<std::int64_t>(row));
        }
    }
    result.rows = {labelled.rows.take(kept), labelled.features, labelled.outputs};
    return result;
}

}  // namespace holdfast

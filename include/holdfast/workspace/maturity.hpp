/// Maturity: whether the labels of a stretch of event time have come, so that a metric over it is not one of the labels
/// that happened to be fast.
///
/// Interactions are looked at in cohorts, the buckets of the endpoint's logging. A cohort has matured when at least a
/// share of its stored interactions is labelled, or has waited for its label longer than the horizon. Younger ones are
/// shown and never judged.
///
/// Thread safety: values and pure functions over a read transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <holdfast/base/time.hpp>
#include <holdfast/export.hpp>
#include <holdfast/store/store.hpp>

namespace holdfast {

struct HOLDFAST_EXPORT Maturity {
    double share = 0.9;                 ///< that must be labelled or past the horizon: above 0, at most 1
    std::optional<Duration> horizon{};  ///< how long a label may take; none: for ever
    /// InvalidArgument, naming the member.
    void check() const;
    bool operator==(const Maturity&) const = default;
};

/// Interactions with an event time in (after, until].
struct LabelCohort {
    Time after{}, until{};
    std::int64_t interactions = 0;
    std::int64_t labelled = 0;
    std::int64_t settled = 0;  ///< labelled, or past the horizon
    bool matured = false;
};

/// The live cohorts of (after, until], as of `now` and of transactions up to `up_to`; oldest first.
[[nodiscard]] HOLDFAST_EXPORT std::vector<LabelCohort> label_cohorts(const store::Session& session,
                                                                     std::string_view endpoint, Time after, Time until,
                                                                     Time now, const Maturity& maturity,
                                                                     std::optional<std::int64_t> up_to = {});

/// What a window of cohorts comes to.
struct Matured {
    std::optional<Time> until{};  ///< the end of the newest cohort that has matured
    std::int64_t waiting = 0;     ///< interactions in cohorts that have not
    store::InteractionTable rows{};
};
/// Of labelled rows in the cohorts' stretch, those in cohorts that have matured.
[[nodiscard]] HOLDFAST_EXPORT Matured matured(std::span<const LabelCohort> cohorts,
                                              const store::InteractionTable& labelled);

}  // namespace holdfast

/// Champion against challenger, on a holdout that neither saw.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/policy/observation.hpp>
#include <holdfast/policy/promotion.hpp>
#include <holdfast/workspace/workspace.hpp>

#include "job.hpp"

namespace holdfast::detail {

/// What an observation of a comparison is about; kept in it, so that it can be made again.
struct Subject {
    std::string model;
    std::int64_t champion = 0;
    std::int64_t challenger = 0;
    std::string samples;           ///< hex digest of the sample manifest
    std::int64_t transaction = 0;  ///< up to which its rows and labels are read
    std::uint64_t seed = 0;        ///< of resampling, where the metric needs it
    bool trusted =
        false;  ///< the challenger's file may carry code, although it is not approved: its trainer was trusted

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Subject from_json(const Json& json);
};

/// What was seen, and the arithmetic of the models that were run for it, as Decision::arithmetic says it.
struct Compared {
    Observation seen;
    std::string arithmetic;
};

/// The observation of `subject` at `time`, of rows up to `transaction`, in that format; its holdout is of the sample
/// manifest's own.
[[nodiscard]] Compared observe_comparison(const Workspace& workspace, std::string_view endpoint,
                                          const PromoteIf& promote, const Subject& subject, Time time,
                                          std::int64_t transaction, std::int64_t format = Requirements{}.format);

}  // namespace holdfast::detail

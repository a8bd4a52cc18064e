/// observe: makes an Observation out of committed rows, and only of them, so that it can be made again.
///
/// Thread safety: a free function over a read transaction.
#pragma once

#include <optional>
#include <string_view>

#include <holdfast/export.hpp>
#include <holdfast/policy/observation.hpp>
#include <holdfast/workspace/workspace.hpp>

namespace holdfast {

/// Everything that `requirements` name, for `endpoint` at `time`, of rows committed up to `transaction` (the newest
/// where none is given). Windows end at `time`. What cannot be computed is absent. Comparisons are not observed here.
[[nodiscard]] HOLDFAST_EXPORT Observation observe(const Workspace& workspace, std::string_view endpoint,
                                                  const Requirements& requirements, Time time,
                                                  std::optional<std::int64_t> transaction = {});

}  // namespace holdfast

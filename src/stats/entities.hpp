/// Entities: intervals of metrics whose rows are not independent, by drawing whole entities anew.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <holdfast/stats/quality.hpp>

namespace holdfast::stats::detail {

/// InvalidArgument: an entity is not given for each row.
void check_entities(const QualityValue& result, std::size_t rows, std::span<const std::int64_t> entities);

/// Replaces the interval of a defined `result` by one of the entities that have a row in `keep`; makes it insufficient
/// where there are fewer than two, or where too few of the draws are defined. `value_of` computes the metric with other
/// weights, one a row; NaN where it is not defined.
void resample_entities(QualityValue& result, std::span<const std::int64_t> entities, const std::vector<bool>& keep,
                       std::span<const double> weights, const QualityOptions& options,
                       const std::function<double(std::span<const double>)>& value_of);

}  // namespace holdfast::stats::detail

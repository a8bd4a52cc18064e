/// A threshold as Python gives it: a number, or one of hf.thresholds. Include it beside <pybind11/stl.h>.
#pragma once

#include <variant>

#include <holdfast/stats/threshold.hpp>

namespace holdfast::bindings {

using GivenThreshold = std::variant<double, stats::Threshold>;

inline stats::Threshold as_threshold(const GivenThreshold& given) {
    return std::visit([](const auto& value) { return stats::Threshold(value); }, given);
}

}  // namespace holdfast::bindings

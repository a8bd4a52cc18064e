#include "stats/samples.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <holdfast/base/error.hpp>

namespace holdfast::stats::detail {
namespace {

std::vector<double> sorted_values(std::string_view test, std::string_view side, std::span<const double> values) {
    std::vector<double> kept;
    kept.reserve(values.size());
    std::copy_if(values.begin(), values.end(), std::back_inserter(kept), [](double v) { return !std::isnan(v); });
    if (kept.empty()) {
        throw InvalidArgument(std::string(test) + ": the " + std::string(side) + " sample has " +
                              std::to_string(values.size()) + " rows and no value; at least one wanted");
    }
    std::sort(kept.begin(), kept.end());
    return kept;
}

}  // namespace

SamplePair sorted_pair(std::string_view test, std::span<const double> reference, std::span<const double> current) {
    SamplePair pair;
    pair.reference = sorted_values(test, "reference", reference);
    pair.current = sorted_values(test, "current", current);
    const std::size_t left_out = reference.size() + current.size() - pair.reference.size() - pair.current.size();
    if (left_out > 0) pair.note = std::to_string(left_out) + " missing values left out";
    return pair;
}

bool is_finite(const SamplePair& samples) {
    return std::isfinite(samples.reference.front()) && std::isfinite(samples.reference.back()) &&
           std::isfinite(samples.current.front()) && std::isfinite(samples.current.back());
}

int rescale(SamplePair& samples) {
    const double largest = std::max({-samples.reference.front(), samples.reference.back(), -samples.current.front(),
                                     samples.current.back(), std::numeric_limits<double>::denorm_min()});
    const int exponent = 2 * static_cast<int>(std::floor(0.5 * std::ilogb(largest))) + 2;
    for (auto* side : {&samples.reference, &samples.current}) {
        for (double& value : *side) value = std::ldexp(value, -exponent);
    }
    return exponent;
}

TestResult result_of(std::string_view test, std::int64_t reference_rows, std::int64_t current_rows) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    TestResult result;
    result.test = std::string(test);
    result.statistic = result.p_value = result.effect = nan;
    result.interval = {nan, nan, 0.95};
    result.reference_rows = reference_rows;
    result.current_rows = current_rows;
    return result;
}

void remark(std::string& note, std::string_view text) {
    if (!note.empty()) note += "; ";
    note += text;
}

}  // namespace holdfast::stats::detail

/// Samples as the tests want them: without NaN, sorted, and never empty.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/stats/types.hpp>

namespace holdfast::stats::detail {

struct SamplePair {
    std::vector<double> reference, current;  ///< ascending
    std::string note;                        ///< how many NaNs were left out
    [[nodiscard]] std::int64_t n() const { return static_cast<std::int64_t>(reference.size()); }
    [[nodiscard]] std::int64_t m() const { return static_cast<std::int64_t>(current.size()); }
};
/// InvalidArgument when a sample has no value.
[[nodiscard]] SamplePair sorted_pair(std::string_view test, std::span<const double> reference,
                                     std::span<const double> current);

[[nodiscard]] bool is_finite(const SamplePair& samples);
/// Divides both samples by 2^e, e even, so that what is largest is below 1 and squares stay in range; returns e.
/// Finite.
int rescale(SamplePair& samples);

/// The result's names and sizes; NaN where a test has nothing to say.
[[nodiscard]] TestResult result_of(std::string_view test, std::int64_t reference_rows, std::int64_t current_rows);
/// Adds to a note what the reader must know, behind what stands there.
void remark(std::string& note, std::string_view text);

}  // namespace holdfast::stats::detail

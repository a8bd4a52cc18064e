/// Line: the threshold that a rule compares with, and how many past windows it is made of.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <holdfast/stats/threshold.hpp>

#include "policy/members.hpp"

namespace holdfast::detail {

class Line {
  public:
    /// `past` windows of the extent of `over`. InvalidArgument, beginning with `what`: windows given to a constant,
    /// fewer than the threshold wants, over 1,000, or so long that no time is as far away.
    Line(const std::string& what, stats::Threshold threshold, std::int64_t past, const Window& over);

    /// NaN where too few of the windows have a value.
    [[nodiscard]] double of(std::span<const double> past) const { return threshold_.of(past); }
    [[nodiscard]] const stats::Threshold& threshold() const noexcept { return threshold_; }

    // Words of a reason.
    /// "0.45", "0.4712, hf.thresholds.quantile(0.9) of 28 past windows"; on its side of `value`.
    [[nodiscard]] std::string told(double value, std::span<const double> past) const;
    /// "needs 10 past windows, has 4".
    [[nodiscard]] std::string lacking(std::span<const double> past) const;
    /// Adds what it was made of.
    void add_numbers(Json& numbers, std::span<const double> past) const;

    // As the rule is stored and written.
    void add_members(Json& rule, std::string_view key) const;
    [[nodiscard]] std::string python() const;
    /// ", past=50" where it is not the usual number.
    [[nodiscard]] std::string python_past() const;

  private:
    stats::Threshold threshold_;
    std::int64_t past_;
};

/// Where none are given: none for a constant, else 30, or as many as the threshold wants.
[[nodiscard]] std::int64_t usual_past(const stats::Threshold& threshold);

struct LineMembers {
    stats::Threshold threshold;
    std::int64_t past;
};
[[nodiscard]] LineMembers read_line(Members& members, std::string_view key);

}  // namespace holdfast::detail

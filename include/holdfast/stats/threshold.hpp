/// Threshold: where a line is drawn, as a value: a constant, or what past windows make of it.
///
///     Threshold::constant(0.1), Threshold::standard_deviations(3.0), Threshold::quantile(0.99)
///
/// Past windows are windows of the same size that were as they should be. What they make is an estimate, and is taken
/// as given afterwards. The objects are modelled on NannyML's ConstantThreshold and StandardDeviationThreshold.
///
/// Thread safety: a value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>

namespace holdfast::stats {

/// What standard deviations are counted from.
enum class ThresholdCenter : std::uint8_t { mean, median };

class HOLDFAST_EXPORT Threshold {
  public:
    Threshold(double value) : Threshold(constant(value)) {}  // NOLINT(google-explicit-constructor)

    /// InvalidArgument: not finite.
    [[nodiscard]] static Threshold constant(double value);
    /// Centre plus `multiplier` unbiased standard deviations of the past values. InvalidArgument: a multiplier that is
    /// not finite, fewer than 2 windows.
    [[nodiscard]] static Threshold standard_deviations(double multiplier = 3.0,
                                                       ThresholdCenter center = ThresholdCenter::mean,
                                                       std::int64_t min_windows = 10);
    /// The quantile of the past values, linear between them (type 7 of Hyndman and Fan 1996, numpy's default).
    /// InvalidArgument: outside [0, 1], fewer than 1 window.
    [[nodiscard]] static Threshold quantile(double quantile = 0.99, std::int64_t min_windows = 10);

    /// NaN where fewer than min_windows past values are finite: what it was to judge is insufficient.
    [[nodiscard]] double of(std::span<const double> past) const;
    [[nodiscard]] bool is_constant() const noexcept { return kind_ == Kind::constant; }
    /// How many past values it wants; 0 for a constant.
    [[nodiscard]] std::int64_t min_windows() const noexcept { return min_windows_; }

    [[nodiscard]] Json to_json() const;                          ///< a constant: the number
    [[nodiscard]] static Threshold from_json(const Json& json);  ///< InvalidArgument naming the member
    [[nodiscard]] std::string to_string() const;                 ///< as it is written in Python

    bool operator==(const Threshold&) const = default;

  private:
    enum class Kind : std::uint8_t { constant, standard_deviations, quantile };
    Threshold(Kind kind, double value, ThresholdCenter center, std::int64_t min_windows)
        : kind_(kind), value_(value), center_(center), min_windows_(min_windows) {}

    Kind kind_;
    double value_;
    ThresholdCenter center_;
    std::int64_t min_windows_;
};

}  // namespace holdfast::stats

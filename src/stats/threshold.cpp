#include <holdfast/stats/threshold.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include <holdfast/base/error.hpp>

#include "stats/compensated.hpp"

namespace holdfast::stats {
namespace {

std::string exact_text(double value) {
    std::array<char, 64> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), end};
}

[[noreturn]] void refuse(std::string_view what, const std::string& seen, std::string_view wanted) {
    throw InvalidArgument("threshold: " + std::string(what) + " " + seen + " given, " + std::string(wanted) +
                          " wanted");
}

double check_finite(std::string_view what, double value) {
    if (!std::isfinite(value)) refuse(what, exact_text(value), "a finite number");
    return value;
}

std::int64_t check_windows(std::int64_t min_windows, std::int64_t least) {
    if (min_windows < least) refuse("min_windows", std::to_string(min_windows), "at least " + std::to_string(least));
    return min_windows;
}

/// Between the order statistics of an ascending sample, which is not empty.
double quantile_of(const std::vector<double>& sorted, double quantile) {
    const double position = quantile * static_cast<double>(sorted.size() - 1);
    const double below = std::floor(position);
    const auto i = static_cast<std::size_t>(below);
    if (i + 1 >= sorted.size()) return sorted.back();
    return sorted[i] + (position - below) * (sorted[i + 1] - sorted[i]);
}

double mean_of(const std::vector<double>& values) {
    detail::CompensatedSum sum;
    for (const double value : values) sum.add(value);
    return sum.value() / static_cast<double>(values.size());
}

double standard_deviation_of(const std::vector<double>& values) {
    const double mean = mean_of(values);
    detail::CompensatedSum squares;
    for (const double value : values) squares.add((value - mean) * (value - mean));
    return std::sqrt(squares.value() / static_cast<double>(values.size() - 1));
}

template <class T>
T member(const Json& json, std::string_view key, T otherwise, T (Json::*read)() const) {
    const Json* found = json.find(key);
    return found == nullptr ? otherwise : (found->*read)();
}

void check_members(const Json& json, std::string_view name, std::initializer_list<std::string_view> known) {
    for (const auto& [key, value] : json.as_object()) {
        if (std::find(known.begin(), known.end(), key) == known.end())
            throw InvalidArgument("threshold \"" + std::string(name) + "\": unknown member \"" + key + "\"");
    }
}

ThresholdCenter parse_center(const std::string& name) {
    if (name == "mean") return ThresholdCenter::mean;
    if (name == "median") return ThresholdCenter::median;
    refuse("center", "\"" + name + "\"", "\"mean\" or \"median\"");
}

}  // namespace

Threshold Threshold::constant(double value) {
    return {Kind::constant, check_finite("value", value), ThresholdCenter::mean, 0};
}

Threshold Threshold::standard_deviations(double multiplier, ThresholdCenter center, std::int64_t min_windows) {
    return {Kind::standard_deviations, check_finite("multiplier", multiplier), center, check_windows(min_windows, 2)};
}

Threshold Threshold::quantile(double quantile, std::int64_t min_windows) {
    if (!(quantile >= 0.0 && quantile <= 1.0)) refuse("quantile", exact_text(quantile), "0 to 1");
    return {Kind::quantile, quantile, ThresholdCenter::mean, check_windows(min_windows, 1)};
}

double Threshold::of(std::span<const double> past) const {
    if (kind_ == Kind::constant) return value_;
    std::vector<double> values;
    std::copy_if(past.begin(), past.end(), std::back_inserter(values), [](double x) { return std::isfinite(x); });
    if (static_cast<std::int64_t>(values.size()) < min_windows_) return std::numeric_limits<double>::quiet_NaN();
    std::sort(values.begin(), values.end());
    if (kind_ == Kind::quantile) return quantile_of(values, value_);
    const double center = center_ == ThresholdCenter::mean ? mean_of(values) : quantile_of(values, 0.5);
    return center + value_ * standard_deviation_of(values);
}

Json Threshold::to_json() const {
    if (kind_ == Kind::constant) return value_;
    if (kind_ == Kind::quantile)
        return Json::object({{"threshold", "quantile"}, {"quantile", value_}, {"min_windows", min_windows_}});
    return Json::object({{"threshold", "standard_deviations"},
                         {"multiplier", value_},
                         {"center", center_ == ThresholdCenter::mean ? "mean" : "median"},
                         {"min_windows", min_windows_}});
}

Threshold Threshold::from_json(const Json& json) {
    if (!json.is_object()) return constant(json.as_double());
    const std::string& name = json.at("threshold").as_string();
    const std::int64_t windows = member<std::int64_t>(json, "min_windows", 10, &Json::as_int);
    if (name == "quantile") {
        check_members(json, name, {"threshold", "quantile", "min_windows"});
        return quantile(member(json, "quantile", 0.99, &Json::as_double), windows);
    }
    if (name != "standard_deviations")
        throw InvalidArgument("threshold \"" + name + "\" is unknown; wanted: standard_deviations, quantile");
    check_members(json, name, {"threshold", "multiplier", "center", "min_windows"});
    const Json* center = json.find("center");
    return standard_deviations(member(json, "multiplier", 3.0, &Json::as_double),
                               center == nullptr ? ThresholdCenter::mean : parse_center(center->as_string()), windows);
}

std::string Threshold::to_string() const {
    if (kind_ == Kind::constant) return exact_text(value_);
    const std::string windows = min_windows_ == 10 ? "" : ", min_windows=" + std::to_string(min_windows_);
    if (kind_ == Kind::quantile) return "hf.thresholds.quantile(" + exact_text(value_) + windows + ")";
    const std::string center = center_ == ThresholdCenter::mean ? "" : ", center=\"median\"";
    return "hf.thresholds.standard_deviations(" + exact_text(value_) + center + windows + ")";
}

}  // namespace holdfast::stats

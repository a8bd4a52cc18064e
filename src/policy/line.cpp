#include "policy/line.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "policy/wording.hpp"

namespace holdfast::detail {
namespace {

constexpr std::int64_t most_past = 1000;

std::int64_t with_value(std::span<const double> past) {
    return std::ranges::count_if(past, [](double value) { return std::isfinite(value); });
}

}  // namespace

std::int64_t usual_past(const stats::Threshold& threshold) {
    return threshold.is_constant() ? 0 : std::max<std::int64_t>(30, threshold.min_windows());
}

Line::Line(const std::string& what, stats::Threshold threshold, std::int64_t past, const Window& over)
    : threshold_(std::move(threshold)), past_(past) {
    const std::string given = what + ": past " + std::to_string(past_) + " given";
    if (threshold_.is_constant() && past_ != 0)
        throw InvalidArgument(given + " with the threshold " + python() + "; one that is made of past windows wanted");
    if (past_ < threshold_.min_windows())
        throw InvalidArgument(given + ", at least the " + std::to_string(threshold_.min_windows()) +
                              " min_windows of its threshold wanted");
    if (past_ > most_past) throw InvalidArgument(given + ", at most " + std::to_string(most_past) + " wanted");
    const std::int64_t extent = over.is_rows() ? over.row_count() : over.duration().count();
    if (extent > std::numeric_limits<std::int64_t>::max() / 2 / (past_ + 2))
        throw InvalidArgument(what + ": over " + over.to_string() + " given, shorter windows wanted");
}

std::string Line::told(double value, std::span<const double> past) const {
    if (threshold_.is_constant()) return python();
    return rounded_text(of(past), value) + ", " + python() + " of " + counted(with_value(past), "past window");
}

std::string Line::lacking(std::span<const double> past) const {
    return "needs " + counted(threshold_.min_windows(), "past window") + ", has " + std::to_string(with_value(past));
}

void Line::add_numbers(Json& numbers, std::span<const double> past) const {
    numbers["threshold"] = of(past);
    if (!threshold_.is_constant()) numbers["past_windows"] = with_value(past);
}

void Line::add_members(Json& rule, std::string_view key) const {
    rule[key] = threshold_.to_json();
    if (!threshold_.is_constant()) rule["past"] = past_;
}

std::string Line::python() const {
    return threshold_.is_constant() ? exact_text(threshold_.of({})) : threshold_.to_string();
}

std::string Line::python_past() const {
    return past_ == usual_past(threshold_) ? "" : ", past=" + std::to_string(past_);
}

LineMembers read_line(Members& members, std::string_view key) {
    stats::Threshold threshold = members.get(key, stats::Threshold::from_json);
    const std::int64_t past = members.optional("past") == nullptr ? usual_past(threshold) : members.integer("past");
    return {std::move(threshold), past};
}

}  // namespace holdfast::detail

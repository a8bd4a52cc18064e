#include <holdfast/stats/multiplicity.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <holdfast/base/error.hpp>

namespace holdfast::stats {
namespace {

constexpr std::array<std::pair<Correction, std::string_view>, 4> names{{{Correction::bonferroni, "bonferroni"},
                                                                        {Correction::holm, "holm"},
                                                                        {Correction::benjamini_hochberg, "bh"},
                                                                        {Correction::benjamini_yekutieli, "by"}}};

/// Positions by ascending p-value, NaN last; equal ones in the order given.
std::vector<std::size_t> ascending(std::span<const double> p_values) {
    for (const double p : p_values) {
        if (!std::isnan(p) && !(p >= 0.0 && p <= 1.0))
            throw InvalidArgument("correction: a p-value of " + std::to_string(p) + " given, 0 to 1 wanted");
    }
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&](std::size_t i) { return std::isnan(p_values[i]) ? 2.0 : p_values[i]; };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    return order;
}

/// What the p-value of rank r (1 the smallest) of m is multiplied by.
double factor(Correction correction, double rank, double m, double harmonic) {
    switch (correction) {
        case Correction::bonferroni: return m;
        case Correction::holm: return m - rank + 1.0;
        case Correction::benjamini_hochberg: return m / rank;
        case Correction::benjamini_yekutieli: return harmonic * m / rank;
    }
    return m;
}

double harmonic_number(std::size_t m) {
    double sum = 0.0;
    for (std::size_t i = m; i >= 1; --i) sum += 1.0 / static_cast<double>(i);
    return sum;
}

bool steps_up(Correction correction) {
    return correction == Correction::benjamini_hochberg || correction == Correction::benjamini_yekutieli;
}

}  // namespace

std::string_view to_string(Correction correction) noexcept {
    for (const auto& [value, name] : names) {
        if (value == correction) return name;
    }
    return "";
}

Correction parse_correction(std::string_view name) {
    for (const auto& [value, known] : names) {
        if (known == name) return value;
    }
    throw InvalidArgument("correction \"" + std::string(name) + "\" is unknown; wanted: bonferroni, holm, bh, by");
}

std::vector<double> corrected(Correction correction, std::span<const double> p_values) {
    const auto order = ascending(p_values);
    const auto m = static_cast<double>(p_values.size());
    const double harmonic = harmonic_number(p_values.size());
    std::vector<double> result(p_values.begin(), p_values.end());
    const auto step = [&](std::size_t i, double before, bool up) {
        double& p = result[order[i]];
        if (std::isnan(p)) return before;
        p = std::min(1.0, p * factor(correction, static_cast<double>(i + 1), m, harmonic));
        return p = up ? std::min(p, before) : std::max(p, before);
    };
    if (steps_up(correction)) {
        double smallest = 1.0;
        for (std::size_t i = order.size(); i-- > 0;) smallest = step(i, smallest, true);
    } else {
        double largest = 0.0;
        for (std::size_t i = 0; i < order.size(); ++i) largest = step(i, largest, false);
    }
    return result;
}

std::vector<double> bound_levels(Correction correction, std::span<const double> p_values, double alpha) {
    if (!(alpha > 0.0 && alpha < 1.0))
        throw InvalidArgument("correction: alpha is " + std::to_string(alpha) + ", between 0 and 1 wanted");
    const auto p = corrected(correction, p_values);
    const auto m = static_cast<double>(p.size());
    const auto claims = static_cast<double>(std::count_if(p.begin(), p.end(), [&](double x) { return x <= alpha; }));
    if (correction == Correction::holm && claims > 0.0) {
        const double open = m - claims;
        std::vector<double> levels(p.size(), 0.0);
        for (std::size_t i = 0; i < levels.size(); ++i) {
            if (open > 0.0 && !(p[i] <= alpha)) levels[i] = alpha / open;
            if (open == 0.0 && p_values[i] <= alpha / m) levels[i] = alpha / m;
        }
        return levels;
    }
    double level = alpha / m;
    if (steps_up(correction)) level *= std::max(1.0, claims);
    if (correction == Correction::benjamini_yekutieli) level /= harmonic_number(p.size());
    return std::vector<double>(p.size(), level);
}

}  // namespace holdfast::stats

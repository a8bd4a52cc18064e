#include <holdfast/stats/autocorrelation.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::stats {
namespace {

constexpr std::int64_t most_lags = 2000;
constexpr std::size_t most_values = 8;

/// Sum of x[i] x[i + lag], in eight lanes whatever the machine's width.
double lagged_product(std::span<const double> x, std::size_t lag) {
    std::array<double, 8> lanes{};
    const std::size_t n = x.size() - lag;
    std::size_t i = 0;
    for (; i + lanes.size() <= n; i += lanes.size()) {
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) lanes[lane] += x[i + lane] * x[i + lane + lag];
    }
    for (; i < n; ++i) lanes[i % lanes.size()] += x[i] * x[i + lag];
    return ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) + ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
}

/// Distances from the mean in units of the largest, so that squares stay in range; empty for a constant.
std::vector<double> centred(std::span<const double> series) {
    std::vector<double> x(series.begin(), series.end());
    double largest = 0.0;
    for (const double value : x) largest = std::max(largest, std::abs(value));
    if (largest == 0.0) return {};
    for (double& value : x) value /= largest;
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
    double widest = 0.0;
    for (double& value : x) widest = std::max(widest, std::abs(value -= mean));
    if (widest <= 1e-15) return {};
    for (double& value : x) value /= widest;
    return x;
}

/// Midranks.
std::vector<double> ranks_of(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
        for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = 0.5 * static_cast<double>(begin + end - 1);
    }
    return ranks;
}

double time_of_numbers(const Column& column) {
    std::vector<double> finite, present;
    for (const double value : column.as_doubles()) {
        present.push_back(std::isfinite(value) ? 1.0 : 0.0);
        if (std::isfinite(value)) finite.push_back(value);
    }
    const double of_values = std::max(autocorrelation_time(finite), autocorrelation_time(ranks_of(finite)));
    return std::max(of_values, autocorrelation_time(present));
}

double time_of_values(const Column& column) {
    std::map<std::string, std::pair<std::int64_t, std::size_t>> seen;  // rows, and the position in order of appearance
    std::vector<std::size_t> codes;
    for (std::int64_t row = 0; row < column.size(); ++row) {
        const std::string key = column.is_valid(row) ? "=" + column.value_text(row) : std::string();
        auto& [rows, code] = seen.try_emplace(key, 0, seen.size()).first->second;
        ++rows;
        codes.push_back(code);
    }
    std::vector<std::pair<std::int64_t, std::size_t>> frequent;
    for (const auto& [key, value] : seen) frequent.emplace_back(-value.first, value.second);
    std::sort(frequent.begin(), frequent.end());
    frequent.resize(std::min(frequent.size(), most_values));
    double longest = 1.0;
    std::vector<double> indicator(codes.size());
    for (const auto& [rows, code] : frequent) {
        std::transform(codes.begin(), codes.end(), indicator.begin(),
                       [one = code](std::size_t value) { return value == one ? 1.0 : 0.0; });
        longest = std::max(longest, autocorrelation_time(indicator));
    }
    return longest;
}

}  // namespace

double autocorrelation_time(std::span<const double> series) {
    const std::vector<double> x = series.size() < 4 ? std::vector<double>{} : centred(series);
    if (x.empty()) return 1.0;
    const double variance = lagged_product(x, 0);
    const std::int64_t lags = std::min(static_cast<std::int64_t>(x.size()) / 2, most_lags);
    double sum = 0.0, before = 2.0;
    std::int64_t lag = 0;
    for (; lag + 1 < lags || lag == 0; lag += 2) {
        const auto at = static_cast<std::size_t>(lag);
        const double pair = (lagged_product(x, at) + lagged_product(x, at + 1)) / variance;
        if (!(pair > 0.0)) break;
        sum += before = std::min(before, pair);
    }
    const auto n = static_cast<double>(x.size());
    const double tau = std::max(1.0, 2.0 * sum - 1.0);
    return std::min(n, tau * (1.0 + std::sqrt(2.0 * (2.0 * static_cast<double>(lag) + 1.0) / n)));
}

double autocorrelation_time(const Column& column) {
    const bool is_text = column.type() == ColumnType::string || column.type() == ColumnType::categorical;
    return is_text || column.type() == ColumnType::boolean ? time_of_values(column) : time_of_numbers(column);
}

double effective_rows(double reference, double current, double tau) noexcept {
    return 1.0 / ((tau - 1.0) / reference + tau / current);
}

}  // namespace holdfast::stats

// Politis and White, "Automatic block-length selection for the dependent bootstrap", Econometric Reviews 23, 2004, as
// corrected by Patton, Politis and White, 28, 2009: the circular bootstrap's length.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <holdfast/base/math.hpp>
#include <holdfast/stats/permutations.hpp>

#include "stats/compensated.hpp"

namespace holdfast::stats {
namespace {

using Sample = std::vector<double>;

Sample without_missing(std::span<const double> values) {
    Sample kept;
    std::copy_if(values.begin(), values.end(), std::back_inserter(kept), [](double v) { return !std::isnan(v); });
    return kept;
}

// Each value becomes its midrank in both samples, less its own sample's mean: so no value is too far out, and a shift
// between the samples is not taken for dependence.
void to_centred_ranks(Sample& a, Sample& b) {
    Sample all = a;
    all.insert(all.end(), b.begin(), b.end());
    std::sort(all.begin(), all.end());
    for (Sample* sample : {&a, &b}) {
        for (double& value : *sample) {
            const auto [first, last] = std::equal_range(all.begin(), all.end(), value);
            value = 0.5 * static_cast<double>((first - all.begin()) + (last - all.begin()) - 1);
        }
        detail::CompensatedSum sum;
        for (const double rank : *sample) sum.add(rank);
        for (double& rank : *sample) rank -= sum.value() / static_cast<double>(sample->size());
    }
}

double products(const Sample& sample, std::size_t lag) {
    double sum = 0.0;
    for (std::size_t i = lag; i < sample.size(); ++i) sum += sample[i] * sample[i - lag];
    return sum;
}

// Autocovariances at lags 0, 1, ...: up to twice the last lag behind which `calm` in a row are small.
std::vector<double> autocovariances(const Sample& a, const Sample& b, double rows) {
    const auto at = [&](std::size_t lag) { return (products(a, lag) + products(b, lag)) / rows; };
    const double log10_rows = math::log(rows) / math::log(10.0);
    const auto calm = static_cast<std::size_t>(std::max(5.0, std::ceil(std::sqrt(log10_rows))));
    const auto most = static_cast<std::size_t>(std::ceil(std::sqrt(rows))) + calm;
    std::vector<double> found{at(0)};
    const double small = 2.0 * std::sqrt(log10_rows / rows) * found[0];
    std::size_t quiet = 0;
    while (quiet < calm && found.size() <= most) {
        found.push_back(at(found.size()));
        quiet = std::abs(found.back()) < small ? quiet + 1 : 0;
    }
    const std::size_t last = std::min(2 * (found.size() - 1 - quiet), most);
    while (found.size() <= last) found.push_back(at(found.size()));
    found.resize(last + 1);
    return found;
}

}  // namespace

std::int64_t block_length(std::span<const double> reference, std::span<const double> current) {
    Sample a = without_missing(reference), b = without_missing(current);
    const auto rows = static_cast<double>(a.size() + b.size());
    const auto most = static_cast<std::int64_t>(std::min(a.size(), b.size()) / 2);
    if (most < 2) return 1;
    to_centred_ranks(a, b);
    const std::vector<double> covariance = autocovariances(a, b, rows);
    const auto lags = static_cast<double>(covariance.size() - 1);
    if (lags == 0.0) return 1;
    double sum = covariance[0], weighted = 0.0;
    for (std::size_t lag = 1; lag < covariance.size(); ++lag) {
        const auto k = static_cast<double>(lag);
        const double window = 2.0 * k <= lags ? 1.0 : 2.0 * (1.0 - k / lags);
        sum += 2.0 * window * covariance[lag];
        weighted += 2.0 * window * k * covariance[lag];
    }
    const double cube = 2.0 * weighted * weighted * rows / (4.0 / 3.0 * sum * sum);  // of the length
    std::int64_t length = 1;
    while (length < most && static_cast<double>(length * length * length) < cube) ++length;
    return length;
}

}  // namespace holdfast::stats

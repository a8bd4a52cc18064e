#include "stats/shares.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <holdfast/base/error.hpp>

#include "stats/compensated.hpp"
#include "stats/distributions.hpp"

namespace holdfast::stats::detail {
namespace {

// (p - q) n m: exact where counts times sizes are below 2^53.
double cross_gap(const CountPair& counts, std::size_t i) {
    return counts.reference[i] * counts.m - counts.current[i] * counts.n;
}

}  // namespace

CountPair count_pair(std::string_view test, std::span<const double> reference, std::span<const double> current) {
    const std::string name(test);
    if (reference.size() != current.size()) {
        throw InvalidArgument(name + ": " + std::to_string(reference.size()) + " reference counts and " +
                              std::to_string(current.size()) + " current counts; one a category on both sides wanted");
    }
    CountPair pair;
    CompensatedSum n, m;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        if (!(reference[i] >= 0.0 && current[i] >= 0.0 && std::isfinite(reference[i]) && std::isfinite(current[i]))) {
            throw InvalidArgument(name + ": counts " + std::to_string(reference[i]) + " and " +
                                  std::to_string(current[i]) + " of category " + std::to_string(i) +
                                  "; finite ones, 0 or more, wanted");
        }
        if (reference[i] == 0.0 && current[i] == 0.0) continue;
        pair.reference.push_back(reference[i]);
        pair.current.push_back(current[i]);
        n.add(reference[i]);
        m.add(current[i]);
    }
    pair.n = n.value();
    pair.m = m.value();
    if (pair.n == 0.0 || pair.m == 0.0) {
        throw InvalidArgument(name + ": the " + (pair.n == 0.0 ? "reference" : "current") +
                              " counts sum to zero; at least one row wanted");
    }
    return pair;
}

double total_variation_of(const CountPair& counts) {
    CompensatedSum sum;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        sum.add(std::abs(counts.reference[i] / counts.n - counts.current[i] / counts.m));
    }
    return 0.5 * sum.value();
}

double chi2_statistic(const CountPair& counts) {
    CompensatedSum sum;
    const double all = counts.n + counts.m;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        const double column = counts.reference[i] + counts.current[i];
        const double expected_n = column * counts.n / all, expected_m = column * counts.m / all;
        const double gap_n = counts.reference[i] - expected_n, gap_m = counts.current[i] - expected_m;
        sum.add(gap_n * gap_n / expected_n);
        sum.add(gap_m * gap_m / expected_m);
    }
    return sum.value();
}

CountPair smoothed(CountPair counts, double smoothing) {
    const auto smooth = [smoothing](std::vector<double>& side) {
        CompensatedSum sum;
        for (double& count : side) {
            if (count == 0.0) count = smoothing;
            sum.add(count);
        }
        return sum.value();
    };
    counts.n = smooth(counts.reference);
    counts.m = smooth(counts.current);
    return counts;
}

double psi_of(const CountPair& counts, double smoothing) {
    const CountPair pair = smoothed(counts, smoothing);
    CompensatedSum sum;
    for (std::size_t i = 0; i < pair.reference.size(); ++i) {
        const double p = pair.reference[i] / pair.n, q = pair.current[i] / pair.m;
        sum.add((q - p) * std::log(q / p));
    }
    return sum.value();
}

// Each category's p log(p / q) is taken with q - p, which sums to nothing: no term is negative, nothing cancels.
double kl_of(const CountPair& counts, double smoothing) {
    const CountPair pair = smoothed(counts, smoothing);
    CompensatedSum sum;
    for (std::size_t i = 0; i < pair.reference.size(); ++i) {
        const double gap = cross_gap(pair, i);
        sum.add(pair.current[i] / pair.m * relative_entropy(gap / (pair.current[i] * pair.n)));
    }
    return sum.value();
}

double g_statistic(const CountPair& counts) {
    CompensatedSum sum;
    const double all = counts.n + counts.m;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        const double column = counts.reference[i] + counts.current[i], gap = cross_gap(counts, i);
        sum.add(2.0 * column * (counts.n / all) * relative_entropy(gap / (column * counts.n)));
        sum.add(2.0 * column * (counts.m / all) * relative_entropy(-gap / (column * counts.m)));
    }
    return sum.value();
}

double hellinger_of(const CountPair& counts) {
    CompensatedSum sum;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        const double p = counts.reference[i] / counts.n, q = counts.current[i] / counts.m;
        const double gap = cross_gap(counts, i) / (counts.n * counts.m) / (std::sqrt(p) + std::sqrt(q));
        sum.add(gap * gap);
    }
    return std::min(1.0, std::sqrt(0.5 * sum.value()));
}

double l_infinity_of(const CountPair& counts) {
    double largest = 0.0;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        largest = std::max(largest, std::abs(cross_gap(counts, i)));
    }
    return largest / (counts.n * counts.m);
}

double js_divergence(const CountPair& counts) {
    CompensatedSum sum;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        const double p = counts.reference[i] / counts.n, q = counts.current[i] / counts.m;
        const double middle = 0.5 * (p + q);
        if (p > 0.0) sum.add(0.5 * p * std::log2(p / middle));
        if (q > 0.0) sum.add(0.5 * q * std::log2(q / middle));
    }
    return std::max(0.0, sum.value());
}

// TV(p, q) >= TV of the samples - Z, Z = half the sum of |(p_n - p) - (q_m - q)|. Either Z's mean is bounded by Jensen
// and its excess by McDiarmid, or the union over the 2^k - 2 subsets of categories by Hoeffding (Weissman et al. 2003).
double tv_lower_width(const CountPair& counts, double m, double alpha) {
    const double sizes = 1.0 / counts.n + 1.0 / m;
    CompensatedSum mean;
    for (std::size_t i = 0; i < counts.reference.size(); ++i) {
        const double p = (counts.reference[i] + 1.0) / (counts.n + 2.0);
        const double q = (counts.current[i] * (m / counts.m) + 1.0) / (m + 2.0);
        mean.add(0.5 * std::sqrt(p * (1.0 - p) / counts.n + q * (1.0 - q) / m));
    }
    const double by_mean = mean.value() + std::sqrt(0.5 * std::log(1.0 / alpha) * sizes);
    const double k = std::max(2.0, counts.categories());
    const double subsets = k < 50.0 ? std::log(std::exp2(k) - 2.0) : k * std::numbers::ln2;
    return std::min(by_mean, std::sqrt(0.5 * (subsets + std::log(1.0 / alpha)) * sizes));
}

NoncentralScale::NoncentralScale(std::string_view test, const CountPair& counts, double m)
    : is_root_(test == "js" || test == "chi2" || test == "hellinger"),
      per_unit_(0.0),
      degrees_(std::max(1.0, counts.categories() - 1.0)) {
    const double harmonic = counts.n * m / (counts.n + m);
    if (test == "psi") per_unit_ = harmonic;
    if (test == "js") per_unit_ = 8.0 * std::numbers::ln2 * harmonic;
    if (test == "kl") per_unit_ = 2.0 * harmonic;
    if (test == "hellinger") per_unit_ = 8.0 * harmonic;
    if (test == "chi2") per_unit_ = counts.n + m;
    if (test == "g_test") per_unit_ = 2.0 * std::numbers::ln2 * (counts.n + m);
}

double NoncentralScale::statistic_of(double effect) const { return per_unit_ * (is_root_ ? effect * effect : effect); }

double NoncentralScale::effect_of(double noncentrality) const {
    const double effect = noncentrality / per_unit_;
    return is_root_ ? std::sqrt(effect) : effect;
}

}  // namespace holdfast::stats::detail

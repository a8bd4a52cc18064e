#include <holdfast/stats/multiplicity.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include <holdfast/base/error.hpp>
#include <holdfast/base/rng.hpp>

namespace holdfast::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array corrections{Correction::bonferroni, Correction::holm, Correction::benjamini_hochberg,
                                 Correction::benjamini_yekutieli};

std::vector<double> random_p_values(Rng& rng, std::size_t m) {
    std::vector<double> p;
    for (std::size_t i = 0; i < m; ++i) p.push_back(std::pow(rng.uniform(), 3.0));
    return p;
}

/// Marcus, Peritz and Gabriel: a test's corrected p-value is the largest of all intersections that it is in. Holm's is
/// the closure of Bonferroni's.
std::vector<double> closed_bonferroni(const std::vector<double>& p) {
    std::vector<double> result(p.size(), 0.0);
    for (std::size_t subset = 1; subset < std::size_t{1} << p.size(); ++subset) {
        double smallest = 1.0, size = 0.0;
        for (std::size_t i = 0; i < p.size(); ++i) {
            if ((subset >> i & 1) == 0) continue;
            smallest = std::min(smallest, p[i]);
            ++size;
        }
        for (std::size_t i = 0; i < p.size(); ++i) {
            if ((subset >> i & 1) != 0) result[i] = std::max(result[i], std::min(1.0, size * smallest));
        }
    }
    return result;
}

/// Benjamini and Hochberg's own words: the largest k with p_(k) <= k level / m, and the k smallest are claimed.
bool claimed_by_step_up(const std::vector<double>& p, std::size_t i, double level) {
    std::vector<double> sorted = p;
    std::sort(sorted.begin(), sorted.end());
    double last = -1.0;
    for (std::size_t k = 1; k <= sorted.size(); ++k) {
        if (sorted[k - 1] <= static_cast<double>(k) * level / static_cast<double>(p.size())) last = sorted[k - 1];
    }
    return p[i] <= last;
}

// Benjamini and Hochberg 1995, section 4.1: the fifteen p-values of the trial of thrombolysis; at 0.05 Bonferroni
// claims the three smallest, theirs the four smallest.
const std::vector<double> thrombolysis{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                       0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};

std::int64_t claims(Correction correction, const std::vector<double>& p, double alpha) {
    const auto q = corrected(correction, p);
    return std::count_if(q.begin(), q.end(), [&](double x) { return x <= alpha; });
}

TEST(Multiplicity, AgreesWithBenjaminiAndHochbergsExample) {
    EXPECT_EQ(claims(Correction::bonferroni, thrombolysis, 0.05), 3);
    EXPECT_EQ(claims(Correction::holm, thrombolysis, 0.05), 3);
    EXPECT_EQ(claims(Correction::benjamini_hochberg, thrombolysis, 0.05), 4);
    const auto bh = corrected(Correction::benjamini_hochberg, thrombolysis);
    EXPECT_NEAR(bh[3], 15.0 / 4.0 * 0.0095, 1e-15);
    EXPECT_NEAR(bh[4], 15.0 / 5.0 * 0.0201, 1e-15);
    EXPECT_NEAR(bh[5], 15.0 / 7.0 * 0.0298, 1e-15);  // 15 / 6 times 0.0278 is larger than what stands behind it
}

TEST(Multiplicity, HolmIsTheClosureOfBonferroni) {
    Rng rng(1, "multiplicity", "holm");
    for (int i = 0; i < 200; ++i) {
        const auto p = random_p_values(rng, 1 + static_cast<std::size_t>(i % 8));
        const auto wanted = closed_bonferroni(p);
        const auto seen = corrected(Correction::holm, p);
        for (std::size_t j = 0; j < p.size(); ++j) ASSERT_NEAR(seen[j], wanted[j], 1e-15 * wanted[j]);
    }
}

TEST(Multiplicity, StepUpCorrectionsClaimWhatTheStepUpRuleClaims) {
    Rng rng(2, "multiplicity", "bh");
    for (int i = 0; i < 200; ++i) {
        const auto p = random_p_values(rng, 1 + static_cast<std::size_t>(i % 30));
        double harmonic = 0.0;
        for (std::size_t j = 1; j <= p.size(); ++j) harmonic += 1.0 / static_cast<double>(j);
        const auto bh = corrected(Correction::benjamini_hochberg, p),
                   by = corrected(Correction::benjamini_yekutieli, p);
        for (const double alpha : {0.01, 0.05, 0.2, 0.7}) {
            for (std::size_t j = 0; j < p.size(); ++j) {
                ASSERT_EQ(bh[j] <= alpha, claimed_by_step_up(p, j, alpha));
                ASSERT_EQ(by[j] <= alpha, claimed_by_step_up(p, j, alpha / harmonic));
            }
        }
    }
}

TEST(Multiplicity, ANanCountsInTheFamilyAndStaysOne) {
    for (const Correction correction : corrections) {
        const std::vector<double> p{0.02, nan, 0.001, 0.4}, with_one{0.02, 1.0, 0.001, 0.4};
        const auto seen = corrected(correction, p), wanted = corrected(correction, with_one);
        EXPECT_TRUE(std::isnan(seen[1]));
        for (const std::size_t i : {0U, 2U, 3U}) EXPECT_EQ(seen[i], wanted[i]);
        EXPECT_TRUE(corrected(correction, {}).empty());
        EXPECT_EQ(parse_correction(to_string(correction)), correction);
    }
    EXPECT_THROW(static_cast<void>(corrected(Correction::holm, std::vector<double>{1.5})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(bound_levels(Correction::holm, std::vector<double>{0.5}, 1.0)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(parse_correction("hochberg")), InvalidArgument);
}

// A one-sided test rejects at level a where its p-value is at most a: then its bound at that level excludes the value.
TEST(Multiplicity, BoundsAndCorrectedPValuesSayTheSame) {
    Rng rng(3, "multiplicity", "levels");
    for (int i = 0; i < 400; ++i) {
        const auto p = random_p_values(rng, 1 + static_cast<std::size_t>(i % 30));
        for (const Correction correction : corrections) {
            const auto q = corrected(correction, p);
            const auto levels = bound_levels(correction, p, 0.05);
            for (std::size_t j = 0; j < p.size(); ++j) {
                if (levels[j] == 0.0) {
                    ASSERT_LE(q[j], 0.05);
                    ASSERT_EQ(correction, Correction::holm);
                } else {
                    ASSERT_EQ(q[j] <= 0.05, p[j] <= levels[j]) << to_string(correction);
                }
            }
        }
    }
}

/// Ten normal means, of which some are at the value that is tested and some far from it.
struct Means {
    std::vector<double> truth, seen, p;
    explicit Means(Rng& rng) {
        const boost::math::normal normal;
        for (int i = 0; i < 10; ++i) {
            truth.push_back(i < 4 ? 0.0 : i < 7 ? 2.5 : 5.0);
            seen.push_back(truth.back() + boost::math::quantile(normal, rng.uniform() * (1.0 - 1e-12) + 5e-13));
            p.push_back(boost::math::cdf(boost::math::complement(normal, seen.back())));
        }
    }
    /// Lower bound of each mean at its level; where that is 0, the value tested.
    [[nodiscard]] double bound(std::size_t i, double level) const {
        if (level == 0.0) return 0.0;
        return seen[i] - boost::math::quantile(boost::math::complement(boost::math::normal{}, level));
    }
};

TEST(Multiplicity, BonferronisAndHolmsBoundsHoldTogether) {
    constexpr int repetitions = 4000;
    for (const Correction correction : {Correction::bonferroni, Correction::holm}) {
        Rng rng(4, "multiplicity", to_string(correction));
        int wrong = 0;
        for (int i = 0; i < repetitions; ++i) {
            const Means means(rng);
            const auto levels = bound_levels(correction, means.p, 0.1);
            bool any = false;
            for (std::size_t j = 0; j < 10; ++j) any = any || means.bound(j, levels[j]) > means.truth[j];
            wrong += any ? 1 : 0;
        }
        EXPECT_LE(wrong, repetitions * 0.1 + 3.0 * std::sqrt(repetitions * 0.09)) << to_string(correction);
    }
}

TEST(Multiplicity, StepUpBoundsKeepTheFalseCoverageRate) {
    constexpr int repetitions = 4000;
    for (const Correction correction : {Correction::benjamini_hochberg, Correction::benjamini_yekutieli}) {
        Rng rng(5, "multiplicity", to_string(correction));
        double rate = 0.0;
        for (int i = 0; i < repetitions; ++i) {
            const Means means(rng);
            const auto q = corrected(correction, means.p), levels = bound_levels(correction, means.p, 0.1);
            double claimed = 0.0, wrong = 0.0;
            for (std::size_t j = 0; j < 10; ++j) {
                if (q[j] > 0.1) continue;
                ++claimed;
                wrong += means.bound(j, levels[j]) > means.truth[j] ? 1.0 : 0.0;
            }
            rate += claimed == 0.0 ? 0.0 : wrong / claimed;
        }
        EXPECT_LE(rate / repetitions, 0.1 + 3.0 * std::sqrt(0.09 / repetitions)) << to_string(correction);
    }
}

}  // namespace
}  // namespace holdfast::stats

#include "stats/limit_laws.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace holdfast::stats::detail {
namespace {

// Expected numbers: one less the series of Anderson and Darling (Ann. Math. Stat. 23, 1952, eqs. 4.35 and 4.43), in 30
// to 160 digits.
TEST(LimitLaws, CramerVonMisesHasItsTail) {
    const auto near = [](double x, double wanted) { EXPECT_NEAR(cramer_von_mises_sf(x) / wanted, 1.0, 1e-11) << x; };
    near(0.02, 0.99699938569839812);
    near(0.05, 0.87628093104134899);
    near(0.3, 0.1351712688051058);
    near(0.46136, 0.050000383132651276);
    near(1.16786, 0.00099999091487455654);
    near(2.5, 9.7421002020215856e-7);
    near(5.0, 3.0539290331033875e-12);
    near(10.0, 4.1789410928852881e-23);
    near(60.0, 1.1921523064994654e-130);
    EXPECT_EQ(cramer_von_mises_sf(-1.0), 1.0);
    EXPECT_GT(cramer_von_mises_sf(140.0), 0.0);
    EXPECT_EQ(cramer_von_mises_sf(INFINITY), 0.0);
}

TEST(LimitLaws, AndersonDarlingHasItsTail) {
    const auto near = [](double x, double wanted) { EXPECT_NEAR(anderson_darling_sf(x) / wanted, 1.0, 1e-11) << x; };
    near(0.1, 0.99997192189487364);
    near(0.5, 0.74681437353034448);
    near(1.0, 0.35726667321401909);
    near(2.492, 0.050022186359607866);
    near(3.878, 0.010001409884500459);
    near(6.0, 0.00096745194152092292);
    near(12.0, 1.7102869993221187e-6);
    near(20.0, 4.4650715383119218e-10);
    near(40.0, 6.5341264414759556e-19);
    EXPECT_EQ(anderson_darling_sf(0.0), 1.0);
    EXPECT_GT(anderson_darling_sf(690.0), 0.0);
    EXPECT_EQ(anderson_darling_sf(INFINITY), 0.0);
}

TEST(LimitLaws, FallFromOneToNothingWithoutAStep) {
    for (const auto law : {cramer_von_mises_sf, anderson_darling_sf}) {
        double before = 1.0;
        for (double x = 0.001; x < 300.0; x *= 1.01) {
            const double p = law(x);
            EXPECT_LE(p, before * (1.0 + 1e-12)) << x;
            before = p;
        }
    }
}

}  // namespace
}  // namespace holdfast::stats::detail

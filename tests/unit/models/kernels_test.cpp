#include "models/kernels/kernels.hpp"
#include "models/kernels/functions.hpp"
#include "models/kernels/machines.hpp"

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include <holdfast/base/math.hpp>

namespace holdfast::kernels {
namespace {

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

/// One run for each instruction set that this machine has.
class EveryTarget : public testing::TestWithParam<std::int64_t> {
  protected:
    void SetUp() override {
        hwy::SetSupportedTargetsForTest(GetParam());
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
    void TearDown() override {
        hwy::SetSupportedTargetsForTest(0);
        hwy::GetChosenTarget().DeInit();
    }
};

std::vector<std::int64_t> targets() {
    std::vector<std::int64_t> list;
    for (std::int64_t rest = hwy::SupportedTargets() & HWY_TARGETS; rest != 0; rest &= rest - 1)
        list.push_back(rest & -rest);
    return list;
}

std::vector<double> values(std::size_t size, unsigned seed) {
    std::mt19937_64 random(seed);
    std::vector<double> out(size);
    for (double& x : out)
        x = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), static_cast<int>(random() % 40) - 83);
    return out;
}

TEST_P(EveryTarget, SumsHaveTheBitsOfTheReference) {
    for (std::int64_t size = 0; size < 70; ++size) {
        const auto a = values(static_cast<std::size_t>(size), 1), b = values(static_cast<std::size_t>(size), 2);
        EXPECT_EQ(bits(dot(a.data(), b.data(), size)), bits(reference::dot(a.data(), b.data(), size))) << size;
    }
}

TEST_P(EveryTarget, ScalesWithTheBitsOfTheReference) {
    for (std::int64_t width = 1; width < 20; ++width) {
        const std::int64_t rows = 3;
        const auto size = static_cast<std::size_t>(rows * width);
        const auto x = values(size, 3), offset = values(static_cast<std::size_t>(width), 4),
                   scale = values(static_cast<std::size_t>(width), 5);
        std::vector<double> seen(size), wanted(size);
        for (const bool divide : {false, true}) {
            for (const double* o : {offset.data(), static_cast<const double*>(nullptr)}) {
                for (const double* s : {scale.data(), static_cast<const double*>(nullptr)}) {
                    scale_rows(x.data(), rows, width, o, s, divide, seen.data());
                    reference::scale_rows(x.data(), rows, width, o, s, divide, wanted.data());
                    for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(bits(seen[i]), bits(wanted[i]));
                }
            }
        }
    }
}

TEST_P(EveryTarget, NarrowsWithTheBitsOfTheReference) {
    std::vector<double> x = values(37, 6);
    for (const double special : {0.0, -0.0, 1e300, -1e300, 1e-310, std::numeric_limits<double>::infinity(),
                                 1.0000000596046448, 3.4028235677973366e38})
        x.push_back(special);
    std::vector<float> seen(x.size()), wanted(x.size());
    narrow(x.data(), static_cast<std::int64_t>(x.size()), seen.data());
    reference::narrow(x.data(), static_cast<std::int64_t>(x.size()), wanted.data());
    for (std::size_t i = 0; i < x.size(); ++i)
        EXPECT_EQ(std::bit_cast<std::uint32_t>(seen[i]), std::bit_cast<std::uint32_t>(wanted[i])) << x[i];
    const double nan = std::numeric_limits<double>::quiet_NaN();
    narrow(&nan, 1, seen.data());
    EXPECT_TRUE(std::isnan(seen[0]));
}

TEST_P(EveryTarget, SupportVectorsSideBySideHaveTheBitsOfTheReference) {
    for (const std::int64_t count : {1, 7, 8, 19}) {
        for (std::int64_t width = 1; width < 20; ++width) {
            const std::int64_t rows = 3, groups = (count + 7) / 8;
            const auto vectors = values(static_cast<std::size_t>(count * width), 7);
            const auto x = values(static_cast<std::size_t>(rows * width), 8);
            const auto packed = side_by_side(vectors, width);
            std::vector<double> products(static_cast<std::size_t>(rows * groups * 8)), distances(products.size());
            dots(x.data(), rows, packed.data(), groups, width, products.data());
            squared_distances(x.data(), rows, packed.data(), groups, width, distances.data());
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t i = 0; i < count; ++i) {
                    const auto at = static_cast<std::size_t>(row * groups * 8 + i);
                    const double *a = &x[static_cast<std::size_t>(row * width)],
                                 *b = &vectors[static_cast<std::size_t>(i * width)];
                    EXPECT_EQ(bits(products[at]), bits(reference::dot(a, b, width)));
                    EXPECT_EQ(bits(distances[at]), bits(reference::squared_distance(a, b, width)));
                }
            }
        }
    }
}

TEST_P(EveryTarget, WeightedSumsSideBySideHaveTheBitsOfTheReference) {
    for (const std::int64_t rows : {1, 7, 8, 9, 16}) {
        const std::int64_t width = 5, count = 37, groups = (rows + 7) / 8, lanes = 8 * groups;
        const auto vectors = values(static_cast<std::size_t>(count * width), 11);
        const auto x = values(static_cast<std::size_t>(rows * width), 12);
        const auto weights = values(static_cast<std::size_t>(count), 13);
        std::vector<Eight> eights(static_cast<std::size_t>(groups * width), Eight{{9, 9, 9, 9, 9, 9, 9, 9}});
        side_by_side(x.data(), rows, width, eights.data());
        std::vector<double> products(static_cast<std::size_t>(count * lanes)),
            sums(static_cast<std::size_t>(lanes), 0.5);
        dots(vectors.data(), count, eights.data(), groups, width, products.data());
        add_weighted(weights.data(), products.data(), count, groups, sums.data());
        for (std::int64_t row = 0; row < lanes; ++row) {
            double wanted = 0.5;
            for (std::int64_t i = 0; i < count && row < rows; ++i) {
                const double *vector = &vectors[static_cast<std::size_t>(i * width)],
                             *of_row = &x[static_cast<std::size_t>(row * width)];
                wanted += weights[static_cast<std::size_t>(i)] * reference::dot(vector, of_row, width);
            }
            EXPECT_EQ(bits(sums[static_cast<std::size_t>(row)]), bits(wanted)) << rows << ' ' << row;
        }
    }
}

/// Where cases of the functions meet, and many at random; the size is no multiple of a vector's.
std::vector<double> arguments() {
    std::vector<double> x{0.0,
                          -0.0,
                          1.0,
                          -1.0,
                          0.34657,
                          -0.34657,
                          709.782712893384,
                          709.7827128933841,
                          710.0,
                          -708.0,
                          -709.0,
                          -744.0,
                          -745.1,
                          -745.133,
                          -745.1332191019411,
                          -745.2,
                          -1e308,
                          1e308,
                          5e-324,
                          -5e-324,
                          -707.7,
                          -708.4,
                          22.0,
                          -22.0};
    for (const double special : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        x.insert(x.end(), {special, -special});
    for (const double edge : {3.7252902984619141e-09, 0.25 * std::numbers::ln2, 0.75 * std::numbers::ln2, 1.0, 22.0}) {
        for (const double near : {std::nextafter(edge, 0.0), edge, std::nextafter(edge, 99.0)})
            x.insert(x.end(), {near, -near});
    }
    for (int k = 2; k < 64; ++k) x.push_back((k + 0.5) * 0.5 * std::numbers::ln2);
    std::mt19937_64 random(9);
    std::uniform_real_distribution<double> wide(-760.0, 760.0), narrow(-2.0, 2.0), between(-25.0, 25.0);
    for (int i = 0; i < 100'000; ++i) x.insert(x.end(), {wide(random), narrow(random), between(random)});
    x.resize(x.size() / 8 * 8 + 3);
    return x;
}

template <class Scalar>
void expect_bits(const std::vector<double>& seen, const std::vector<double>& x, Scalar scalar) {
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(bits(seen[i]), bits(scalar(x[i]))) << x[i];
}

TEST_P(EveryTarget, FunctionsHaveTheBitsOfTheScalarOnes) {
    const std::vector<double> x = arguments();
    const auto size = static_cast<std::int64_t>(x.size());
    std::vector<double> seen(x.size());
    exps(-0.75, x.data(), size, seen.data());
    expect_bits(seen, x, [](double value) { return math::exp(-0.75 * value); });
    exps(1.0, x.data(), size, seen.data());
    expect_bits(seen, x, [](double value) { return math::exp(value); });
    logistics(x.data(), size, seen.data());
    expect_bits(seen, x, [](double value) { return 1.0 / (1.0 + math::exp(-value)); });
    seen = x;
    tanhs(seen.data(), size, seen.data());
    expect_bits(seen, x, [](double value) { return math::tanh(value); });
}

std::string name_of(const testing::TestParamInfo<std::int64_t>& target) {
    std::string name = hwy::TargetName(target.param);
    std::erase(name, '-');
    return name;
}
INSTANTIATE_TEST_SUITE_P(Machine, EveryTarget, testing::ValuesIn(targets()), name_of);

TEST(Kernels, RunOnMoreThanOneTargetWhereTheMachineHasMore) {
    for (const std::int64_t target : targets()) RecordProperty(hwy::TargetName(target), "yes");
    EXPECT_FALSE(targets().empty());
}

}  // namespace
}  // namespace holdfast::kernels

#include <holdfast/stats/hll.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>

#include "stats/hashing.hpp"

namespace holdfast::stats {
namespace {

Hll of(std::int64_t first, std::int64_t last, int bits = 12) {
    Hll sketch(bits);
    for (std::int64_t i = first; i < last; ++i) sketch.add(detail::mixed(static_cast<std::uint64_t>(i)));
    return sketch;
}

// Appendix A of the paper, and the first and last lines of its reference implementation's table.
TEST(SipHash, GivesThePapersValues) {
    const detail::HashKey key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
    std::string bytes;
    for (char i = 0; i < 63; ++i) bytes.push_back(i);
    EXPECT_EQ(detail::siphash(key, bytes.substr(0, 15)), 0xa129ca6149be45e5U);
    EXPECT_EQ(detail::siphash(key, ""), 0x726fdb47dd0e0e31U);
    EXPECT_EQ(detail::siphash(key, bytes), 0x958a324ceb064572U);
}

// Of 300 counts within four standard errors about 0.02 are expected beyond.
TEST(Hll, CountsWithinItsErrorFromNoneToMillions) {
    EXPECT_EQ(Hll(12).estimate(), 0.0);
    EXPECT_TRUE(std::isnan(Hll().estimate()));
    std::int64_t begin = 0;
    double squares = 0.0;
    int counts = 0;
    for (const std::int64_t n : {1, 10, 100, 1000, 5000, 10'000, 20'000, 50'000, 100'000, 300'000}) {
        for (int repeat = 0; repeat < 30; ++repeat, begin += n, ++counts) {
            const Hll sketch = of(begin, begin + n);
            const double error = sketch.estimate() / static_cast<double>(n) - 1.0;
            EXPECT_LT(std::abs(error), 4.0 * sketch.standard_error()) << n;
            squares += error * error;
        }
    }
    EXPECT_LT(std::sqrt(squares / counts), 1.1 * Hll(12).standard_error());
    EXPECT_NEAR(of(0, 3'000'000, 16).estimate(), 3e6, 4.0 * Hll(16).standard_error() * 3e6);
}

TEST(Hll, MergesToTheBitInAnyOrder) {
    const Hll whole = of(0, 30'000);
    for (const int step : {1, 7, 13}) {
        std::vector<Hll> parts;
        for (int i = 0; i < 30; ++i) parts.push_back(of(1000 * i, 1000 * (i + 1) + 500));
        Hll merged = parts[0];
        for (int i = 1; i < 30; ++i) merged.merge(parts[static_cast<std::size_t>(i * step % 30)]);
        merged.merge(of(0, 30'000));
        Hll wanted = of(0, 30'500);
        EXPECT_EQ(merged, wanted);
    }
    Hll other = whole;
    other.merge(Hll(12, 7));
    EXPECT_FALSE(other.counts());
}

TEST(Hll, ComesBackFromItsBytesAndRefusesOthers) {
    for (const Hll& sketch : {Hll(), Hll(4), of(0, 100), of(0, 10'000), of(0, 50, 16)}) {
        std::vector<std::byte> bytes;
        sketch.encode(bytes);
        std::span<const std::byte> rest = bytes;
        EXPECT_EQ(Hll::decode(rest), sketch);
        EXPECT_TRUE(rest.empty());
        for (std::size_t size = 0; size < bytes.size(); size += 17) {
            std::span<const std::byte> cut(bytes.data(), size);
            EXPECT_THROW(static_cast<void>(Hll::decode(cut)), CorruptArtifact);
        }
        if (bytes.size() < 16) continue;
        bytes.back() = std::byte{200};  // a rank that no hash has
        rest = bytes;
        EXPECT_THROW(static_cast<void>(Hll::decode(rest)), CorruptArtifact);
    }
    EXPECT_THROW(Hll(3), InvalidArgument);
    EXPECT_THROW(Hll(17), InvalidArgument);
}

}  // namespace
}  // namespace holdfast::stats

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/fork.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/base/id.hpp>
#include <holdfast/base/rng.hpp>

namespace holdfast {
namespace {

// FIPS 180-4, NIST's examples.
TEST(Sha256, EqualsTheStandardsExamples) {
    EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(Sha256().update("a").update("").update("bc").finish(), sha256("abc"));
}

TEST(Sha256, MayBeFinishedOnce) {
    Sha256 hash;
    (void)hash.finish();
    EXPECT_THROW((void)hash.finish(), InternalError);
    EXPECT_THROW(hash.update("x"), InternalError);
}

TEST(Digest, ReadsItsOwnHex) {
    const auto digest = sha256("abc");
    EXPECT_EQ(Digest::from_hex(digest.hex()), digest);
    EXPECT_EQ(Digest::from_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), digest);
    EXPECT_THROW((void)Digest::from_hex("ba78"), InvalidArgument);
    EXPECT_THROW((void)Digest::from_hex(std::string(63, 'a') + "g"), InvalidArgument);
}

// The values were computed apart from this code; what is stored depends on them.
TEST(Rng, DrawsWhatSeedPurposeAndKeySay) {
    Rng rng(42, "sample", "row-7");
    EXPECT_EQ(rng(), 0x4700cf0cd98aa8ddU);
    EXPECT_EQ(rng(), 0x2630df7965c69061U);
    EXPECT_EQ(rng(), 0x7018059a2f0634a1U);
    EXPECT_NE(Rng(42, "sample", "row-8")(), Rng(42, "sample", "row-7")());
    EXPECT_NE(Rng(42, "ab", "c")(), Rng(42, "a", "bc")());
    EXPECT_NE(Rng(1, "a", "b")(), Rng(2, "a", "b")());
}

TEST(Rng, StaysInItsBounds) {
    Rng rng(1, "test", "bounds");
    std::array<int, 7> counts{};
    for (int i = 0; i < 70'000; ++i) ++counts[static_cast<std::size_t>(rng.below(7))];
    for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
    double sum = 0;
    for (int i = 0; i < 10'000; ++i) {
        const double u = rng.uniform();
        ASSERT_GE(u, 0.0);
        ASSERT_LT(u, 1.0);
        sum += u;
    }
    EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
    EXPECT_EQ(rng.below(1), 0);
    EXPECT_GE(rng.below(std::numeric_limits<std::int64_t>::max()), 0);
}

TEST(Rng, FromSystemDiffersInAForkedChild) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    (void)Rng::from_system();
    const pid_t child = ::fork();
    if (child == 0) {
        const auto drawn = Rng::from_system()();
        ::_exit(::write(ends[1], &drawn, sizeof drawn) == sizeof drawn ? 0 : 1);
    }
    std::uint64_t in_child = 0;
    ASSERT_EQ(::read(ends[0], &in_child, sizeof in_child), static_cast<ssize_t>(sizeof in_child));
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    EXPECT_NE(Rng::from_system()(), in_child);
}

TEST(Id, HoldsTextOrANumber) {
    EXPECT_EQ(Id("order-17").view(), "order-17");
    EXPECT_EQ(Id(std::int64_t{-5}).view(), "-5");
    EXPECT_EQ(Id(std::numeric_limits<std::int64_t>::min()).view(), "-9223372036854775808");
    EXPECT_EQ(Id(std::string(64, 'x')).view().size(), 64U);
    EXPECT_LT(Id("a"), Id("b"));
    EXPECT_EQ(Id("17"), Id(std::int64_t{17}));
}

TEST(Id, RefusesWhatIsNone) {
    EXPECT_THROW(Id(""), InvalidArgument);
    EXPECT_THROW(Id(std::string(65, 'x')), InvalidArgument);
    EXPECT_THROW(Id("\xed\xa0\x80"), InvalidArgument);
}

TEST(Id, Utf8IsRfc3629) {
    for (const auto* good :
         {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        EXPECT_TRUE(is_utf8(good)) << good;
    for (const auto* bad : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82", "\xe2\x28\xa1"})
        EXPECT_FALSE(is_utf8(bad)) << bad;
}

// RFC 9562, appendix A.6: the time of its example.
TEST(Id, Uuid7HasTimeVersionAndVariant) {
    Rng rng(1, "test", "uuid");
    const auto time = from_micros(1'645'557'742'000'000);
    const Id id = Id::uuid7(time, rng);
    const auto text = id.view();
    ASSERT_EQ(text.size(), 36U);
    EXPECT_EQ(text.substr(0, 15), "017f22e2-79b0-7");
    EXPECT_EQ(text[18], '-');
    EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos);
    EXPECT_LT(Id::uuid7(time, rng), Id::uuid7(time + Duration{1000}, rng));
    EXPECT_EQ(Id::uuid7(from_micros(-1), rng).view().substr(0, 13), "00000000-0000");
    std::set<Id> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(Id::uuid7(time, rng));
    EXPECT_EQ(ids.size(), 1000U);
}

TEST(ForkGuard, KnowsItsProcess) {
    const ForkGuard guard("workspace \"./line\"");
    EXPECT_TRUE(guard.in_owner());
    EXPECT_NO_THROW(guard.check());
    const pid_t child = ::fork();
    if (child == 0) {
        bool refused = false;
        try {
            guard.check();
        } catch (const UsedAfterFork& error) {
            refused = std::string(error.what()).find("workspace \"./line\"") == 0;
        }
        const ForkGuard own("own");
        ::_exit(refused && !guard.in_owner() && own.in_owner() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(guard.in_owner());
}

}  // namespace
}  // namespace holdfast

#include <gtest/gtest.h>

#include <sched.h>

#include <algorithm>

#include <holdfast/base/processors.hpp>

namespace holdfast {
namespace {

TEST(Processors, AreThoseThatTheProcessMayRunOn) {
    cpu_set_t set;
    ASSERT_EQ(::sched_getaffinity(0, sizeof(set), &set), 0);
    EXPECT_EQ(processors(), CPU_COUNT(&set));
}

TEST(ProcessorShare, IsOfWhatOthersLeaveAndNeverNone) {
    const int all = processors();
    const auto first = ProcessorShare::of_free(all + 3);
    EXPECT_EQ(first.threads(), all);
    EXPECT_EQ(ProcessorShare::of_free(2).threads(), 1);
}

TEST(ProcessorShare, IsGivenBack) {
    {
        const auto share = ProcessorShare::of_free(processors());
    }
    EXPECT_EQ(ProcessorShare::of_free(processors()).threads(), processors());
}

TEST(ProcessorShare, OfAnyIsWhatWasWantedAndOthersDoWithout) {
    const auto torch = ProcessorShare::of_any(processors() + 2);
    EXPECT_EQ(torch.threads(), processors() + 2);
    EXPECT_EQ(ProcessorShare::of_free(processors()).threads(), 1);
}

TEST(ProcessorShare, OfLessThanOneIsTheCallersOwn) { EXPECT_EQ(ProcessorShare::of_free(0).threads(), 1); }

}  // namespace
}  // namespace holdfast

#include <gtest/gtest.h>

#include <set>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/result.hpp>

namespace holdfast {
namespace {

TEST(ErrorTable, HasEveryCodeInOrderOnce) {
    const auto table = error_table();
    ASSERT_EQ(table.size(), static_cast<std::size_t>(ErrorCode::internal) + 1);
    std::set<std::string_view> names;
    std::set<std::string_view> exceptions;
    for (std::size_t i = 0; i < table.size(); ++i) {
        EXPECT_EQ(static_cast<std::size_t>(table[i].code), i);
        EXPECT_EQ(&traits(table[i].code), &table[i]);
        EXPECT_FALSE(table[i].python_builtin.empty());
        EXPECT_GE(table[i].http_status, 400);
        EXPECT_LT(table[i].http_status, 600);
        names.insert(table[i].name);
        exceptions.insert(table[i].exception);
    }
    EXPECT_EQ(names.size(), table.size());
    EXPECT_EQ(exceptions.size(), table.size());
}

TEST(ErrorTable, EveryCodeIsThrownAsItself) {
    for (const auto& row : error_table()) {
        try {
            throw_error(row.code, "model \"m\" missing");
            FAIL() << row.name;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), row.code) << row.name;
            EXPECT_STREQ(error.what(), "model \"m\" missing");
        }
    }
    EXPECT_THROW(throw_error(ErrorCode::not_found, ""), NotFound);
    EXPECT_THROW(throw_error(ErrorCode::lease_lost, ""), LeaseLost);
    EXPECT_THROW(throw_error(ErrorCode::internal, ""), InternalError);
}

TEST(Result, HoldsAValueOrAFailure) {
    Result<std::string> good = std::string("yes");
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, "yes");
    EXPECT_EQ(good->size(), 3U);

    const Result<std::string> bad = Failure{ErrorCode::queue_full, "queue of 8 is full"};
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::queue_full);
    EXPECT_THROW((void)bad.value(), QueueFull);
}

TEST(Result, CapturesAThrownError) {
    const auto result = capture([]() -> int { throw DeadlineExceeded("late"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::deadline_exceeded);
    EXPECT_EQ(result.error().message, "late");
    EXPECT_EQ(capture([] { return 3; }).value(), 3);
}

}  // namespace
}  // namespace holdfast

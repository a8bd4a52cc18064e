#include <gtest/gtest.h>

#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::TemporaryFolder;

class Labels : public ::testing::Test {
  protected:
    void say(std::string endpoint, LabelValue value, std::int64_t time) {
        store_.write([&](Session& session) { session.add_label({"a", endpoint, value, {from_micros(time), {}, 0}}); });
    }
    [[nodiscard]] std::size_t said() const {
        std::size_t count = 0;
        store_.read([&](const Session& session) { count = session.labels("a").size(); });
        return count;
    }

    TemporaryFolder folder_;
    Store store_{folder_.path()};
};

TEST_F(Labels, WhatTheNewestSaysIsNotSaidTwice) {
    say("", std::int64_t{1}, 10);
    say("", std::int64_t{1}, 10);
    EXPECT_EQ(said(), 1u);
    say("", std::string("one"), 10);
    say("", std::string("one"), 10);
    EXPECT_EQ(said(), 2u);
}

TEST_F(Labels, AnotherValueTypeTimeOrEndpointIsAnotherLabel) {
    say("", std::int64_t{1}, 10);
    say("", std::int64_t{2}, 10);
    say("", 2.0, 10);
    say("", 2.0, 11);
    say("e", 2.0, 11);
    EXPECT_EQ(said(), 5u);
}

TEST_F(Labels, ACorrectionMayGoBackToWhatWasSaidBefore) {
    say("", std::int64_t{1}, 10);
    say("", std::int64_t{0}, 10);
    say("", std::int64_t{1}, 10);
    EXPECT_EQ(said(), 3u);
}

TEST_F(Labels, OneForAllEndpointsOverridesOnesOwnAgain) {
    say("", std::int64_t{1}, 10);
    say("e", std::int64_t{0}, 10);
    say("", std::int64_t{1}, 10);
    EXPECT_EQ(said(), 3u);
}

}  // namespace
}  // namespace holdfast::store

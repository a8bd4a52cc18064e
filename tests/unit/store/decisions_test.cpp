#include <gtest/gtest.h>

#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::TemporaryFolder;

TEST(StoreDecisions, TheLastOfAnAction) {
    const TemporaryFolder folder;
    Store store(folder.path());
    std::vector<std::int64_t> transactions;
    for (const char* action : {"retrain", "promote", "retrain", "none"}) {
        transactions.push_back(store.write([&](Session& session) {
            session.add_decision({"a", 0, Json::object({{"action", action}}), nullptr, {}});
        }));
    }
    store.read([&](const Session& session) {
        EXPECT_EQ(session.last_decision("a", "", {})->sequence, 4);
        EXPECT_EQ(session.last_decision("a", "retrain", {})->sequence, 3);
        EXPECT_EQ(session.last_decision("a", "retrain", transactions[1])->sequence, 1);
        EXPECT_FALSE(session.last_decision("a", "reject", {}));
        EXPECT_FALSE(session.last_decision("b", "", {}));
    });
}

}  // namespace
}  // namespace holdfast::store

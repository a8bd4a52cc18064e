// Totals counted on from earlier ones are those of a count from the beginning.
#include <gtest/gtest.h>

#include <random>

#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::TemporaryFolder;

void log(Session& session, const std::string& endpoint, const std::string& id) {
    InteractionBatch batch;
    batch.endpoint = endpoint;
    batch.feature_columns = 1;
    batch.ids = {id};
    batch.times = {from_micros(1)};
    batch.values.add("x", Column::of(std::vector<double>{1.0}));
    session.add_interactions(batch);
}

Totals counted(const Store& store, std::optional<std::int64_t> up_to = {}, const std::optional<Totals>& since = {}) {
    Totals totals;
    store.read([&](const Session& session) { totals = session.totals("a", up_to, since); });
    return totals;
}

TEST(StoreTotals, CountedOnAreThoseCountedAnew) {
    const TemporaryFolder folder;
    Store store(folder.path());
    std::mt19937 random(7);
    std::vector<Totals> seen{Totals{}};
    for (int step = 0; step < 60; ++step) {
        store.write([&](Session& session) {
            for (int i = 0; i < 4; ++i) {
                const std::string id = "i" + std::to_string(random() % 80);
                switch (random() % 4) {
                    case 0: log(session, "a", id); break;
                    case 1: log(session, "b", id); break;
                    case 2: session.add_label({id, "", static_cast<std::int64_t>(random() % 3), {}}); break;
                    default: session.add_label({id, random() % 2 != 0 ? "a" : "b", 0.5 * (random() % 3), {}});
                }
            }
        });
        const Totals since = seen[random() % seen.size()];
        const Totals now = counted(store, {}, since);
        store.read([&](const Session& session) {
            InteractionQuery query;
            query.endpoint = "a";
            EXPECT_EQ(now.interactions, session.count_interactions(query));
            query.labelled = true;
            EXPECT_EQ(now.labelled, session.count_interactions(query));
            EXPECT_EQ(now.transaction, session.transaction());
        });
        seen.push_back(now);
    }
    // And as of any earlier transaction.
    for (std::size_t i = 1; i < seen.size(); ++i) {
        const Totals then = counted(store, seen[i].transaction, seen[random() % i]);
        EXPECT_EQ(then.interactions, seen[i].interactions);
        EXPECT_EQ(then.labelled, seen[i].labelled);
        EXPECT_EQ(then.last_label, seen[i].last_label);
    }
}

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

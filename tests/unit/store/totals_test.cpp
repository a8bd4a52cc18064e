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

void anything(Session& session, std::mt19937& random) {
    const std::string id = "i" + std::to_string(random() % 80);
    switch (random() % 4) {
        case 0: return log(session, "a", id);
        case 1: return log(session, "b", id);
        case 2: return session.add_label({id, "", static_cast<std::int64_t>(random() % 3), {}});
        default: return session.add_label({id, random() % 2 != 0 ? "a" : "b", 0.5 * (random() % 3), {}});
    }
}

Totals counted_on(const Store& store, std::optional<std::int64_t> up_to, const Totals& since) {
    Totals totals;
    store.read([&](const Session& session) { totals = session.totals("a", up_to, since); });
    return totals;
}

/// By the query that shows the rows.
Totals counted_anew(const Store& store) {
    Totals totals;
    store.read([&](const Session& session) {
        InteractionQuery query{.endpoint = "a"};
        totals.transaction = session.transaction();
        totals.interactions = session.count_interactions(query);
        query.labelled = true;
        totals.labelled = session.count_interactions(query);
    });
    return totals;
}

TEST(StoreTotals, CountedOnAreThoseCountedAnew) {
    const TemporaryFolder folder;
    Store store(folder.path());
    std::mt19937 random(7);
    std::vector<Totals> seen{Totals{}};
    for (int step = 0; step < 60; ++step) {
        store.write([&](Session& session) {
            for (int i = 0; i < 4; ++i) anything(session, random);
        });
        const Totals wanted = counted_anew(store);
        EXPECT_EQ(counted_on(store, {}, seen[random() % seen.size()]), wanted);
        seen.push_back(wanted);
    }
    // And as of any earlier transaction, even from a count that is younger.
    for (const Totals& then : seen) {
        EXPECT_EQ(counted_on(store, then.transaction, seen[random() % seen.size()]), then);
    }
}

TEST(StoreTotals, AreCountedAnewWhereInteractionsWereRemoved) {
    const TemporaryFolder folder;
    Store store(folder.path());
    std::mt19937 random(11);
    store.write([&](Session& session) {
        for (int i = 0; i < 100; ++i) anything(session, random);
    });
    const Totals before = counted_anew(store);
    store.write([](Session& session) { session.remove_before("a", from_micros(2), 10, "too old"); });
    const Totals after = counted_anew(store);
    EXPECT_LT(after.interactions, before.interactions);
    EXPECT_EQ(counted_on(store, {}, before), after);
}

}  // namespace
}  // namespace holdfast::store

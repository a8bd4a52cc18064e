// Retention and erasure: what goes, what is remembered of it, and that its bytes are gone.
#include <gtest/gtest.h>

#include <fstream>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

namespace fs = std::filesystem;
using holdfast::testing::TemporaryFolder;

InteractionBatch batch(const std::string& endpoint, std::vector<std::string> ids, std::vector<std::int64_t> times,
                       std::vector<std::string> notes, std::vector<std::string> entities = {}) {
    InteractionBatch rows;
    rows.endpoint = endpoint;
    rows.version = 1;
    rows.feature_columns = 1;
    rows.ids = std::move(ids);
    for (const std::int64_t time : times) rows.times.push_back(from_micros(time));
    rows.values.add("note", Column::strings(std::span<const std::string>(notes)));
    rows.entities = std::move(entities);
    return rows;
}

std::int64_t count(const Store& store, const std::string& endpoint) {
    std::int64_t rows = 0;
    store.read([&](const Session& s) { rows = s.count_interactions({.endpoint = endpoint}); });
    return rows;
}

bool anywhere(const fs::path& folder, std::string_view text) {
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
        if (file.is_regular_file() && as_text(read_file(file.path())).find(text) != std::string_view::npos) return true;
    }
    return false;
}

TEST(StoreRemovals, TakeTheOldestAndTheirLabelsAndRememberWhat) {
    const TemporaryFolder folder;
    Store store(folder.path(), {.clock = std::make_shared<SimulatedClock>(from_micros(9'000))});
    const auto logged = store.write([](Session& s) {
        s.add_interactions(batch("e", {"a", "b", "c", "d"}, {100, 200, 300, 400}, {"1", "2", "3", "4"}));
        s.add_interactions(batch("f", {"a"}, {100}, {"other"}));
        for (const char* id : {"a", "b", "c"}) s.add_label({id, "e", std::int64_t{1}, {}});
        s.add_label({"a", "", std::int64_t{1}, {}});
    });
    store.write([&](Session& s) {
        EXPECT_FALSE(s.remove_before("e", from_micros(100), 10, "older"));
        const auto removed = s.remove_before("e", from_micros(301), 2, "older");
        ASSERT_TRUE(removed);
        EXPECT_EQ(removed->interactions, 2);
        EXPECT_EQ(removed->labels, 2);  // everybody's label of "a" joins that of the other endpoint
        EXPECT_EQ(removed->first_event, from_micros(100));
        EXPECT_EQ(removed->last_event, from_micros(200));
        EXPECT_EQ(removed->first_transaction, logged);
        EXPECT_EQ(removed->last_transaction, logged);
        EXPECT_EQ(s.remove_before("e", from_micros(301), 2, "older")->interactions, 1);
    });
    EXPECT_EQ(count(store, "e"), 1);
    EXPECT_EQ(count(store, "f"), 1);
    store.read([&](const Session& s) {
        EXPECT_EQ(s.labels("a").size(), 1u);
        ASSERT_EQ(s.removals("e").size(), 2u);
        EXPECT_EQ(s.removals("e")[0].reason, "older");
        EXPECT_EQ(s.removals("e")[0].stamp.recorded_time, from_micros(9'000));
        EXPECT_TRUE(s.removals("f").empty());
        EXPECT_EQ(s.interactions({.endpoint = "f", .labelled = true}).rows.rows(), 1);
    });
}

TEST(StoreRemovals, KnowFromWhenOnRowsFit) {
    const TemporaryFolder folder;
    Store store(folder.path());
    store.write([](Session& s) { s.add_interactions(batch("e", {"a", "b", "c"}, {100, 200, 200}, {"x", "y", "z"})); });
    // Packed: one byte of validity, four of length, one of text.
    store.read([](const Session& s) {
        EXPECT_FALSE(s.fits_from("e", 18));
        EXPECT_EQ(s.fits_from("e", 17), from_micros(200));
        EXPECT_EQ(s.fits_from("e", 12), from_micros(200));
        EXPECT_EQ(s.fits_from("e", 11), Time::max());  // rows of one moment stay or go together
        EXPECT_FALSE(s.fits_from("none", 0));
    });
}

TEST(StoreRemovals, AreTakenFromTheExtentWhichKnowsUpToWhen) {
    const TemporaryFolder folder;
    Store store(folder.path(), {.clock = std::make_shared<SimulatedClock>(from_micros(9'000))});
    const auto extent = [&] {
        LogExtent now;
        store.read([&](const Session& s) { now = s.log_extent("e"); });
        return now;
    };
    EXPECT_EQ(extent().rows, 0);
    store.write([](Session& s) {
        s.add_interactions(
            batch("e", {"a", "b", "c", "d"}, {100, 200, 300, 400}, {"1", "2", "3", "four"}, {"x", "y", "", "y"}));
        s.add_interactions(batch("e", {"a"}, {100}, {"1"}));  // there already
        s.add_interactions(batch("f", {"a"}, {100}, {"other"}));
        s.add_label({"a", "", std::int64_t{1}, {}});
    });
    EXPECT_EQ(extent().rows, 4);
    EXPECT_EQ(extent().bytes, 3 * 6 + 9);  // packed: one byte of validity, four of length, and the text
    EXPECT_FALSE(extent().events_until);
    store.write([](Session& s) { s.remove_entity("y", "erased"); });
    EXPECT_EQ(extent().rows, 2);
    EXPECT_EQ(extent().bytes, 2 * 6);
    EXPECT_FALSE(extent().events_until);  // no stretch of time lacks its rows
    store.write([](Session& s) { s.remove_before("e", from_micros(250), 10, "older"); });
    EXPECT_EQ(extent().rows, 1);
    EXPECT_EQ(extent().events_until, from_micros(100));
    EXPECT_EQ(extent().unsummarised_until, from_micros(100));
    EXPECT_EQ(extent().labels_until, from_micros(9'000));
    store.write([](Session& s) { s.remove_before("e", from_micros(350), 10, "older"); });
    EXPECT_EQ(extent().events_until, from_micros(300));
    EXPECT_EQ(extent().labels_until, from_micros(9'000));
    EXPECT_EQ(extent().bytes, 0);
}

TEST(StoreRemovals, OfTheNewestRowsMakeTheNextOnesNewsToTheSums) {
    const TemporaryFolder folder;
    Store store(folder.path());
    const auto log = [&](const std::string& id, std::int64_t label) {
        store.write([&](Session& s) {
            s.add_interactions(batch("e", {id}, {100}, {"1"}, {"x"}));
            s.add_label({id, "e", label, {}});
        });
    };
    std::vector<LabelChange> changes;
    const auto sum_up = [&] {
        changes.clear();
        store.write([&](Session& s) {
            LabelProgress progress = s.labels_summed();
            while (progress != s.newest_rows()) {
                for (auto& change : s.label_changes(progress, 1)) changes.push_back(std::move(change));
            }
            s.put_labels_summed(progress);
        });
    };
    log("a", 1);
    log("b", 2);
    sum_up();
    EXPECT_EQ(changes.size(), 2u);
    store.write([&](Session& s) { s.add_label({"a", "", std::int64_t{3}, {}}); });
    sum_up();
    ASSERT_EQ(changes.size(), 2u);  // one goes, one comes
    EXPECT_FALSE(changes[0].added);
    EXPECT_EQ(std::get<std::int64_t>(changes[0].label), 1);
    EXPECT_TRUE(changes[1].added);
    EXPECT_EQ(std::get<std::int64_t>(changes[1].label), 3);

    store.write([&](Session& s) { s.remove_entity("x", "erased"); });
    log("c", 4);  // under the numbers of what went
    sum_up();
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(std::get<std::int64_t>(changes[0].label), 4);
    store.read([&](const Session& s) {
        EXPECT_EQ(s.summed_labels(std::vector<std::string>{"a", "b", "c"}).size(), 1u);
        EXPECT_EQ(s.labels_recorded({"e", "live", {}, 0, {}, {}}, Time::min(), Time::max()).size(), 1u);
    });
}

TEST(StoreRemovals, ErasureLeavesNoByteInTheFolder) {
    const TemporaryFolder folder;
    Store store(folder.path());
    const std::string secret = "Erika-Mustermann-planted";
    for (int i = 0; i < 200; ++i) {
        store.write([&](Session& s) {
            const std::string n = std::to_string(i * 7919 % 1000);
            // Her ids are spread over the index, so that its pages were split and moved.
            s.add_interactions(batch("e", {n + "-other", n + "-planted-id"}, {100 + i, 100 + i},
                                     {"nothing " + n, secret + n}, {"", "erika-planted-entity"}));
            s.add_interactions(batch("f", {n + "-planted-id"}, {100 + i}, {secret}, {"erika-planted-entity"}));
            s.add_label({n + "-planted-id", "", "planted-label", {}});
            s.add_label({n + "-other", "", "kept", {}});
        });
    }
    ASSERT_TRUE(anywhere(folder.path(), secret));
    std::vector<RemovalRow> removed;
    store.write([&](Session& s) { removed = s.remove_entity("erika-planted-entity", "erased"); });
    ASSERT_EQ(removed.size(), 2u);
    EXPECT_EQ(removed[0].interactions, 200);
    EXPECT_EQ(removed[0].labels, 200);
    EXPECT_EQ(removed[1].interactions, 200);
    store.scrub();
    for (const char* text : {"Mustermann", "planted-id", "planted-entity", "planted-label"}) {
        EXPECT_FALSE(anywhere(folder.path(), text)) << text;
    }
    EXPECT_TRUE(anywhere(folder.path(), "kept"));
    EXPECT_EQ(count(store, "e"), 200);
    Verification found;
    store.verify(found);
    // These rows were written without creating their endpoints.
    for (const Finding& finding : found.findings) EXPECT_EQ(finding.seen, "no such endpoint") << found.text();
}

TEST(StoreRemovals, NumbersThatIdsAreDrawnByNeverComeAgain) {
    const TemporaryFolder folder;
    Store store(folder.path());
    const auto logged = [&] {
        std::int64_t rows = 0;
        store.read([&](const Session& s) { rows = s.logged(); });
        return rows;
    };
    store.write([](Session& s) { s.add_interactions(batch("e", {"a", "b"}, {1, 2}, {"1", "2"}, {"x", "x"})); });
    EXPECT_EQ(logged(), 2);
    store.write([](Session& s) { s.remove_entity("x", "erased"); });
    EXPECT_EQ(logged(), 2);
    store.write([](Session& s) { s.add_interactions(batch("e", {"c"}, {3}, {"3"})); });
    EXPECT_EQ(logged(), 3);
}

TEST(StoreRemovals, ReadingInPiecesGivesEachRowOnce) {
    const TemporaryFolder folder;
    Store store(folder.path());
    std::vector<std::string> ids, notes;
    std::vector<std::int64_t> times;
    for (int i = 0; i < 25; ++i) {
        ids.push_back("id" + std::to_string(i));
        notes.emplace_back("n");
        times.push_back(100 + i / 4);  // several at one moment
    }
    store.write([&](Session& s) { s.add_interactions(batch("e", ids, times, notes)); });
    std::vector<std::string> pieces, whole;
    store.read([&](const Session& s) {
        InteractionQuery query{.endpoint = "e"};
        const Table all = s.interactions(query).rows;
        for (std::int64_t row = 0; row < all.rows(); ++row) whole.emplace_back(all.column("id").text(row));
        query.first = 10;
        for (;;) {
            const Table piece = s.interactions(query).rows;
            if (piece.rows() == 0) break;
            for (std::int64_t row = 0; row < piece.rows(); ++row) pieces.emplace_back(piece.column("id").text(row));
            const auto last = static_cast<std::size_t>(piece.rows() - 1);
            query.beyond = {from_micros(piece.column("time").values<std::int64_t>()[last]),
                            piece.column("transaction").values<std::int64_t>()[last], pieces.back()};
        }
        query.last = 1;
        EXPECT_THROW(static_cast<void>(s.interactions(query)), InvalidArgument);
    });
    EXPECT_EQ(whole.size(), 25u);
    EXPECT_EQ(pieces, whole);
}

}  // namespace
}  // namespace holdfast::store

// Rows written by statements of many: each row becomes what it would become alone.
#include <gtest/gtest.h>

#include <map>

#include <holdfast/base/rng.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::TemporaryFolder;

class Bulk : public ::testing::Test {
  protected:
    [[nodiscard]] std::vector<Written> add(const std::vector<std::pair<std::string, double>>& rows) {
        std::vector<Written> outcomes;
        store_.write([&](Session& session) {
            Table table;
            std::vector<double> x;
            for (const auto& [id, value] : rows) x.push_back(value);
            table.add("x", Column::of(x));
            const std::int64_t schema = session.schema_number(table.schema(), 1, "");
            std::vector<std::vector<std::byte>> blobs(rows.size());
            std::vector<EncodedInteraction> encoded;
            for (std::size_t i = 0; i < rows.size(); ++i) {
                encode_row(table, static_cast<std::int64_t>(i), blobs[i]);
                encoded.push_back({"e", "live", rows[i].first, {}, 1, 1, schema, from_micros(1), blobs[i]});
            }
            outcomes = session.add_encoded(encoded);
        });
        return outcomes;
    }

    TemporaryFolder folder_;
    Store store_{folder_.path()};
};

TEST_F(Bulk, EachRowIsNewKnownOrClashes) {
    // Few ids and few values, so that rows meet within a statement, across statements and across transactions.
    Rng rng(1, "bulk_test", "rows");
    std::map<std::string, double> stored;
    for (const int size : {1, 49, 50, 51, 300, 1}) {
        std::vector<std::pair<std::string, double>> rows;
        std::vector<Written> wanted;
        for (int i = 0; i < size; ++i) {
            const std::string id = std::to_string(rng.below(400));
            const auto value = static_cast<double>(rng.below(2));
            const auto [found, is_new] = stored.try_emplace(id, value);
            wanted.push_back(is_new ? Written::added : found->second == value ? Written::known : Written::clash);
            rows.emplace_back(id, value);
        }
        EXPECT_EQ(add(rows), wanted) << size << " rows";
    }
    store_.read([&](const Session& session) {
        const auto count = static_cast<std::int64_t>(stored.size());
        EXPECT_EQ(session.logged(), count);
        const InteractionTable all = session.interactions({.endpoint = "e"});
        ASSERT_EQ(all.rows.rows(), count);
        for (std::int64_t row = 0; row < count; ++row) {
            const std::string id(all.rows.column("id").text(row));
            EXPECT_EQ(all.rows.column("x").number(row), stored.at(id)) << id;
        }
    });
}

TEST_F(Bulk, LabelsAreWhatTheyWouldBeOneByOne) {
    const TemporaryFolder other;
    Store one_by_one(other.path());
    Rng rng(1, "bulk_test", "labels");
    std::vector<std::string> ids;
    for (int i = 0; i < 60; ++i) ids.push_back(std::to_string(i));
    for (const int size : {1, 50, 120, 51, 200}) {
        std::vector<LabelRow> rows;
        for (int i = 0; i < size; ++i) {
            // In the first half of each load ids come once: those pieces are one statement.
            const auto id = i < size / 2 ? i % 60 : rng.below(60);
            rows.push_back({ids[static_cast<std::size_t>(id)],
                            rng.below(4) == 0 ? "e" : "",
                            rng.below(2) == 0 ? LabelValue(std::int64_t{1}) : LabelValue("one"),
                            {from_micros(1 + rng.below(2)), {}, 0}});
        }
        store_.write([&](Session& session) { session.add_labels(rows); });
        one_by_one.write([&](Session& session) {
            for (const LabelRow& row : rows) session.add_label(row);
        });
    }
    const auto said = [&](const Store& store) {
        std::vector<std::tuple<std::string, std::string, LabelValue, Time, std::int64_t>> labels;
        store.read([&](const Session& session) {
            for (const std::string& id : ids) {
                for (const LabelRow& row : session.labels(id))
                    labels.emplace_back(row.id, row.endpoint, row.value, row.stamp.event_time, row.stamp.transaction);
            }
        });
        return labels;
    };
    EXPECT_EQ(said(store_), said(one_by_one));
    EXPECT_LT(said(store_).size(), 422u) << "what the newest said already was said again";
}

}  // namespace
}  // namespace holdfast::store

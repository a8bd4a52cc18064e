#include <holdfast/store/interactions.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include <holdfast/base/error.hpp>
#include <holdfast/store/store.hpp>

#include "unit/store/temporary_folder.hpp"

namespace holdfast::store {
namespace {

using holdfast::testing::TemporaryFolder;

Table features(std::vector<double> x, std::vector<float> y) {
    Table table;
    table.add("x", Column::of(std::move(x)));
    table.add("score", Column::of(std::move(y)));
    return table;
}

InteractionBatch batch(std::vector<std::string> ids, std::vector<std::int64_t> times, std::vector<double> x) {
    InteractionBatch rows;
    rows.endpoint = "e";
    rows.version = 1;
    rows.feature_columns = 1;
    rows.ids = std::move(ids);
    for (const auto time : times) rows.times.push_back(from_micros(time));
    std::vector<float> scores(x.begin(), x.end());
    rows.values = features(std::move(x), std::move(scores));
    return rows;
}

InteractionTable query(const Store& store, InteractionQuery wanted) {
    wanted.endpoint = wanted.endpoint.empty() ? "e" : wanted.endpoint;
    InteractionTable table;
    store.read([&](const Session& session) {
        table = session.interactions(wanted);
        EXPECT_EQ(session.count_interactions(wanted), table.rows.rows());
    });
    return table;
}

std::vector<std::string> ids(const InteractionTable& table) {
    std::vector<std::string> out;
    for (std::int64_t i = 0; i < table.rows.rows(); ++i) out.emplace_back(table.rows.column("id").text(i));
    return out;
}

using Ids = std::vector<std::string>;

Table every_type() {
    const std::vector<bool> valid{true, false, true};
    Table table;
    table.add("f32", Column::of(std::vector<float>{1.5F, 2.F, std::numeric_limits<float>::quiet_NaN()}, valid));
    table.add("f64", Column::of(std::vector<double>{1e300, 0, -0.0}, valid));
    table.add("i32", Column::of(std::vector<std::int32_t>{-1, 2, 3}, valid));
    table.add("i64", Column::of(std::vector<std::int64_t>{1LL << 60, 2, 3}, valid));
    table.add("flag", Column::booleans({true, false, false}, valid));
    table.add("text", Column::strings(std::vector<std::string>{"", "gone", "h\xC3\xA9"}, valid));
    table.add("kind", Column::categorical({1, 0, 0}, {"a", "b"}, valid));
    table.add("at", Column::timestamps({5, 6, -7}, valid));
    return table;
}

TEST(RowCodec, GivesBackEveryTypeAndItsNulls) {
    const Table table = every_type();
    std::vector<std::vector<std::byte>> rows(3);
    std::vector<std::span<const std::byte>> views;
    for (std::int64_t i = 0; i < 3; ++i) encode_row(table, i, rows[static_cast<std::size_t>(i)]);
    for (const auto& row : rows) views.emplace_back(row);
    const Table back = decode_rows(table.schema(), views);
    ASSERT_EQ(back.names(), table.names());
    EXPECT_EQ(back.schema(), table.schema());
    for (std::int64_t c = 0; c < table.width(); ++c) {
        for (std::int64_t r = 0; r < 3; ++r) {
            EXPECT_EQ(back.column(c).is_valid(r), r != 1) << table.names()[static_cast<std::size_t>(c)];
            EXPECT_EQ(back.column(c).value_text(r), table.column(c).value_text(r));
        }
    }
    EXPECT_TRUE(std::signbit(back.column("f64").values<double>()[2]));
}

TEST(RowCodec, RefusesBytesThatDoNotFit) {
    const Table table = every_type();
    std::vector<std::byte> row;
    encode_row(table, 2, row);
    for (std::size_t size = 0; size < row.size(); ++size) {
        const std::span<const std::byte> cut(row.data(), size);
        EXPECT_THROW(static_cast<void>(decode_rows(table.schema(), {&cut, 1})), CorruptArtifact) << size;
    }
    row.push_back(std::byte{0});
    const std::span<const std::byte> longer(row);
    EXPECT_THROW(static_cast<void>(decode_rows(table.schema(), {&longer, 1})), CorruptArtifact);
}

RC_GTEST_PROP(RowCodec, AnyBytesAreReadOrRefused, (const std::vector<std::uint8_t>& bytes)) {
    std::vector<std::byte> row;
    for (const auto byte : bytes) row.push_back(std::byte{byte});
    const std::span<const std::byte> view(row);
    try {
        const Table table = decode_rows(Schema({{"a", ColumnType::string}, {"b", ColumnType::float32}}), {&view, 1});
        RC_ASSERT(table.rows() == 1);
    } catch (const CorruptArtifact&) {
    }
}

TEST(Interactions, ComeBackInOrderOfTime) {
    const TemporaryFolder folder;
    Store store(folder.path());
    store.write([](Session& s) { EXPECT_EQ(s.add_interactions(batch({"b", "a", "c"}, {20, 10, 20}, {2, 1, 3})), 3); });
    const auto table = query(store, {});
    EXPECT_EQ(ids(table), (Ids{"a", "b", "c"}));
    EXPECT_EQ(table.features, (Ids{"x"}));
    EXPECT_EQ(table.outputs, (Ids{"score"}));
    EXPECT_EQ(table.rows.column("x").values<double>()[2], 3.0);
    EXPECT_EQ(table.rows.column("score").type(), ColumnType::float32);
    EXPECT_FALSE(table.rows.column("label").is_valid(0));
    EXPECT_EQ(ids(query(store, {.after = from_micros(10), .until = from_micros(20)})), (Ids{"b", "c"}));
    EXPECT_EQ(ids(query(store, {.last = 2})), (Ids{"b", "c"}));
    EXPECT_EQ(ids(query(store, {.last = 1, .skip = 1})), (Ids{"b"}));
    EXPECT_EQ(ids(query(store, {.last = 2, .skip = 2})), (Ids{"a"}));
    EXPECT_EQ(ids(query(store, {.last = 2, .skip = 3})), Ids{});
    EXPECT_EQ(ids(query(store, {.role = "shadow"})), Ids{});
    EXPECT_EQ(ids(query(store, {.version = 2})), Ids{});
}

TEST(Interactions, TheSameKeyIsPassedOverOrAConflict) {
    const TemporaryFolder folder;
    Store store(folder.path());
    store.write([](Session& s) { s.add_interactions(batch({"a"}, {1}, {1})); });
    auto again = batch({"a", "b"}, {9, 9}, {1, 2});
    again.version = 2;
    again.values = features({1, 2}, {7, 7});  // another version's output of the same features
    store.write([&](Session& s) { EXPECT_EQ(s.add_interactions(again), 1); });
    EXPECT_EQ(query(store, {}).rows.column("score").values<float>()[0], 1.0F);
    try {
        store.write([](Session& s) { s.add_interactions(batch({"c", "a"}, {1, 1}, {1, 5})); });
        FAIL();
    } catch (const Conflict& error) {
        EXPECT_NE(std::string(error.what()).find("\"a\""), std::string::npos);
    }
    EXPECT_EQ(ids(query(store, {})), (Ids{"a", "b"}));
    auto elsewhere = batch({"a"}, {1}, {5});
    elsewhere.endpoint = "f";
    store.write([&](Session& s) { EXPECT_EQ(s.add_interactions(elsewhere), 1); });
}

TEST(Interactions, LabelsJoinBeforeAndAfterAndTheNewestWins) {
    const TemporaryFolder folder;
    const auto clock = std::make_shared<SimulatedClock>(from_micros(100));
    Store store(folder.path(), {.clock = clock});
    store.write([](Session& s) { s.add_label({"b", "", std::int64_t{1}, {}}); });
    const auto logged =
        store.write([](Session& s) { s.add_interactions(batch({"a", "b", "c"}, {1, 2, 3}, {1, 2, 3})); });
    clock->advance(Duration(100));
    store.write([](Session& s) { s.add_label({"a", "e", std::int64_t{0}, {}}); });
    clock->advance(Duration(100));
    store.write([](Session& s) {
        s.add_label({"a", "", std::int64_t{5}, {}});
        s.add_label({"c", "other", std::int64_t{9}, {}});
    });
    const auto labelled = query(store, {.labelled = true});
    EXPECT_EQ(ids(labelled), (Ids{"a", "b"}));
    EXPECT_EQ(labelled.rows.column("label").values<std::int64_t>()[0], 5);
    EXPECT_EQ(labelled.rows.column("label_recorded").values<std::int64_t>()[0], 300);
    EXPECT_EQ(query(store, {}).rows.column("label").null_count(), 1);
    EXPECT_EQ(ids(query(store, {.labelled = true, .up_to = logged})), (Ids{"b"}));
    EXPECT_EQ(query(store, {.labelled = true, .up_to = logged + 1}).rows.column("label").values<std::int64_t>()[0], 0);
    EXPECT_EQ(ids(query(store, {.labelled_after = from_micros(100)})), (Ids{"a"}));
    EXPECT_EQ(ids(query(store, {.labelled_until = from_micros(100)})), (Ids{"b"}));
    EXPECT_EQ(ids(query(store, {.last = 1, .labelled = true})), (Ids{"a"}));
    EXPECT_EQ(ids(query(store, {.last = 1, .skip = 1, .labelled = true})), (Ids{"b"}));
    store.read([](const Session& s) { EXPECT_EQ(s.labels("a").size(), 2u); });
}

TEST(Interactions, SchemasAreUnitedByName) {
    const TemporaryFolder folder;
    Store store(folder.path());
    store.write([](Session& s) { s.add_interactions(batch({"a"}, {1}, {1})); });
    InteractionBatch other;
    other.endpoint = "e";
    other.feature_columns = 2;
    other.ids = {"b"};
    other.times = {from_micros(2)};
    other.values.add("x", Column::of(std::vector<std::int32_t>{7}));
    other.values.add("label", Column::strings(std::vector<std::string>{"odd name"}));
    other.values.add("version", Column::of(std::vector<double>{0.5}));
    store.write([&](Session& s) { s.add_interactions(other); });
    const auto table = query(store, {});
    EXPECT_EQ(table.features, (Ids{"x", "feature.label"}));
    EXPECT_EQ(table.outputs, (Ids{"score", "output.version"}));
    EXPECT_EQ(table.rows.column("x").values<double>()[1], 7.0);
    EXPECT_FALSE(table.rows.column("score").is_valid(1));
    EXPECT_EQ(table.rows.column("feature.label").text(1), "odd name");
}

TEST(Interactions, MixedLabelsBecomeTheWiderType) {
    const TemporaryFolder folder;
    Store store(folder.path());
    store.write([](Session& s) {
        s.add_interactions(batch({"a", "b"}, {1, 2}, {1, 2}));
        s.add_label({"a", "", std::int64_t{1}, {}});
        s.add_label({"b", "", 2.0, {}});
    });
    EXPECT_EQ(query(store, {}).rows.column("label").values<double>()[1], 2.0);
    store.write([](Session& s) { s.add_label({"b", "", std::string("two"), {}}); });
    EXPECT_EQ(query(store, {}).rows.column("label").text(0), "1");
    EXPECT_THROW(store.write([](Session& s) { s.add_label({"b", "", std::nan(""), {}}); }), InvalidArgument);
}

TEST(RowCodec, ANullIsFoundWhereverItIs) {
    for (int width = 1; width <= 17; ++width) {
        for (int null = -1; null < width; ++null) {  // -1: there is none
            Table table;
            for (int column = 0; column < width; ++column) {
                table.add("x" + std::to_string(column),
                          Column::of(std::vector<double>{1.0, 2.0}, {true, column != null}));
            }
            std::vector<std::byte> first, second;
            encode_row(table, 0, first);
            encode_row(table, 1, second);
            const std::vector<std::span<const std::byte>> rows{first, second};
            const Table decoded = decode_rows(table.schema(), rows);
            for (int column = 0; column < width; ++column) {
                EXPECT_TRUE(decoded.column(column).is_valid(0));
                EXPECT_EQ(decoded.column(column).is_valid(1), column != null) << column << " of " << width;
            }
        }
    }
}

}  // namespace
}  // namespace holdfast::store

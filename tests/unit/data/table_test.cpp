#include <holdfast/data/table.hpp>

#include <gtest/gtest.h>

#include <functional>

#include <holdfast/base/error.hpp>
#include <holdfast/data/columns.hpp>

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

Table sample() {
    Table table;
    table.add("x", Column::of(std::vector<double>{1, 2, 3}))
        .add("n", Column::of(std::vector<std::int64_t>{4, 5, 6}))
        .add("c", Column::categorical({0, 1, 0}, {"a", "b"}));
    return table;
}

std::string message_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const InvalidArgument& error) {
        return error.what();
    }
    return "no error";
}

TEST(Table, NamesItsColumns) {
    const Table table = sample();
    EXPECT_EQ(table.rows(), 3);
    EXPECT_EQ(table.width(), 3);
    EXPECT_EQ(table.find("n"), 1);
    EXPECT_EQ(table.find("?"), -1);
    EXPECT_EQ(table.find(""), -1);
    EXPECT_EQ(table.find("xn"), -1);
    EXPECT_EQ(message_of([&] { static_cast<void>(table.column("y")); }),
              R"(table: column "y" given, one of ["x", "n", "c"] wanted)");
    EXPECT_EQ(table.schema().fields()[2], (Field{"c", ColumnType::categorical}));
}

TEST(Table, RefusesWhatDoesNotFit) {
    Table table = sample();
    EXPECT_THROW(table.add("x", Column::of(std::vector<double>{1, 2, 3})), InvalidArgument);
    EXPECT_THROW(table.add("", Column::of(std::vector<double>{1, 2, 3})), InvalidArgument);
    EXPECT_EQ(message_of([&] { table.add("z", Column::of(std::vector<double>{1})); }),
              "table: column \"z\" of 1 rows given, 3 wanted");
    EXPECT_EQ(table.width(), 3);
}

TEST(Table, SelectsAndConcatenates) {
    const Table table = sample();
    const Names two{"c", "x"};
    EXPECT_EQ(table.select(two).names(), two);
    EXPECT_EQ(table.without(two).names(), Names{"n"});
    const Names absent{"y"};
    EXPECT_THROW(static_cast<void>(table.without(absent)), InvalidArgument);
    const std::vector<std::int64_t> rows{2, 0};
    const std::vector<Table> parts{table.slice(1, 1), table.take(rows)};
    const Table joined = Table::concat(parts);
    EXPECT_EQ(joined.column("x").as_doubles(), (std::vector<double>{2, 3, 1}));
    const std::vector<Table> one{table};
    EXPECT_EQ(Table::concat(one).names(), table.names());
    EXPECT_EQ(Table::concat(one).column("x").values<double>().data(), table.column("x").values<double>().data());
    const std::vector<Table> others{table, table.select(two)};
    EXPECT_THROW(static_cast<void>(Table::concat(others)), InvalidArgument);
}

TEST(Table, MatrixColumnsBorrowWhereTheyLieTogether) {
    const std::vector<double> values{1, 2, 3, 4, 5, 6};
    const Names names{"a", "b"};
    const std::vector<std::int64_t> shape{3, 2};
    const std::vector<std::int64_t> strides{1, 3};
    const Table columns = Table::from_matrix(TensorView(values.data(), DType::float64, shape, strides, false), names);
    EXPECT_EQ(columns.column("b").values<double>().data(), values.data() + 3);
    const Table rows = Table::from_matrix(TensorView::matrix(values.data(), 3, 2), names);
    EXPECT_EQ(rows.column("b").as_doubles(), (std::vector<double>{2, 4, 6}));
    EXPECT_THROW(static_cast<void>(Table::from_matrix(TensorView::matrix(values.data(), 2, 3), names)),
                 InvalidArgument);
    EXPECT_THROW(static_cast<void>(Table::from_matrix(TensorView::vector(values.data(), 6), names)), InvalidArgument);
}

TEST(Table, MatrixIntegersAreWidened) {
    const Names names{"a"};
    const std::vector<std::uint32_t> large{0xFFFFFFFFU, 1};
    EXPECT_EQ(Table::from_matrix(TensorView::matrix(large.data(), 2, 1), names).column("a").values<std::int64_t>()[0],
              4294967295);
    const std::vector<std::int8_t> small{-1};
    EXPECT_EQ(Table::from_matrix(TensorView::matrix(small.data(), 1, 1), names).column("a").values<std::int32_t>()[0],
              -1);
    const std::vector<std::uint64_t> beyond{UINT64_MAX};
    EXPECT_THROW(static_cast<void>(Table::from_matrix(TensorView::matrix(beyond.data(), 1, 1), names)),
                 InvalidArgument);
}

TEST(Schema, JsonAndHashRoundTrip) {
    const Schema schema = sample().schema();
    EXPECT_EQ(
        schema.to_json().canonical(),
        R"({"fields":[{"name":"x","type":"float64"},{"name":"n","type":"int64"},{"name":"c","type":"categorical"}],"format":1})");
    EXPECT_EQ(Schema::from_json(schema.to_json()), schema);
    EXPECT_EQ(Schema::from_json(schema.to_json()).hash(), schema.hash());
    EXPECT_THROW(Schema({{"a", ColumnType::int32}, {"a", ColumnType::int32}}), InvalidArgument);
    EXPECT_THROW(Schema({{"", ColumnType::int32}}), InvalidArgument);
    Json newer = schema.to_json();
    newer["format"] = 2;
    EXPECT_THROW(static_cast<void>(Schema::from_json(newer)), Unsupported);
}

TEST(Columns, ResolveFeatures) {
    const Table table = sample();
    Columns columns;
    columns.target = "c";
    EXPECT_EQ(columns.feature_names(table), (Names{"x", "n"}));
    columns.features = {"n"};
    EXPECT_EQ(columns.feature_names(table), Names{"n"});
    columns.time = "n";
    EXPECT_EQ(message_of([&] { columns.check(table); }),
              "columns: \"n\" given as features and as time, one part for each column wanted");
    columns.time = "at";
    EXPECT_EQ(message_of([&] { columns.check(table); }),
              R"(columns.time: table: column "at" given, one of ["x", "n", "c"] wanted)");
}

TEST(Columns, JsonRoundTrip) {
    Columns columns;
    columns.features = {"a", "b"};
    columns.probability = {"p0", "p1"};
    columns.label_time = "later";
    EXPECT_EQ(Columns::from_json(columns.to_json()), columns);
    EXPECT_THROW(static_cast<void>(Columns::from_json(Json::object({{"colour", "red"}}))), InvalidArgument);
}

}  // namespace
}  // namespace holdfast

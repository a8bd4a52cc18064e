#include <holdfast/data/column.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <holdfast/base/error.hpp>

namespace holdfast {
namespace {

using Rows = std::vector<std::int64_t>;

std::vector<std::string> texts(const Column& column) {
    std::vector<std::string> out;
    for (std::int64_t row = 0; row < column.size(); ++row) out.push_back(column.value_text(row));
    return out;
}

Column words(const std::vector<std::string>& values, const std::vector<bool>& valid = {}) {
    return Column::strings(std::span<const std::string>(values), valid);
}

TEST(Column, DefaultIsEmptyFloat64) {
    const Column column;
    EXPECT_EQ(column.type(), ColumnType::float64);
    EXPECT_EQ(column.size(), 0);
    EXPECT_TRUE(column.values<double>().empty());
    EXPECT_TRUE(column.as_doubles().empty());
    EXPECT_EQ(column.null_count(), 0);
}

TEST(Column, NullsAreNotNaN) {
    const auto column = Column::of(std::vector<double>{1.0, NAN, 3.0}, {true, true, false});
    EXPECT_EQ(column.null_count(), 1);
    EXPECT_TRUE(column.is_valid(1));
    EXPECT_FALSE(column.is_valid(2));
    EXPECT_TRUE(std::isnan(column.number(1)));
    EXPECT_TRUE(std::isnan(column.number(2)));
    EXPECT_EQ(column.value_text(1), "nan");
    EXPECT_EQ(column.value_text(2), "");
}

TEST(Column, EveryTypeAsText) {
    EXPECT_EQ(Column::of(std::vector<float>{0.1F}).value_text(0), "0.1");
    EXPECT_EQ(Column::of(std::vector<std::int32_t>{-7}).value_text(0), "-7");
    EXPECT_EQ(Column::of(std::vector<std::int64_t>{INT64_MIN}).value_text(0), "-9223372036854775808");
    EXPECT_EQ(Column::booleans({true}).value_text(0), "true");
    EXPECT_EQ(Column::timestamps({0}).value_text(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(Column::categorical({1}, {"a", "b"}).value_text(0), "b");
    EXPECT_EQ(words({"x"}).value_text(0), "x");
}

TEST(Column, ValuesAskForTheRightType) {
    const auto column = Column::of(std::vector<float>{1.0F});
    EXPECT_EQ(column.values<float>()[0], 1.0F);
    EXPECT_THROW(static_cast<void>(column.values<double>()), InvalidArgument);
    EXPECT_THROW(static_cast<void>(column.text(0)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(column.categories()), InvalidArgument);
    EXPECT_THROW(static_cast<void>(words({"x"}).number(0)), InvalidArgument);
    EXPECT_EQ(Column::timestamps({5}).values<std::int64_t>()[0], 5);
    EXPECT_EQ(Column::booleans({true, false}).values<std::uint8_t>()[0], 1);
}

TEST(Column, CategoricalChecksItsCodes) {
    const auto column = Column::categorical({0, -1, 1}, {"a", "b"});
    EXPECT_EQ(texts(column), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(column.null_count(), 1);
    EXPECT_THROW(static_cast<void>(Column::categorical({2}, {"a", "b"})), InvalidArgument);
    EXPECT_NO_THROW(static_cast<void>(Column::categorical({2}, {"a", "b"}, {false})));
}

TEST(Column, ValidityMustFit) {
    EXPECT_THROW(static_cast<void>(Column::of(std::vector<double>{1.0}, {true, false})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Column::borrowed(ColumnType::float64, nullptr, 3, {}, {})), InvalidArgument);
    EXPECT_THROW(static_cast<void>(Column::borrowed(ColumnType::string, nullptr, 0, {}, {})), InvalidArgument);
}

TEST(Column, NullCountOverUnalignedBits) {
    std::vector<bool> valid(37, true);
    for (const std::size_t row : {0U, 5U, 8U, 20U, 36U}) valid[row] = false;
    const auto column = Column::of(std::vector<std::int32_t>(37, 1), valid);
    EXPECT_EQ(column.null_count(), 5);
    EXPECT_EQ(column.slice(1, 36).null_count(), 4);
    EXPECT_EQ(column.slice(6, 14).null_count(), 1);
    EXPECT_EQ(column.slice(9, 11).null_count(), 0);
    EXPECT_EQ(column.slice(37, 0).null_count(), 0);
}

TEST(Column, SliceSharesMemory) {
    const auto column = words({"one", "", "three", "four"}, {true, true, false, true});
    const auto part = column.slice(1, 3);
    EXPECT_EQ(texts(part), (std::vector<std::string>{"", "", "four"}));
    EXPECT_EQ(part.text(2).data(), column.text(3).data());
    EXPECT_THROW(static_cast<void>(column.slice(2, 3)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(column.slice(-1, 1)), InvalidArgument);
}

TEST(Column, TakeCopiesAndMakesNulls) {
    const Rows rows{2, -1, 0, 0};
    const auto numbers = Column::of(std::vector<std::int64_t>{10, 20, 30}).take(rows);
    EXPECT_EQ(texts(numbers), (std::vector<std::string>{"30", "", "10", "10"}));
    EXPECT_EQ(texts(words({"a", "b", "c"}).take(rows)), (std::vector<std::string>{"c", "", "a", "a"}));
    EXPECT_EQ(texts(Column::categorical({0, 1, 0}, {"u", "v"}).take(rows)),
              (std::vector<std::string>{"u", "", "u", "u"}));
    EXPECT_EQ(texts(Column::booleans({true, false, false}).take(rows)),
              (std::vector<std::string>{"false", "", "true", "true"}));
    const Rows beyond{3};
    EXPECT_THROW(static_cast<void>(numbers.slice(0, 3).take(beyond)), InvalidArgument);
}

TEST(Column, ConcatUnitesCategories) {
    const std::vector<Column> parts{Column::categorical({0, 1}, {"a", "b"}),
                                    Column::categorical({0, -1, 1}, {"c", "a"})};
    const auto joined = Column::concat(parts);
    EXPECT_EQ(joined.categories(), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(texts(joined), (std::vector<std::string>{"a", "b", "c", "", "a"}));
    const std::vector<Column> mixed{parts[0], words({"a"})};
    EXPECT_THROW(static_cast<void>(Column::concat(mixed)), InvalidArgument);
    EXPECT_EQ(Column::concat({}).size(), 0);
}

TEST(Column, ConcatEveryType) {
    for (const Column& column :
         {Column::of(std::vector<float>{1, 2}, {true, false}), Column::of(std::vector<double>{1, 2}),
          Column::of(std::vector<std::int32_t>{1, 2}), Column::of(std::vector<std::int64_t>{1, 2}, {false, true}),
          Column::booleans({true, false}), Column::timestamps({1, 2}), words({"a", "b"}, {false, true})}) {
        const std::vector<Column> parts{column, column.slice(1, 1)};
        const auto joined = Column::concat(parts);
        EXPECT_EQ(joined.type(), column.type());
        EXPECT_EQ(texts(joined),
                  (std::vector<std::string>{column.value_text(0), column.value_text(1), column.value_text(1)}));
    }
}

TEST(Column, CopyDoublesHonoursTheStride) {
    std::vector<double> out(6, -1.0);
    Column::of(std::vector<std::int32_t>{1, 2, 3}, {true, false, true}).copy_doubles(out.data() + 1, 2);
    EXPECT_EQ(out[1], 1.0);
    EXPECT_TRUE(std::isnan(out[3]));
    EXPECT_EQ(out[5], 3.0);
    EXPECT_EQ(out[0], -1.0);
}

}  // namespace
}  // namespace holdfast

#include <holdfast/data/tensor_view.hpp>

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/data/batch.hpp>

namespace holdfast {
namespace {

TEST(DType, NamesRoundTrip) {
    for (int i = 0; i <= static_cast<int>(DType::string); ++i) {
        const auto dtype = static_cast<DType>(i);
        EXPECT_EQ(parse_dtype(to_string(dtype)), dtype);
        EXPECT_GT(size_of(dtype), 0);
    }
    for (int i = 0; i <= static_cast<int>(ColumnType::timestamp); ++i) {
        const auto type = static_cast<ColumnType>(i);
        EXPECT_EQ(parse_column_type(to_string(type)), type);
    }
    EXPECT_THROW(static_cast<void>(parse_dtype("float16")), InvalidArgument);
    EXPECT_THROW(static_cast<void>(parse_column_type("date")), InvalidArgument);
}

TEST(TensorView, MatrixOverHostMemory) {
    std::vector<float> values(6);
    std::iota(values.begin(), values.end(), 0.0F);
    const auto tensor = TensorView::matrix(values.data(), 2, 3);
    EXPECT_EQ(tensor.as<float>(), values.data());
    EXPECT_EQ(tensor.size(), 6);
    EXPECT_EQ(tensor.stride(0), 3);
    EXPECT_TRUE(tensor.contiguous());
    EXPECT_TRUE(tensor.writable());
    EXPECT_EQ(tensor.describe(), "float32[2, 3]");
    EXPECT_EQ(tensor.slice_rows(1, 1).as<float>()[0], 3.0F);
    EXPECT_EQ(Batch(tensor).rows(), 2);
    EXPECT_EQ(Batch(tensor).table(), nullptr);
}

TEST(TensorView, ConstMemoryIsNotWritable) {
    const std::vector<double> values(4);
    const auto tensor = TensorView::vector(values.data(), 4);
    EXPECT_THROW(static_cast<void>(tensor.mutable_data()), InvalidArgument);
    EXPECT_THROW(static_cast<void>(tensor.as_mutable<double>()), InvalidArgument);
    EXPECT_THROW(static_cast<void>(tensor.as<float>()), InvalidArgument);
}

TEST(TensorView, StridesDecideContiguity) {
    const std::vector<double> values(12);
    const std::vector<std::int64_t> shape{3, 2};
    const std::vector<std::int64_t> columns_first{1, 3};
    const std::vector<std::int64_t> rows_first{2, 1};
    EXPECT_FALSE(TensorView(values.data(), DType::float64, shape, columns_first, false).contiguous());
    EXPECT_TRUE(TensorView(values.data(), DType::float64, shape, rows_first, false).contiguous());
    const std::vector<std::int64_t> one_column{3, 1};
    const std::vector<std::int64_t> any_stride{1, 77};
    EXPECT_TRUE(TensorView(values.data(), DType::float64, one_column, any_stride, false).contiguous());
}

TEST(TensorView, RefusesWhatCannotBe) {
    const std::vector<double> values(4);
    const void* data = values.data();
    const std::vector<std::int64_t> nine(9, 1);
    const std::vector<std::int64_t> negative{2, -1};
    const std::vector<std::int64_t> huge{std::int64_t{1} << 40, std::int64_t{1} << 40};
    const std::vector<std::int64_t> two{2};
    const std::vector<std::int64_t> none{0, 3};
    EXPECT_THROW(TensorView(data, DType::float64, nine), InvalidArgument);
    EXPECT_THROW(TensorView(data, DType::float64, negative), InvalidArgument);
    EXPECT_THROW(TensorView(data, DType::float64, huge), InvalidArgument);
    EXPECT_THROW(TensorView(static_cast<const void*>(nullptr), DType::float64, two), InvalidArgument);
    EXPECT_THROW(TensorView(data, DType::float64, two, negative, false), InvalidArgument);
    EXPECT_EQ(TensorView(static_cast<const void*>(nullptr), DType::float64, none).size(), 0);
    const auto tensor = TensorView::vector(values.data(), 4);
    EXPECT_THROW(static_cast<void>(tensor.slice_rows(3, 2)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(tensor.slice_rows(-1, 1)), InvalidArgument);
    EXPECT_THROW(static_cast<void>(TensorView().slice_rows(0, 0)), InvalidArgument);
}

}  // namespace
}  // namespace holdfast

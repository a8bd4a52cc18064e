// Counts operator new: a warm native engine must not call it.
#include <gtest/gtest.h>

#include <vector>

#include "support/counting_new.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

template <class Call>
std::int64_t counted(Call call) {
    const std::int64_t before = testing::allocations.load();
    call();
    return testing::allocations.load() - before;
}

TEST(Allocation, WarmCallsMakeNone) {
    const auto model = test::stump_classifier(3, 1, 0.5);
    std::vector<double> x(1000 * 3, 0.25);
    std::vector<float> narrow(1000 * 3, 0.25F);
    std::vector<std::int64_t> y(1000);
    const TensorView out = TensorView::vector(y.data(), 1000);
    const TensorView wide_batch = TensorView::matrix(x.data(), 1000, 3),
                     narrow_batch = TensorView::matrix(narrow.data(), 1000, 3);
    Outputs reused;
    const auto all = [&] {
        model->predict_into(wide_batch, out);
        model->predict_into(narrow_batch, out);
        model->run(wide_batch, reused);
    };
    EXPECT_GT(counted(all), 0);
    EXPECT_EQ(counted(all), 0);
}

TEST(Allocation, WarmTablesMakeNone) {
    const auto model = test::linear_model({1, 2}, 0);
    Table table;
    table.add("x1", Column::of(std::vector<double>(500, 1.0)));
    table.add("x0", Column::of(std::vector<std::int64_t>(500, 2)));
    std::vector<double> y(500);
    const auto call = [&] { model->predict_into(table, TensorView::matrix(y.data(), 500, 1)); };
    call();
    EXPECT_EQ(counted(call), 0);
    EXPECT_EQ(y[499], 4.0);
}

}  // namespace
}  // namespace holdfast

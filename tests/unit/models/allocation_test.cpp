// Counts operator new: a warm native engine must not call it.
#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "support/counting_new.hpp"
#include "support/every_form.hpp"
#include "support/every_form_v2.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

using test::dense_signature;
using test::spec;

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

/// The forms that every_form has not, from "X" (rows, 3) on; each node's value is an output.
Graph other_forms() {
    Graph graph;
    graph.signature = dense_signature(3);
    const auto add = [&](Form form, std::vector<std::string> in, std::string out, DType dtype, std::int64_t width) {
        graph.nodes.push_back({std::move(form), std::move(in), {out}});
        graph.signature.outputs.push_back(spec(std::move(out), dtype, {-1, width}));
    };
    using enum DType;
    add(forms::Math{forms::Function::tanh, float64}, {"X"}, "tanh", float64, 3);
    add(forms::Math{forms::Function::relu, float32}, {"X"}, "relu", float32, 3);
    add(forms::Math{forms::Function::is_nan, float64}, {"X"}, "is_nan", boolean, 3);
    add(forms::Math{forms::Function::exclusive_not, float64}, {"is_nan"}, "is_number", boolean, 3);
    add(forms::Elementwise{forms::Operation::power, {2.5}, float32}, {"tanh"}, "power", float32, 3);
    add(forms::Elementwise{forms::Operation::less, {}, float64}, {"X", "tanh"}, "less", boolean, 3);
    add(forms::Choose{}, {"less", "X", "tanh"}, "chosen", float64, 3);
    add(forms::Reduce{forms::Reduction::log_sum_exp, 3, float64}, {"X"}, "reduced", float64, 1);
    add(forms::Product{1, 3, 1, 3, float64}, {"X", "tanh"}, "product", float64, 9);
    add(forms::TopK{3, 2, true}, {"X"}, "best", int64, 2);
    add(forms::Pick{3}, {"X", "best"}, "picked", float64, 2);
    add(forms::Constant{int64, {}, std::vector<std::int64_t>{7}}, {"X"}, "seven", int64, 1);
    add(forms::Encode{float64, {1.0, 0.5}, {}, false}, {"X"}, "codes", int64, 3);
    add(forms::OneHot{2, float64}, {"codes"}, "indicators", float64, 6);
    add(forms::Numbers{{3.0, 4.0, 5.0}, float64}, {"codes"}, "numbers", float64, 3);
    add(forms::PostTransform{forms::Transform::softmax, float64}, {"X"}, "softmax", float64, 3);
    add(forms::Cast{string}, {"numbers"}, "text", string, 3);
    add(forms::Encode{string, {}, std::vector<std::string>{"3", "a key of more than a few letters"}, false}, {"text"},
        "text_codes", int64, 3);
    return graph;
}

TEST(Allocation, NoFormMakesAnyOnceItIsWarm) {
    for (const Graph& graph : {test::every_form(), test::every_form_v2(), other_forms()}) {
        const auto model = compile(graph);
        for (const std::int64_t rows : {1, 5, 2000}) {
            const std::vector<double> x(static_cast<std::size_t>(rows * 3), 0.75);
            for (std::size_t i = 0; i < graph.signature.outputs.size(); ++i) {
                const TensorSpec& output = graph.signature.outputs[i];
                std::vector<std::int64_t> shape = output.shape;
                shape[0] = rows;
                const auto size = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
                std::vector<std::string_view> memory(static_cast<std::size_t>(size));  // the largest elements there are
                const TensorView out(static_cast<void*>(memory.data()), output.dtype, shape);
                const TensorView batch = TensorView::matrix(x.data(), rows, 3);
                const auto call = [&] { model->run_into(static_cast<std::int64_t>(i), batch, out); };
                call();
                EXPECT_EQ(counted(call), 0) << output.name << ", " << rows << " rows";
            }
        }
    }
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

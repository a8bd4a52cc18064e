#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/callable.hpp>
#include <holdfast/models/graph.hpp>

#include "support/every_form_v2.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

using test::spec;

const double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> doubles(const TensorView& view) {
    const auto* from = view.as<double>();
    return {from, from + view.size()};
}
std::vector<std::int64_t> integers(const TensorView& view) {
    const auto* from = view.as<std::int64_t>();
    return {from, from + view.size()};
}

/// One node from X (rows, width) to "y".
Graph single(Form form, std::int64_t width, TensorSpec output) {
    Graph graph;
    graph.signature.inputs = {spec("X", DType::float64, {-1, width})};
    output.name = "y";
    graph.signature.outputs = {std::move(output)};
    graph.signature.prediction = "y";
    graph.nodes.push_back({std::move(form), {"X"}, {"y"}});
    return graph;
}

std::vector<double> answer(Form form, std::vector<double> x, std::int64_t width, std::int64_t output_width) {
    const auto model = compile(single(std::move(form), width, spec("", DType::float64, {-1, output_width})));
    return doubles(
        model->predict(TensorView::matrix(x.data(), static_cast<std::int64_t>(x.size()) / width, width)).at("y"));
}

TEST(Engine, LinearModel) {
    const auto model = test::linear_model({2.0, -1.0}, 0.5);
    const std::vector<double> x{1, 2, 3, 4};
    EXPECT_EQ(doubles(model->predict(TensorView::matrix(x.data(), 2, 2)).at("y")), (std::vector<double>{0.5, 2.5}));
    EXPECT_EQ(model->backend(), "native");
}

TEST(Engine, StumpGivesLabelsAndProbabilities) {
    const auto model = test::stump_classifier(2, 1, 0.5, 0.9, 0.8, std::vector<std::string>{"cheap", "dear"});
    const std::vector<double> x{9, 0.5, 9, 0.6, 9, nan};
    const Outputs out = model->run(TensorView::matrix(x.data(), 3, 2));
    EXPECT_EQ(out.names(), (std::vector<std::string>{"label", "probabilities"}));
    const auto* labels = out.at("label").as<std::string_view>();
    EXPECT_EQ(labels[0], "cheap");
    EXPECT_EQ(labels[1], "dear");
    EXPECT_EQ(labels[2], "dear");  // NaN fails the comparison
    EXPECT_EQ(doubles(out.at("probabilities"))[0], 0.9);
}

TEST(Engine, TreesCompareAfterTheCastToFloat32) {
    const double just_above = 0.5 + 1e-12;  // 0.5 as float32
    const auto model = test::stump_classifier(1, 0, 0.5);
    EXPECT_EQ(integers(model->predict(TensorView::matrix(&just_above, 1, 1)).at("label"))[0], 0);
}

TEST(Engine, AnyDtypeAndStridesGiveTheSameBits) {
    const auto model = test::linear_model({0.1, 0.2, 0.3}, 0.7);
    const std::vector<std::int32_t> whole{1, 2, 3, 4, 5, 6};
    const std::vector<double> wide(whole.begin(), whole.end());
    const std::vector<float> columns{1, 4, 2, 5, 3, 6};  // column after column
    const auto wanted = doubles(model->predict(TensorView::matrix(wide.data(), 2, 3)).at("y"));
    EXPECT_EQ(doubles(model->predict(TensorView::matrix(whole.data(), 2, 3)).at("y")), wanted);
    const std::array<std::int64_t, 2> shape{2, 3}, strides{1, 2};
    const TensorView view(columns.data(), DType::float32, shape, strides, false);
    EXPECT_EQ(doubles(model->predict(view).at("y")), wanted);
}

TEST(Engine, RowsDoNotDependOnTheBatch) {
    std::mt19937_64 random(3);
    std::normal_distribution<double> draw;
    std::vector<double> x(1000 * 11), w(11);
    for (double& v : x) v = draw(random);
    for (double& v : w) v = draw(random);
    const auto model = test::linear_model(w, 0.1);
    const auto all = doubles(model->predict(TensorView::matrix(x.data(), 1000, 11)).at("y"));
    for (std::int64_t row = 0; row < 1000; row += 37) {
        const auto one = doubles(model->predict(TensorView::matrix(x.data() + row * 11, 1, 11)).at("y"));
        EXPECT_EQ(std::bit_cast<std::uint64_t>(one[0]),
                  std::bit_cast<std::uint64_t>(all[static_cast<std::size_t>(row)]));
    }
}

TEST(Engine, TablesAreReadByName) {
    const auto model = test::linear_model({1.0, 10.0}, 0.0);
    Table table;
    table.add("x1", Column::of(std::vector<std::int64_t>{1, 2}));
    table.add("other", Column::of(std::vector<float>{7, 7}));
    table.add("x0", Column::of(std::vector<float>{5, 6}, {true, false}));
    const auto y = doubles(model->predict(table).at("y"));
    EXPECT_EQ(y[0], 15.0);
    EXPECT_TRUE(std::isnan(y[1]));
}

TEST(Engine, SeveralNamedInputsAndText) {
    Graph graph;
    graph.signature.inputs = {spec("size", DType::int64, {-1, 1}), spec("colour", DType::string, {-1})};
    graph.signature.outputs = {spec("colour", DType::string, {-1}), spec("twice", DType::float64, {-1})};
    graph.nodes.push_back({forms::Elementwise{forms::Operation::multiply, {2.0}, DType::float64}, {"size"}, {"twice"}});
    const auto model = compile(graph);
    Table table;
    table.add("size", Column::of(std::vector<std::int32_t>{3, 4}));
    table.add("colour", Column::categorical({1, 0}, {"red", "blue"}));
    const Outputs out = model->run(table);
    EXPECT_EQ(out.at("colour").as<std::string_view>()[0], "blue");
    EXPECT_EQ(doubles(out.at("twice")), (std::vector<double>{6, 8}));
    EXPECT_THROW(static_cast<void>(model->predict(table)), Unsupported);
}

TEST(Engine, BadBatchesAreRefusedByName) {
    const auto model = test::linear_model({1.0, 10.0}, 0.0);
    const std::vector<double> x{1, 2, 3};
    EXPECT_THROW(static_cast<void>(model->predict(TensorView::matrix(x.data(), 1, 3))), InvalidArgument);
    Table table;
    table.add("x0", Column::of(std::vector<double>{1}));
    try {
        static_cast<void>(model->predict(table));
        FAIL();
    } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find("\"x1\""), std::string::npos);
    }
    table.add("x1", Column::strings(std::vector<std::string>{"a"}));
    EXPECT_THROW(static_cast<void>(model->predict(table)), InvalidArgument);
    Outputs out;
    out.want("nothing");
    EXPECT_THROW(model->run(TensorView::matrix(x.data(), 1, 2), out), InvalidArgument);
    EXPECT_THROW(static_cast<void>(model->predict_proba(TensorView::matrix(x.data(), 1, 2))), Unsupported);
}

TEST(Engine, PredictIntoWritesTheCallersMemory) {
    const auto model = test::linear_model({1.0}, 0.0);
    const std::vector<double> x{1, 2};
    std::vector<double> y(4, -1.0);
    const std::array<std::int64_t, 2> shape{2, 1}, strides{2, 1};
    model->predict_into(TensorView::matrix(x.data(), 2, 1), TensorView(y.data(), DType::float64, shape, strides, true));
    EXPECT_EQ(y, (std::vector<double>{1, -1, 2, -1}));
    std::vector<float> wrong(2);
    EXPECT_THROW(model->predict_into(TensorView::matrix(x.data(), 2, 1), TensorView::matrix(wrong.data(), 2, 1)),
                 InvalidArgument);
    EXPECT_THROW(model->predict_into(TensorView::matrix(x.data(), 2, 1), TensorView::matrix(y.data(), 1, 2)),
                 InvalidArgument);
}

TEST(Engine, NoRowsGiveNoRows) {
    const auto model = test::stump_classifier(2, 0, 0.5);
    const double none = 0;
    const Outputs out = model->run(TensorView::matrix(&none, 0, 2));
    EXPECT_EQ(out.at("probabilities").rows(), 0);
}

TEST(Engine, MissingValuesGoTheirWay) {
    for (const bool left : {false, true}) {
        Graph graph = test::stump_graph(1, 0, 0.5);
        auto& trees = std::get<forms::Trees>(graph.nodes[0].form);
        trees.missing = forms::Missing::nan;
        trees.default_left = {static_cast<std::uint8_t>(left), 0, 0};
        EXPECT_EQ(integers(compile(graph)->predict(TensorView::matrix(&nan, 1, 1)).at("label"))[0], left ? 0 : 1);
        trees.missing = forms::Missing::zero;
        const double zero = 0.0;
        EXPECT_EQ(integers(compile(graph)->predict(TensorView::matrix(&zero, 1, 1)).at("label"))[0], left ? 0 : 1);
        trees.missing = forms::Missing::value;
        trees.missing_value = 7.0;
        const double seven = 7.0;
        EXPECT_EQ(integers(compile(graph)->predict(TensorView::matrix(&seven, 1, 1)).at("label"))[0], left ? 0 : 1);
    }
}

TEST(Engine, CategoricalSets) {
    Graph graph = test::stump_graph(1, 0, 0.0);
    auto& trees = std::get<forms::Trees>(graph.nodes[0].form);
    trees.comparison = forms::Comparison::in_set;
    trees.set_begin = {0, 2};
    trees.sets = {2, 5};
    const std::vector<double> x{2, 3, 5, nan, 1e300};
    EXPECT_EQ(integers(compile(graph)->predict(TensorView::matrix(x.data(), 5, 1)).at("label")),
              (std::vector<std::int64_t>{0, 1, 0, 1, 1}));
}

TEST(Engine, NotInSetIsXGBoostsRule) {
    Graph graph = test::stump_graph(1, 0, 0);
    auto& trees = std::get<forms::Trees>(graph.nodes[0].form);
    trees.comparison = forms::Comparison::not_in_set;
    trees.set_begin = {0, 2};
    trees.sets = {0, 5};
    const auto model = compile(graph);
    const std::vector<double> x{0, 5.9, 0.9, 1, -0.5, -1, 1e300, nan};
    EXPECT_EQ(integers(model->predict(TensorView::matrix(x.data(), 8, 1)).at("label")),
              (std::vector<std::int64_t>{1, 1, 1, 0, 0, 0, 0, 0}));
}

/// The sums are worked out by hand: tree one gives 1 or, left of it, 2 or 4; tree two 8.5 + x0 / 2 - x1 / 4 or 16.
TEST(Engine, MissingRulesByNodeAndLinearLeaves) {
    const auto model = compile(test::every_form_v2());
    const auto answer_of = [&](std::vector<double> x) {
        return doubles(model->predict(TensorView::matrix(x.data(), 1, 3)).at("y"))[0];
    };
    EXPECT_EQ(answer_of({4, 7, 5}), 1 + 16);                 // 4 is in the first set: right
    EXPECT_EQ(answer_of({1, -1, 2}), 2 + 8.5 + 0.5 + 0.25);  // not in it: left; then -1 <= -0.5
    EXPECT_EQ(answer_of({nan, nan, 5}), 4 + 16);             // default left; then NaN as 0 > -0.5
    EXPECT_EQ(answer_of({1, nan, 2}), 4 + 8);                // NaN in a linear leaf: its plain value
    EXPECT_EQ(answer_of({1, 0, 1e-36}), 4 + 16);             // near zero: the default way, right
}

TEST(Engine, AggregatesBaseAndWeights) {
    forms::Trees trees;
    trees.features = 1;
    trees.outputs = 1;
    trees.roots = {0, 1, 2};
    trees.left = trees.right = trees.feature = {-1, -1, -1};
    trees.threshold = {0, 0, 0};
    trees.leaf_begin = {0, 1, 2, 3};
    trees.leaf_output = {0, 0, 0};
    trees.leaf_value = {1, 2, 6};
    EXPECT_EQ(answer(trees, {0}, 1, 1)[0], 9);
    trees.base = {10};
    trees.tree_weight = {1, 0.5, 1};
    EXPECT_EQ(answer(trees, {0}, 1, 1)[0], 18);
    trees.aggregate = forms::Aggregate::average;
    EXPECT_EQ(answer(trees, {0}, 1, 1)[0], 10 + 8.0 / 3);
    trees.aggregate = forms::Aggregate::minimum;
    EXPECT_EQ(answer(trees, {0}, 1, 1)[0], 11);
    trees.aggregate = forms::Aggregate::maximum;
    EXPECT_EQ(answer(trees, {0}, 1, 1)[0], 16);
}

TEST(Engine, ScaleImputeNormalize) {
    EXPECT_EQ(answer(forms::Scale{{1, 2}, {2, 4}, true, DType::float64}, {3, 10}, 2, 2), (std::vector<double>{1, 2}));
    EXPECT_EQ(answer(forms::Scale{{}, {2, 4}, false, DType::float64}, {3, 10}, 2, 2), (std::vector<double>{6, 40}));
    EXPECT_EQ(answer(forms::Impute{true, 0, {0, 2}, {7, 8}, {2}}, {1, 2, nan, nan, 5, 6}, 3, 3),
              (std::vector<double>{1, 8, 1, 7, 6, 0}));
    EXPECT_EQ(answer(forms::Normalize{forms::Norm::l2, DType::float64}, {3, 4, 0, 0}, 2, 2),
              (std::vector<double>{0.6, 0.8, 0, 0}));
    EXPECT_EQ(answer(forms::Normalize{forms::Norm::l1, DType::float64}, {-1, 3}, 2, 2),
              (std::vector<double>{-0.25, 0.75}));
    EXPECT_EQ(answer(forms::Select{{1, 0, 1}}, {3, 4}, 2, 3), (std::vector<double>{4, 3, 4}));
}

TEST(Engine, PostTransforms) {
    const auto close = [](const std::vector<double>& seen, const std::vector<double>& wanted) {
        ASSERT_EQ(seen.size(), wanted.size());
        for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_NEAR(seen[i], wanted[i], 1e-15);
    };
    using forms::Transform;
    const auto apply = [&](Transform transform, std::vector<double> x, std::int64_t width, std::int64_t out) {
        return answer(forms::PostTransform{transform, DType::float64}, std::move(x), width, out);
    };
    close(apply(Transform::softmax, {0, std::log(3.0)}, 2, 2), {0.25, 0.75});
    close(apply(Transform::logistic, {0, std::log(3.0)}, 2, 2), {0.5, 0.75});
    close(apply(Transform::complement, {0.2}, 1, 2), {0.8, 0.2});
    close(apply(Transform::negate_pair, {0.2}, 1, 2), {-0.2, 0.2});
    close(apply(Transform::normalize_rows, {1, 3, 0, 0}, 2, 2), {0.25, 0.75, 0.5, 0.5});
    close(apply(Transform::softmax_zero, {0, 2}, 2, 2), {0, 1});
}

TEST(Engine, ArgMaxTakesTheFirstOfEquals) {
    const auto model = compile(single(forms::ArgMax{}, 3, spec("", DType::int64, {-1})));
    const std::vector<double> x{1, 3, 3, 2, nan, 5};
    EXPECT_EQ(integers(model->predict(TensorView::matrix(x.data(), 2, 3)).at("y")), (std::vector<std::int64_t>{1, 1}));
}

TEST(Engine, PairwiseVotesAsLibsvmAndScikitLearn) {
    // classes 0, 1, 2; pairs (0,1), (0,2), (1,2)
    EXPECT_EQ(answer(forms::PairwiseVotes{3, false}, {1, -1, 0}, 3, 3), (std::vector<double>{1, 0, 2}));
    const auto ovr = answer(forms::PairwiseVotes{3, true}, {1, -1, 0}, 3, 3);
    EXPECT_EQ(ovr[0], 1.0);              // confidence 1 - 1
    EXPECT_EQ(ovr[1], 1.0 - 1.0 / 6.0);  // zero goes to the first of the pair; confidence -1
    EXPECT_EQ(ovr[2], 1.0 + 1.0 / 6.0);
}

TEST(Engine, PairwiseProbabilitiesSumToOne) {
    const auto p = answer(forms::PairwiseProbability{3, {-1, -1, -1}, {0, 0, 0}}, {2, 1, -0.5}, 3, 3);
    EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1.0, 1e-12);
    EXPECT_GT(p[0], p[2]);
    EXPECT_GT(p[2], p[1]);
}

TEST(Engine, KernelMachines) {
    forms::Kernels kernels;
    kernels.kernel = forms::Kernel::rbf;
    kernels.gamma = 0.5;
    kernels.features = 1;
    kernels.support_vectors = {0, 2};
    kernels.coefficients = {1, -2};
    kernels.intercept = {0.25};
    EXPECT_NEAR(answer(kernels, {1}, 1, 1)[0], std::exp(-0.5) - 2 * std::exp(-0.5) + 0.25, 1e-15);
    kernels.kernel = forms::Kernel::polynomial;
    kernels.coef0 = 1;
    kernels.degree = 3;
    EXPECT_EQ(answer(kernels, {1}, 1, 1)[0], 1 - 2 * 8 + 0.25);
    kernels.degree = 2.5;
    EXPECT_THROW(answer(kernels, {1}, 1, 1), InvalidArgument);
}

/// A machine at random, of some classes (none: regression).
forms::Kernels random_machine(std::mt19937& random, std::vector<std::int64_t> vectors_a_class, std::int64_t vectors) {
    std::normal_distribution<double> draw;
    const auto classes = std::max<std::size_t>(2, vectors_a_class.size());
    forms::Kernels form;
    form.features = 3;
    form.gamma = 0.3;
    form.vectors_a_class = std::move(vectors_a_class);
    for (std::int64_t i = 0; i < 3 * vectors; ++i) form.support_vectors.push_back(draw(random));
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(classes - 1) * vectors; ++i)
        form.coefficients.push_back(draw(random));
    for (std::size_t i = 0; i < classes * (classes - 1) / 2; ++i) form.intercept.push_back(draw(random));
    return form;
}

/// libsvm's decision values of one row, as its papers write them.
std::vector<double> libsvm_decisions(const forms::Kernels& form, const double* x) {
    const std::size_t vectors = form.support_vectors.size() / 3;
    std::vector<double> kernel(vectors), decisions;
    for (std::size_t i = 0; i < vectors; ++i) {
        double distance = 0;
        for (std::size_t k = 0; k < 3; ++k) distance += std::pow(x[k] - form.support_vectors[3 * i + k], 2);
        kernel[i] = std::exp(-form.gamma * distance);
    }
    std::vector<std::size_t> first{0};
    for (const std::int64_t count : form.vectors_a_class)
        first.push_back(first.back() + static_cast<std::size_t>(count));
    for (std::size_t i = 0; i + 1 < first.size(); ++i) {
        for (std::size_t j = i + 1; j + 1 < first.size(); ++j) {
            double sum = form.intercept[decisions.size()];
            for (std::size_t v = first[i]; v < first[i + 1]; ++v)
                sum += form.coefficients[(j - 1) * vectors + v] * kernel[v];
            for (std::size_t v = first[j]; v < first[j + 1]; ++v) sum += form.coefficients[i * vectors + v] * kernel[v];
            decisions.push_back(sum);
        }
    }
    if (form.vectors_a_class.empty())
        decisions.push_back(
            std::inner_product(kernel.begin(), kernel.end(), form.coefficients.begin(), form.intercept[0]));
    return decisions;
}

TEST(Engine, KernelMachinesDecideAsLibsvmWhateverTheBatch) {
    std::mt19937 random(3);
    std::normal_distribution<double> draw;
    std::vector<double> x(3 * 40);
    for (double& value : x) value = draw(random);
    const std::vector<std::vector<std::int64_t>> machines{{}, {70, 80}, {100, 0, 3, 47}, {1, 64, 20, 5, 60}};
    for (const auto& classes : machines) {
        const forms::Kernels form = random_machine(random, classes, 150);
        const auto pairs = static_cast<std::int64_t>(form.intercept.size());
        std::vector<double> one_by_one;
        for (std::size_t row = 0; row < 40; ++row) {
            const auto alone = answer(form, {x.begin() + 3 * row, x.begin() + 3 * row + 3}, 3, pairs);
            const auto wanted = libsvm_decisions(form, &x[3 * row]);
            ASSERT_EQ(alone.size(), wanted.size());
            for (std::size_t pair = 0; pair < wanted.size(); ++pair) EXPECT_NEAR(alone[pair], wanted[pair], 1e-12);
            one_by_one.insert(one_by_one.end(), alone.begin(), alone.end());
        }
        for (std::int64_t rows = 1; rows <= 40; ++rows) {
            const auto together = answer(form, {x.begin(), x.begin() + 3 * rows}, 3, pairs);
            EXPECT_TRUE(std::equal(together.begin(), together.end(), one_by_one.begin())) << rows << " rows";
        }
    }
}

TEST(Engine, CastsToText) {
    Graph graph = single(forms::Cast{DType::string}, 2, spec("", DType::string, {-1, 2}));
    const std::vector<double> x{1.5, nan};
    const Outputs out = compile(graph)->run(TensorView::matrix(x.data(), 1, 2));
    EXPECT_EQ(out.at("y").as<std::string_view>()[0], "1.5");
    EXPECT_EQ(out.at("y").as<std::string_view>()[1], "NaN");
}

TEST(Engine, CastsBeyondTheIntegersAreDefined) {
    const auto model = compile(single(forms::Cast{DType::int64}, 1, spec("", DType::int64, {-1})));
    const std::vector<double> x{-1.9, nan, 1e300};
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(integers(model->predict(TensorView::matrix(x.data(), 3, 1)).at("y")),
              (std::vector<std::int64_t>{-1, least, least}));
}

TEST(Callable, HostsAFunction) {
    Signature signature = test::linear_graph({1}, 0).signature;
    const auto model = callable_model(signature, [](const Batch& batch, Outputs& out) {
        const std::array<std::int64_t, 2> shape{batch.rows(), 1};
        const TensorView y = out.place("y", DType::float64, shape);
        for (std::int64_t i = 0; i < batch.rows(); ++i) y.as_mutable<double>()[i] = 42;
    });
    const double x = 1;
    EXPECT_EQ(doubles(model->predict(TensorView::matrix(&x, 1, 1)).at("y"))[0], 42);
    EXPECT_EQ(model->backend(), "callable");
}

}  // namespace
}  // namespace holdfast

// Graphs that must be refused, and by which name.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>

#include "support/every_form_v2.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

using Spoil = std::function<void(Graph&, forms::Trees&)>;

void expect_refused(const Spoil& spoil, const std::string& word) {
    Graph graph = test::stump_graph(2, 1, 0.5);
    ASSERT_NO_THROW(graph.check());
    spoil(graph, std::get<forms::Trees>(graph.nodes[0].form));
    try {
        graph.check();
        FAIL() << word;
    } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
    EXPECT_THROW(static_cast<void>(compile(graph)), InvalidArgument);
}

TEST(Graph, RefusesTreesThatDoNotHold) {
    expect_refused([](Graph&, forms::Trees& t) { t.left[0] = 0; }, "reached twice");
    expect_refused([](Graph&, forms::Trees& t) { t.right[0] = 1; }, "reached twice");
    expect_refused([](Graph&, forms::Trees& t) { t.roots = {0, 0}; }, "reached twice");
    expect_refused([](Graph&, forms::Trees& t) { t.left[0] = 3; }, "child 3");
    expect_refused([](Graph&, forms::Trees& t) { t.left[0] = -2; }, "child -2");
    expect_refused([](Graph&, forms::Trees& t) { t.right[1] = 2; }, "right child");
    expect_refused([](Graph&, forms::Trees& t) { t.roots = {3}; }, "node 3");
    expect_refused([](Graph&, forms::Trees& t) { t.missings = {forms::Missing::nan}; }, "missings");
    expect_refused([](Graph&, forms::Trees& t) { t.missings.assign(3, forms::Missing::nan); }, "default_left");
    expect_refused([](Graph&, forms::Trees& t) { t.comparison = forms::Comparison::not_in_set; }, "no set");
    expect_refused([](Graph&, forms::Trees& t) { t.linear_constant = {1, 2, 3}; }, "linear_constant");
    expect_refused([](Graph&, forms::Trees& t) { t.linear_feature = {0}; }, "linear_weight");
    expect_refused(
        [](Graph&, forms::Trees& t) {
            t.linear_begin = {0, 0, 0, 0};
            t.linear_constant = {0, 1, 2};
        },
        "2 values of a linear leaf");
    expect_refused([](Graph&, forms::Trees& t) { t.roots.clear(); }, "no trees");
    expect_refused([](Graph&, forms::Trees& t) { t.feature[0] = 2; }, "feature 2");
    expect_refused([](Graph&, forms::Trees& t) { t.leaf_output[0] = 2; }, "leaf_output");
    expect_refused([](Graph&, forms::Trees& t) { t.leaf_begin = {0, 4, 2, 4}; }, "leaf_begin");
    expect_refused([](Graph&, forms::Trees& t) { t.leaf_value.pop_back(); }, "leaf_value");
    expect_refused([](Graph&, forms::Trees& t) { t.threshold.pop_back(); }, "threshold");
    expect_refused([](Graph&, forms::Trees& t) { t.comparison = forms::Comparison::in_set; }, "no set");
    expect_refused([](Graph&, forms::Trees& t) { t.missing = forms::Missing::nan; }, "default_left");
    expect_refused([](Graph&, forms::Trees& t) { t.outputs = std::int64_t{1} << 60; }, "outputs");
    expect_refused([](Graph&, forms::Trees& t) { t.features = 3; }, "features");
    expect_refused([](Graph&, forms::Trees& t) { t.accumulate = DType::int64; }, "accumulate");
}

TEST(Graph, NodesThatNoRootLeadsToMayPointAnywhere) {
    Graph graph = test::stump_graph(2, 1, 0.5);
    auto& trees = std::get<forms::Trees>(graph.nodes[0].form);
    const auto before = compile(graph);
    trees.left.push_back(trees.left[0]);  // as a booster's file may keep what it has pruned
    trees.right.push_back(0);
    trees.feature.push_back(0);
    trees.threshold.push_back(7);
    trees.leaf_begin.push_back(trees.leaf_begin.back());
    ASSERT_NO_THROW(graph.check());
    const auto after = compile(graph);
    const std::vector<float> x{0, 0, 0, 1};
    const TensorView rows = TensorView::matrix(x.data(), 2, 2);
    const std::string& name = graph.signature.prediction;
    const Outputs wanted = before->predict(rows), seen = after->predict(rows);
    for (std::int64_t row = 0; row < 2; ++row)
        EXPECT_EQ(seen.at(name).as<std::int64_t>()[row], wanted.at(name).as<std::int64_t>()[row]);
}

TEST(Graph, RefusesValuesThatDoNotFit) {
    expect_refused([](Graph& g, forms::Trees&) { g.nodes[0].inputs = {"Y"}; }, "\"Y\"");
    expect_refused([](Graph& g, forms::Trees&) { std::swap(g.nodes[1], g.nodes[2]); }, "position");
    expect_refused([](Graph& g, forms::Trees&) { g.nodes[1].outputs = {"X"}; }, "written twice");
    expect_refused([](Graph& g, forms::Trees&) { g.nodes[0].inputs = {"X", "X"}; }, "inputs: 2");
    expect_refused([](Graph& g, forms::Trees&) { g.nodes[0].inputs.clear(); }, "inputs: 0");
    expect_refused([](Graph& g, forms::Trees&) { g.nodes.pop_back(); }, "no node writes output \"label\"");
    expect_refused([](Graph& g, forms::Trees&) { g.signature.outputs[0].dtype = DType::float32; }, "float32");
    expect_refused([](Graph& g, forms::Trees&) { g.signature.inputs[0].shape = {-1, -1}; }, "any");
    expect_refused([](Graph& g, forms::Trees&) { g.signature.prediction = "y"; }, "prediction");
    expect_refused([](Graph& g, forms::Trees&) { g.signature.features.pop_back(); }, "features");
}

TEST(Graph, RefusesWidthsThatGrowWithoutEnd) {
    Graph graph = test::linear_graph({1}, 0);
    std::string last = "X";
    for (int i = 0; i < 60; ++i) {
        const std::string next = "v" + std::to_string(i);
        graph.nodes.push_back({forms::Concat{}, {last, last}, {next}});
        last = next;
    }
    EXPECT_THROW(graph.check(), InvalidArgument);
}

TEST(Signature, JsonAndBack) {
    Signature signature = test::stump_graph(2, 0, 0.5, 0.9, 0.8, std::vector<std::string>{"a", "b"}).signature;
    signature.inputs[0].unit = "m";
    EXPECT_EQ(Signature::from_json(Json::parse(signature.to_json().canonical())), signature);
    signature.classes = std::vector<std::int64_t>{std::int64_t{1} << 62, -3};
    EXPECT_EQ(Signature::from_json(Json::parse(signature.to_json().canonical())), signature);
    EXPECT_EQ(label_text(signature.classes, 1), "-3");
}

TEST(Outputs, ReuseAndReset) {
    Outputs out;
    out.want("a");
    EXPECT_TRUE(out.wants("a"));
    EXPECT_FALSE(out.wants("b"));
    out.begin_run();
    const std::array<std::int64_t, 1> shape{4};
    const TensorView first = out.place("a", DType::float64, shape);
    EXPECT_EQ(out.place("b", DType::float64, shape).data(), nullptr);
    out.begin_run();
    EXPECT_THROW(static_cast<void>(out.at("a")), InvalidArgument);
    EXPECT_EQ(out.place("a", DType::float64, shape).data(), first.data());
    out.reset();
    EXPECT_TRUE(out.asked_for_nothing());
    EXPECT_TRUE(out.names().empty());
}

TEST(Graph, RefusesLinearLeavesThatDoNotHold) {
    const auto expect = [](const std::function<void(forms::Trees&)>& spoil, const std::string& wanted) {
        Graph graph = test::every_form_v2();
        spoil(std::get<forms::Trees>(graph.nodes[0].form));
        try {
            graph.check();
            FAIL() << wanted;
        } catch (const InvalidArgument& error) {
            EXPECT_NE(std::string(error.what()).find(wanted), std::string::npos) << error.what();
        }
    };
    expect([](forms::Trees& t) { t.linear_feature[1] = 3; }, "linear_feature: 3");
    expect([](forms::Trees& t) { t.linear_feature[1] = -1; }, "linear_feature: -1");
    expect([](forms::Trees& t) { t.linear_begin[1] = 3; }, "linear_begin");
    expect([](forms::Trees& t) { t.linear_begin.pop_back(); }, "linear_begin");
    expect([](forms::Trees& t) { t.linear_constant.pop_back(); }, "linear_constant");
    expect([](forms::Trees& t) { t.linear_weight.pop_back(); }, "linear_weight");
}

}  // namespace
}  // namespace holdfast

// The forms of tensors and keys: answers worked out by hand, refusals, and their way through .hfm.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

#include "models/engine/tensor/functions.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// One node over "X", (rows, columns) of float64.
Graph one_node(Form form, std::int64_t columns, DType dtype, std::int64_t width) {
    Graph graph;
    graph.signature = test::dense_signature(columns);
    graph.signature.task = Task::regression;
    graph.signature.classes = std::vector<std::int64_t>{};
    graph.signature.outputs = {test::spec("y", dtype, {-1, width})};
    graph.signature.prediction = "y";
    graph.signature.probability.clear();
    graph.nodes.push_back({std::move(form), {"X"}, {"y"}});
    return graph;
}

template <class T>
std::vector<T> answer(const Graph& graph, const std::vector<double>& x) {
    const auto columns = graph.signature.inputs[0].shape[1];
    const auto rows = static_cast<std::int64_t>(x.size()) / columns;
    const Outputs out = compile(graph)->run(TensorView::matrix(x.data(), rows, columns));
    const T* values = out.at("y").as<T>();
    return {values, values + rows * graph.signature.outputs[0].shape[1]};
}

void expect_refused(const Graph& graph, const std::string& part) {
    try {
        graph.check();
        FAIL() << "was accepted; wanted: " << part;
    } catch (const InvalidArgument& error) {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

// Values from SciPy.
TEST(Functions, AreAccurate) {
    EXPECT_NEAR(engine::erf(0.5), 0.52049987781304654, 3e-16);
    EXPECT_NEAR(engine::erf(2.4999), 0.9995928300996666, 2e-15);
    EXPECT_NEAR(engine::erf(-1.0), -0.84270079294971487, 3e-16);
    EXPECT_NEAR(engine::erf(3.0), 0.99997790950300141, 3e-16);
    EXPECT_EQ(engine::erf(7.0), 1.0);
    EXPECT_EQ(engine::erf(-infinity), -1.0);
    EXPECT_TRUE(std::signbit(engine::erf(-0.0)));
    EXPECT_NEAR(engine::softplus(0.0), 0.69314718055994531, 3e-16);
    EXPECT_EQ(engine::softplus(1000.0), 1000.0);
    EXPECT_NEAR(engine::softplus(-40.0) / 4.2483542552915889e-18, 1.0, 1e-15);
    EXPECT_NEAR(engine::power(2.0, 0.3), 1.2311444133449163, 1e-15);
    EXPECT_EQ(engine::power(-2.0, 3.0), -8.0);
    EXPECT_EQ(engine::power(4.0, 0.5), 2.0);
    EXPECT_TRUE(std::isnan(engine::power(-2.0, 0.3)));
    EXPECT_EQ(engine::power(0.0, -1.0), infinity);
    EXPECT_EQ(engine::power(std::int64_t{3}, std::int64_t{4}), 81);
    EXPECT_EQ(engine::power(std::int64_t{2}, std::int64_t{-1}), 0);
    EXPECT_EQ(engine::power(std::int64_t{-1}, std::int64_t{-3}), -1);
}

// Zero where x < 0, else x: so says IEEE 754's comparison of NaN, -0 and the least numbers there are.
TEST(Functions, ReluKeepsNanAndMinusZero) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto check = [&]<class T>(T least, DType dtype) {
        const std::vector<double> x{nan, -nan, -0.0, 0.0, infinity, -infinity, least, -least, 2.5, -2.5};
        const auto seen = answer<T>(one_node(forms::Math{forms::Function::relu, dtype}, 10, dtype, 10), x);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const T wanted = static_cast<T>(x[i]) < T{0} ? T{0} : static_cast<T>(x[i]);
            EXPECT_EQ(std::memcmp(&seen[i], &wanted, sizeof(T)), 0) << x[i];
        }
    };
    check(std::numeric_limits<float>::denorm_min(), DType::float32);
    check(std::numeric_limits<double>::denorm_min(), DType::float64);
}

TEST(Tensors, AnswerByHand) {
    const std::vector<double> x{3, -1, 2, 2, 0, 5, 5, -7};
    EXPECT_EQ(
        answer<double>(one_node(forms::Reduce{forms::Reduction::sum, 2, DType::float64}, 4, DType::float64, 2), x),
        (std::vector<double>{2, 4, 5, -2}));
    EXPECT_EQ(answer<std::int64_t>(one_node(forms::Reduce{forms::Reduction::arg_max_last, 4}, 4, DType::int64, 1), x),
              (std::vector<std::int64_t>{0, 2}));
    EXPECT_EQ(answer<std::int64_t>(one_node(forms::TopK{4, 3, true}, 4, DType::int64, 3), x),
              (std::vector<std::int64_t>{0, 2, 3, 1, 2, 0}));
    EXPECT_EQ(
        answer<std::int64_t>(
            one_node(forms::Encode{DType::float64, {2, 5}, std::vector<std::int64_t>{}, false}, 4, DType::int64, 4), x),
        (std::vector<std::int64_t>{2, 2, 0, 0, 2, 1, 1, 2}));
    EXPECT_EQ(
        answer<double>(
            one_node(forms::Constant{DType::float64, {4, 2}, std::vector<std::int64_t>{}}, 4, DType::float64, 2), x),
        (std::vector<double>{4, 2, 4, 2}));
    EXPECT_EQ(answer<double>(one_node(forms::Elementwise{forms::Operation::maximum, {0, 1, 2, 3}, DType::float64}, 4,
                                      DType::float64, 4),
                             x),
              (std::vector<double>{3, 1, 2, 3, 0, 5, 5, 3}));
}

TEST(Tensors, WhatDoesNotFitIsRefused) {
    expect_refused(one_node(forms::Reduce{forms::Reduction::sum, 3}, 4, DType::float64, 1), "extent: 3 given");
    expect_refused(one_node(forms::Reduce{forms::Reduction::sum, 0}, 4, DType::float64, 1), "extent: 0 given");
    expect_refused(one_node(forms::TopK{4, 5, true}, 4, DType::int64, 5), "k: 5 given, 1 to 4");
    expect_refused(one_node(forms::OneHot{3, DType::float32}, 4, DType::float32, 12), "positions: float64 given");
    expect_refused(one_node(forms::Math{forms::Function::exclusive_not}, 4, DType::boolean, 4), "float64 given, bool");
    expect_refused(one_node(forms::Elementwise{forms::Operation::both, {1}, DType::float64}, 4, DType::boolean, 4),
                   "bool wanted");
    expect_refused(one_node(forms::Encode{DType::string, {}, std::vector<std::string>{"a"}, false}, 4, DType::int64, 4),
                   "string wanted");
}

TEST(Tensors, KeepThroughFiles) {
    const std::vector<std::string> texts{"a", "b"};
    for (const Graph& graph :
         {one_node(forms::Math{forms::Function::erf, DType::float32}, 2, DType::float32, 2),
          one_node(forms::Constant{DType::string, {}, texts}, 2, DType::string, 2),
          one_node(forms::Reduce{forms::Reduction::length, 2}, 2, DType::float64, 1),
          one_node(forms::Elementwise{forms::Operation::power, {2}, DType::float64}, 2, DType::float64, 2)}) {
        const auto bytes = encode_hfm(graph);
        EXPECT_EQ(bytes[8], std::byte{2});
        EXPECT_EQ(decode_hfm(bytes, "a.hfm"), graph);
    }
}

}  // namespace
}  // namespace holdfast

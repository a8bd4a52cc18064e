#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/models/callable.hpp>
#include <holdfast/models/save.hpp>

#include "support/every_form_v2.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const Model> saved_and_loaded(const Graph& graph) {
    const OnnxFile file = encode_onnx(graph);
    return load_model_bytes(file.bytes, "m.onnx");
}

std::vector<double> doubles(const Model& model, const std::vector<double>& x, std::int64_t features,
                            std::string_view output) {
    const Outputs out =
        model.run(TensorView::matrix(x.data(), static_cast<std::int64_t>(x.size()) / features, features));
    const TensorView& view = out.at(output);
    const auto* values = view.as<double>();
    return {values, values + view.size()};
}

std::string refusal(const Graph& graph) {
    try {
        static_cast<void>(encode_onnx(graph));
    } catch (const Unsupported& error) {
        return error.what();
    }
    return "";
}

/// y = one form of "X" (rows, features).
Graph one_form(Form form, std::int64_t features, DType dtype, std::int64_t width, DType input = DType::float64) {
    Graph graph;
    graph.signature = test::dense_signature(features);
    graph.signature.inputs[0].dtype = input;
    graph.signature.task = Task::regression;
    graph.signature.outputs = {test::spec("y", dtype, {-1, width})};
    graph.signature.prediction = "y";
    graph.nodes.push_back({std::move(form), {"X"}, {"y"}});
    return graph;
}

/// `trees` stumps whose leaves are `leaf` and `-leaf`, summed in float32.
Graph float32_stumps(std::size_t count, float leaf) {
    forms::Trees trees;
    trees.features = trees.outputs = 1;
    trees.accumulate = DType::float32;
    trees.leaf_begin = {0};
    for (std::size_t t = 0; t < count; ++t) {
        const auto at = static_cast<std::int32_t>(3 * t);
        trees.roots.push_back(at);
        for (const std::int32_t step : {1, -1, -1}) trees.left.push_back(step == 1 ? at + 1 : -1);
        for (const std::int32_t step : {2, -1, -1}) trees.right.push_back(step == 2 ? at + 2 : -1);
        for (const std::int32_t feature : {0, -1, -1}) trees.feature.push_back(feature);
        for (const double threshold : {0.5, 0.0, 0.0}) trees.threshold.push_back(threshold);
        const auto entries = static_cast<std::int64_t>(2 * t);
        for (const std::int64_t end : {entries, entries + 1, entries + 2}) trees.leaf_begin.push_back(end);
        for (const float value : {leaf, -leaf}) {
            trees.leaf_output.push_back(0);
            trees.leaf_value.push_back(static_cast<double>(value));
        }
    }
    return one_form(std::move(trees), 1, DType::float32, 1);
}

TEST(OnnxExport, TheBytesAreAFunctionOfTheGraph) {
    const Graph graph = test::stump_graph(3, 1, 0.1);
    EXPECT_EQ(encode_onnx(graph).bytes, encode_onnx(graph).bytes);
    EXPECT_TRUE(encode_onnx(graph).losses.empty());
}

TEST(OnnxExport, AStumpLoadedAgainHasItsBitsLabelsAndClasses) {
    const Graph graph = test::stump_graph(3, 1, 0.1, 0.9, 0.8, std::vector<std::string>{"no", "yés"});
    const auto model = compile(graph), back = saved_and_loaded(graph);
    const float near = std::nextafter(0.1F, 0.0F);
    const std::vector<double> x{0, 0.1, 0, 0, static_cast<double>(near), 0, 0, static_cast<double>(0.1F), 0};
    EXPECT_EQ(doubles(*back, x, 3, "probabilities"), doubles(*model, x, 3, "probabilities"));
    EXPECT_EQ(back->signature().classes, graph.signature.classes);
    EXPECT_EQ(back->signature().prediction, "label");
    const Outputs own = model->run(TensorView::matrix(x.data(), 3, 3)),
                  again = back->run(TensorView::matrix(x.data(), 3, 3));
    for (std::int64_t row = 0; row < 3; ++row)
        EXPECT_EQ(again.at("label").as<std::string_view>()[row], own.at("label").as<std::string_view>()[row]);
}

std::vector<std::byte> with_text(std::vector<std::byte> bytes, std::string_view from, std::string_view to) {
    const auto at = std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find(from);
    EXPECT_EQ(from.size(), to.size());
    std::memcpy(bytes.data() + at, to.data(), to.size());
    return bytes;
}

TEST(OnnxExport, TheSignatureComesBackWhereItStillFits) {
    Graph graph = test::stump_graph(2, 1, 0.1);
    graph.signature.inputs[0].unit = "mm";
    const std::vector<std::byte> bytes = encode_onnx(graph).bytes;
    EXPECT_EQ(load_model_bytes(bytes, "m.onnx")->signature(), graph.signature);
    EXPECT_EQ(load_model_bytes(bytes, "m.onnx")
                  ->predict_proba(TensorView::matrix(std::vector<double>{0, 0}.data(), 1, 2))
                  .at("probabilities")
                  .as<double>()[0],
              0.9);
    const auto other = load_model_bytes(with_text(bytes, R"("name":"X")", R"("name":"Y")"), "m.onnx");
    EXPECT_EQ(other->signature().inputs[0].name, "X");  // somebody has renamed the input
    EXPECT_TRUE(other->signature().features.empty());
    const auto damaged = with_text(bytes, R"({"classes")", R"([{classes])");
    EXPECT_THROW(static_cast<void>(load_model_bytes(damaged, "m.onnx")), CorruptArtifact);
    const auto wrong = with_text(bytes, R"("task":"cla)", R"("task":"zla)");
    EXPECT_THROW(static_cast<void>(load_model_bytes(wrong, "m.onnx")), CorruptArtifact);
}

TEST(OnnxExport, ADamagedFileIsAnErrorOrAModel) {
    const std::vector<std::byte> bytes = encode_onnx(test::stump_graph(2, 1, 0.1)).bytes;
    const std::vector<double> x{0, 0.5};
    int refused = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto damaged = bytes;
        damaged[i] ^= std::byte{i % 2 == 0 ? std::uint8_t{0x01} : std::uint8_t{0x80}};
        try {
            const auto model = load_model_bytes(damaged, "m.onnx");
            static_cast<void>(model->run(TensorView::matrix(x.data(), 1, 2)));
        } catch (const Error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 500);
}

TEST(OnnxExport, Float32SumsLoseWhatIsProven) {
    for (const std::size_t count : {1, 2})
        EXPECT_TRUE(encode_onnx(float32_stumps(count, 0.1F)).losses.empty()) << count;
    const Graph graph = float32_stumps(1000, 0.1F);
    const OnnxFile file = encode_onnx(graph);
    ASSERT_EQ(file.losses.size(), 1U);
    const double unit = 0x1p-24, size = 1000 * static_cast<double>(0.1F), share = 1000 * unit;
    EXPECT_EQ(file.losses[0].output, "y");
    EXPECT_NEAR(file.losses[0].absolute, (share / (1 - share) + unit) * size, 1e-5 * share * size);
    const std::vector<double> x{0.0};
    const auto value = [&](const Model& model) {
        return static_cast<double>(model.run(TensorView::matrix(x.data(), 1, 1)).at("y").as<float>()[0]);
    };
    const double own = value(*compile(graph)), again = value(*load_model_bytes(file.bytes, "m.onnx"));
    EXPECT_EQ(again, static_cast<double>(static_cast<float>(size)));
    EXPECT_NE(own, again);  // a thousand roundings are seen
    EXPECT_LE(std::fabs(own - again), file.losses[0].absolute);
}

TEST(OnnxExport, LossesAreCarriedThroughWhatFollows) {
    const auto loss = [](Form form, std::int64_t width, DType dtype = DType::float64) {
        Graph graph = float32_stumps(100, 0.1F);
        graph.nodes[0].outputs = {"sum"};
        graph.nodes.push_back({std::move(form), {"sum"}, {"y"}});
        graph.signature.outputs = {test::spec("y", dtype, {-1, width})};
        const OnnxFile file = encode_onnx(graph);
        return file.losses.empty() ? ExportLoss{} : file.losses[0];
    };
    const double sum = loss(forms::Cast{DType::float64}, 1).absolute;
    EXPECT_GT(sum, 0.0);
    const auto transformed = [&](forms::Transform transform, std::int64_t width = 1) {
        return loss(forms::PostTransform{transform, DType::float64}, width);
    };
    EXPECT_DOUBLE_EQ(transformed(forms::Transform::logistic).absolute, 0.25 * sum);
    EXPECT_DOUBLE_EQ(transformed(forms::Transform::softmax).absolute, 0.5 * sum);
    EXPECT_DOUBLE_EQ(transformed(forms::Transform::exp).relative, std::expm1(sum));
    EXPECT_DOUBLE_EQ(transformed(forms::Transform::complement, 2).absolute, sum);
    EXPECT_DOUBLE_EQ(loss(forms::Linear{1, 2, {3, -5}, {0, 1}, DType::float64}, 2).absolute, 5 * sum);
    EXPECT_DOUBLE_EQ(loss(forms::Scale{{1}, {4}, true, DType::float64}, 1).absolute, sum / 4);
    EXPECT_DOUBLE_EQ(loss(forms::Elementwise{forms::Operation::multiply, {-2}, DType::float64}, 1).absolute, 2 * sum);
    EXPECT_TRUE(std::isinf(transformed(forms::Transform::log).absolute));
    EXPECT_EQ(loss(forms::Threshold{0.5, false}, 1, DType::int64), ExportLoss{});
}

TEST(OnnxExport, WhatCannotBeSaidIsNamed) {
    EXPECT_NE(refusal(test::every_form_v2()).find("node 0 (trees): linear trees"), std::string::npos);
    Graph probit = one_form(forms::PostTransform{forms::Transform::probit, DType::float64}, 2, DType::float64, 2);
    EXPECT_NE(refusal(probit).find("probit"), std::string::npos);
    Graph copy = one_form(forms::Cast{DType::string}, 2, DType::string, 2);
    EXPECT_NE(refusal(copy).find("float64 to text"), std::string::npos);
    copy.signature.outputs = {test::spec("X", DType::float64, {-1, 2})};
    copy.signature.prediction = "X";
    EXPECT_NE(refusal(copy).find("output \"X\" is the input"), std::string::npos);
    const std::int64_t pairs = 1024 * 1023 / 2;
    const std::vector<double> zeros(static_cast<std::size_t>(pairs), 0.0);
    const Graph coupling =
        one_form(forms::PairwiseProbability{1024, zeros, zeros}, pairs, DType::float64, 1024, DType::float64);
    EXPECT_NE(refusal(coupling).find("node 0 (pairwise_probability): the file would be beyond 2 GiB"),
              std::string::npos);
    Graph broken = test::linear_graph({1, 2}, 0);
    broken.nodes[0].inputs = {"Z"};
    EXPECT_THROW(static_cast<void>(encode_onnx(broken)), InvalidArgument);
}

TEST(OnnxExport, FilesAreWrittenWholeOrNotAtAll) {
    const fs::path folder = fs::temp_directory_path() / ("holdfast_onnx_export_" + std::to_string(::getpid()));
    fs::create_directories(folder);
    const auto model = test::linear_model({1, 2}, 0.5);
    EXPECT_TRUE(save_model(*model, folder / "m.onnx").empty());
    EXPECT_EQ(read_file(folder / "m.onnx"), encode_onnx(*model->graph()).bytes);
    EXPECT_TRUE(save_model(*model, folder / "m.hfm").empty());
    EXPECT_EQ(read_file(folder / "m.hfm"), encode_hfm(*model->graph()));
    EXPECT_THROW(static_cast<void>(save_model(*model, folder / "m.ubj")), Unsupported);
    EXPECT_THROW(static_cast<void>(save_onnx(*model, folder / "absent" / "m.onnx")), NotFound);
    const auto callable = callable_model(model->signature(), [](const Batch&, Outputs&) {});
    EXPECT_THROW(static_cast<void>(save_onnx(*callable, folder / "callable.onnx")), Unsupported);
    EXPECT_THROW(static_cast<void>(
                     save_onnx(*compile(one_form(forms::Cast{DType::string}, 1, DType::string, 1)), folder / "m.onnx")),
                 Unsupported);
    EXPECT_EQ(read_file(folder / "m.onnx"), encode_onnx(*model->graph()).bytes);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 2);
    fs::remove_all(folder);
}

}  // namespace
}  // namespace holdfast

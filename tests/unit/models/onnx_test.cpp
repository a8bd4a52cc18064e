// The ONNX reader on files made byte by byte: what it answers, and what it refuses.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

namespace holdfast {
namespace {

/// A protobuf message in the making.
class Message {
  public:
    Message& varint(std::uint32_t field, std::uint64_t value) {
        put(field << 3U);
        put(value);
        return *this;
    }
    Message& bytes(std::uint32_t field, const std::string& value) {
        put(field << 3U | 2U);
        put(value.size());
        text_ += value;
        return *this;
    }
    Message& number(std::uint32_t field, float value) {
        put(field << 3U | 5U);
        append(value);
        return *this;
    }
    Message& raw(const std::string& value) {
        text_ += value;
        return *this;
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    template <class T>
    void append(T value) {
        std::array<char, sizeof(T)> out{};
        std::memcpy(out.data(), &value, sizeof(T));
        text_.append(out.data(), out.size());
    }
    void put(std::uint64_t value) {
        for (; value >= 128; value >>= 7U) text_ += static_cast<char>((value & 127U) | 128U);
        text_ += static_cast<char>(value);
    }
    std::string text_;
};

std::string floats(const std::string& name, const std::vector<float>& values) {
    Message message;
    message.bytes(1, name).varint(20, 6);
    for (const float value : values) message.number(7, value);
    return message.text();
}

std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
    Message message;
    message.bytes(1, name).varint(20, 7);
    for (const std::int64_t value : values) message.varint(8, static_cast<std::uint64_t>(value));
    return message.text();
}

std::string texts(const std::string& name, const std::vector<std::string>& values) {
    Message message;
    message.bytes(1, name).varint(20, 8);
    for (const std::string& value : values) message.bytes(9, value);
    return message.text();
}

std::string text(const std::string& name, const std::string& value) {
    return Message().bytes(1, name).varint(20, 3).bytes(4, value).text();
}

std::string value_info(const std::string& name, std::int64_t columns) {
    const std::string rows = Message().bytes(2, "N").text();
    const std::string width = Message().varint(1, static_cast<std::uint64_t>(columns)).text();
    const std::string shape = Message().bytes(1, rows).bytes(1, width).text();
    const std::string tensor = Message().varint(1, 1).bytes(2, shape).text();
    return Message().bytes(1, name).bytes(2, Message().bytes(1, tensor).text()).text();
}

std::string node(const std::string& type, const std::vector<std::string>& attributes,
                 const std::string& domain = "ai.onnx.ml") {
    Message message;
    message.bytes(1, "X").bytes(2, "Y").bytes(4, type).bytes(7, domain);
    for (const std::string& attribute : attributes) message.bytes(5, attribute);
    return message.text();
}

std::string file_of(const std::vector<std::string>& nodes, std::int64_t columns = 2,
                    const std::string& more_graph = "") {
    Message graph;
    for (const std::string& one : nodes) graph.bytes(1, one);
    graph.bytes(11, value_info("X", columns)).bytes(12, value_info("Y", 1)).raw(more_graph);
    const std::string own = Message().bytes(1, "").varint(2, 17).text();
    const std::string ml = Message().bytes(1, "ai.onnx.ml").varint(2, 3).text();
    return Message().varint(1, 8).bytes(2, "test").bytes(7, graph.text()).bytes(8, own).bytes(8, ml).text();
}

std::shared_ptr<const Model> load(const std::string& bytes) {
    return load_model_bytes(std::as_bytes(std::span(bytes.data(), bytes.size())), "model.onnx");
}

template <class Refusal>
void expect_refused(const std::string& bytes, const std::string& part) {
    try {
        static_cast<void>(load(bytes));
        FAIL() << "was loaded; wanted: " << part;
    } catch (const Refusal& error) {
        EXPECT_NE(std::string(error.what()).find("model.onnx"), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

std::string linear() {
    return node("LinearRegressor", {floats("coefficients", {2.0F, -1.0F}), floats("intercepts", {0.5F})});
}

/// x0 <= 0.5 ? 1 : (x1 <= threshold ? 2 : 3), with what the arguments put in place.
struct Tree {
    std::vector<std::int64_t> nodes{0, 1, 2, 3, 4};
    std::vector<std::int64_t> features{0, 0, 1, 0, 0};
    std::vector<std::int64_t> when_true{1, 0, 3, 0, 0};
    std::vector<std::int64_t> when_false{2, 0, 4, 0, 0};
    std::vector<std::int64_t> leaves{1, 3, 4};
    std::vector<std::int64_t> outputs{0, 0, 0};
    std::vector<std::string> modes{"BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"};
    std::vector<std::int64_t> tracks{0, 0, 1, 0, 0};

    [[nodiscard]] std::string file() const {
        const std::vector<std::int64_t> zeros(nodes.size(), 0);
        return file_of(
            {node("TreeEnsembleRegressor",
                  {integers("nodes_treeids", zeros), integers("nodes_nodeids", nodes),
                   integers("nodes_featureids", features), texts("nodes_modes", modes),
                   floats("nodes_values", {0.5F, 0.0F, 0.5F, 0.0F, 0.0F}), integers("nodes_truenodeids", when_true),
                   integers("nodes_falsenodeids", when_false), integers("nodes_missing_value_tracks_true", tracks),
                   integers("target_treeids", {0, 0, 0}), integers("target_nodeids", leaves),
                   integers("target_ids", outputs), floats("target_weights", {1.0F, 2.0F, 3.0F})})});
    }
};

std::vector<float> predict(const Model& model, const std::vector<float>& x, std::int64_t columns) {
    const auto rows = static_cast<std::int64_t>(x.size()) / columns;
    const Outputs out = model.predict(TensorView::matrix(x.data(), rows, columns));
    const TensorView& y = out.at(model.signature().prediction);
    const auto* values = y.as<float>();
    return {values, values + y.size()};
}

TEST(Onnx, ReadsALinearModel) {
    const auto model = load(file_of({linear()}));
    EXPECT_EQ(model->backend(), "onnx");
    EXPECT_EQ(model->signature().task, Task::regression);
    EXPECT_EQ(predict(*model, {1.0F, 1.0F, 0.0F, 4.0F}, 2), (std::vector<float>{1.5F, -3.5F}));
}

TEST(Onnx, ReadsATreeAndSendsMissingValuesWhereItSays) {
    const auto model = load(Tree().file());
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(predict(*model, {0.5F, 0, 0.6F, 0.5F, 0.6F, 0.6F, nan, 1.0F, 1.0F, nan}, 2),
              (std::vector<float>{1, 2, 3, 3, 2}));
}

TEST(Onnx, TreesThatAreDamagedAreCorrupt) {
    Tree tree;
    tree.when_true[2] = 0;  // a cycle: no root is left
    expect_refused<CorruptArtifact>(tree.file(), "");
    tree = {};
    tree.when_true[2] = 2;
    expect_refused<CorruptArtifact>(tree.file(), "");
    tree = {};
    tree.when_false[2] = 99;
    expect_refused<CorruptArtifact>(tree.file(), "node 99 of tree 0 is missing");
    tree = {};
    tree.features[2] = 2;
    expect_refused<CorruptArtifact>(tree.file(), "tests feature 2 of 2");
    tree = {};
    tree.outputs[1] = 1;
    expect_refused<CorruptArtifact>(tree.file(), "target_ids holds 1");
    tree = {};
    tree.nodes[4] = 3;
    expect_refused<CorruptArtifact>(tree.file(), "is there twice");
    tree = {};
    tree.features.pop_back();
    expect_refused<CorruptArtifact>(tree.file(), "nodes_featureids has 4 values, 5 wanted");
    tree = {};
    tree.modes[0] = "BRANCH_MEMBER";
    expect_refused<Unsupported>(tree.file(), "node mode \"BRANCH_MEMBER\"");
}

TEST(Onnx, NodesOfTreesMayStandInAnyOrder) {
    const std::vector<float> x{0.0F, 0.0F, 1.0F, 0.0F, 1.0F, 1.0F, 1.0F, std::numeric_limits<float>::quiet_NaN()};
    const auto wanted = predict(*load(Tree().file()), x, 2);
    EXPECT_EQ(wanted, (std::vector<float>{1.0F, 2.0F, 3.0F, 2.0F}));
    Tree named;  // the same nodes by other numbers
    named.nodes = {7, 1'000'000'000, 2, -3, 4};
    named.when_true = {1'000'000'000, 0, -3, 0, 0};
    named.when_false = {2, 0, 4, 0, 0};
    named.leaves = {1'000'000'000, -3, 4};
    EXPECT_EQ(predict(*load(named.file()), x, 2), wanted);
    Tree longer;  // in one byte to four
    longer.nodes = {127, 128, 16'384, 2'097'152, 16'383};
    longer.when_true = {128, 0, 2'097'152, 0, 0};
    longer.when_false = {16'384, 0, 16'383, 0, 0};
    longer.leaves = {128, 2'097'152, 16'383};
    EXPECT_EQ(predict(*load(longer.file()), x, 2), wanted);
    Tree turned;  // leaves named in another order than they stand
    turned.leaves = {4, 3, 1};
    EXPECT_EQ(predict(*load(turned.file()), x, 2), (std::vector<float>{3.0F, 2.0F, 1.0F, 2.0F}));
    Tree wide;
    wide.nodes[4] = std::int64_t{1} << 32;
    expect_refused<CorruptArtifact>(wide.file(), "nodes_nodeids");
    Tree missing;
    missing.when_true[2] = 5;
    expect_refused<CorruptArtifact>(missing.file(), "node 5 of tree 0 is missing");
}

TEST(Onnx, ListsMayBePackedAndSaidInAnyOrder) {
    const std::vector<float> values{2.0F, -1.0F};
    std::string packed(2 * sizeof(float), '\0');
    std::memcpy(packed.data(), values.data(), packed.size());
    const Message in_fields = Message().number(7, values[0]).number(7, values[1]);
    const std::vector<std::string> attributes{
        Message().bytes(1, "coefficients").bytes(7, packed).varint(20, 6).text(),
        Message().bytes(7, packed).varint(20, 6).bytes(1, "coefficients").text(),
        Message().raw(in_fields.text()).bytes(1, "coefficients").text(),
        Message().varint(20, 6).raw(in_fields.text()).bytes(1, "coefficients").text(),
        Message().bytes(1, "coefficients").number(7, values[0]).varint(20, 6).number(7, values[1]).text()};
    for (const std::string& attribute : attributes) {
        const auto model = load(file_of({node("LinearRegressor", {attribute, floats("intercepts", {0.5F})})}));
        EXPECT_EQ(predict(*model, {1.0F, 1.0F, 0.0F, 4.0F}, 2), (std::vector<float>{1.5F, -3.5F}));
    }
}

TEST(Onnx, AListOfAnotherTypeThanItSaysIsCorrupt) {
    const Message values = Message().number(7, 2.0F).number(7, -1.0F);
    const std::vector<std::string> attributes{
        Message().bytes(1, "coefficients").raw(values.text()).varint(20, 7).text(),
        Message().bytes(1, "coefficients").varint(20, 7).raw(values.text()).text(),
        Message().raw(values.text()).varint(20, 7).bytes(1, "coefficients").text()};
    for (const std::string& attribute : attributes)
        expect_refused<CorruptArtifact>(file_of({node("LinearRegressor", {attribute})}), "\"coefficients\" has");
}

TEST(Onnx, WhatIsNotCoveredIsNamed) {
    expect_refused<Unsupported>(file_of({node("Foo", {})}), "operator ai.onnx.ml.Foo (node 0) is not covered");
    expect_refused<Unsupported>(file_of({node("Conv", {}, "")}), "operator Conv (node 0) is not covered");
    expect_refused<Unsupported>(
        file_of({node("LinearRegressor", {floats("coefficients", {2.0F, -1.0F}), text("post_transform", "LOGISTIC")})}),
        "post_transform of one target");
    expect_refused<CorruptArtifact>(file_of({node("Normalizer", {text("norm", "L3")})}), "norm is \"L3\"");
    expect_refused<Unsupported>(file_of({node("Normalizer", {text("norm", "L1"), text("colour", "red")})}),
                                "attribute \"colour\"");
}

TEST(Onnx, ADomainThatIsNotImportedIsCorrupt) {
    expect_refused<CorruptArtifact>(file_of({node("Foo", {}, "com.example")}), "domain \"com.example\"");
}

TEST(Onnx, EveryTruncationIsRefused) {
    const std::string whole = file_of({linear()});
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_THROW(static_cast<void>(load(whole.substr(0, size))), Error) << size;
}

TEST(Onnx, EveryFlippedBitIsReadOrRefused) {
    std::string bytes = Tree().file();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            const auto flip = static_cast<char>(1U << bit);
            bytes[i] = static_cast<char>(bytes[i] ^ flip);
            try {
                static_cast<void>(load(bytes));
            } catch (const Error& error) {
                EXPECT_TRUE(error.code() == ErrorCode::corrupt_artifact || error.code() == ErrorCode::unsupported)
                    << error.what();
            }
            bytes[i] = static_cast<char>(bytes[i] ^ flip);
        }
    }
}

TEST(Onnx, ForeignFilesAreCorrupt) {
    expect_refused<CorruptArtifact>("", "");
    expect_refused<CorruptArtifact>("PK\x03\x04 a zip", "");
    expect_refused<CorruptArtifact>("{\"json\": 1}", "");
    expect_refused<CorruptArtifact>(std::string(1000, '\0'), "");
}

TEST(Onnx, HugeSizesInSmallFilesAreRefused) {
    const std::uint64_t huge = std::uint64_t{1} << 40U;
    const std::string tensor = Message().varint(1, huge).varint(1, huge).varint(2, 1).bytes(8, "W").text();
    expect_refused<CorruptArtifact>(file_of({linear()}, 2, Message().bytes(5, tensor).text()), "tensor \"W\"");
    const std::string length = std::string("\x3a\xff\xff\xff\xff\x7f", 6);
    expect_refused<CorruptArtifact>(Message().varint(1, 8).raw(length).text(), "");
    expect_refused<Unsupported>(file_of({linear()}, std::int64_t{1} << 40), "input \"X\"");
    std::vector<std::string> nodes;
    for (int i = 0; i < 64; ++i) {
        const std::string name = "v" + std::to_string(i);
        nodes.push_back(Message().bytes(1, "X").bytes(2, name).bytes(4, "Neg").text());
    }
    expect_refused<CorruptArtifact>(file_of(nodes, std::int64_t{1} << 20), "wider than");
}

TEST(Onnx, DataInOtherFilesIsRefused) {
    const std::string tensor = Message().varint(1, 1).varint(2, 1).bytes(8, "W").varint(14, 1).text();
    expect_refused<Unsupported>(file_of({linear()}, 2, Message().bytes(5, tensor).text()), "another file");
}

}  // namespace
}  // namespace holdfast

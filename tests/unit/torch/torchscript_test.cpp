#include <array>
#include <atomic>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/data/table.hpp>

#include "unit/torch/small_modules.hpp"

namespace holdfast::torch_backend::test {
namespace {

const std::array<float, 6> three_rows{1, 2, 3, 4, 5, 6};
const std::vector<float> answers{5, 11, 17};  // of `product`

std::vector<float> floats(const TensorView& view) {
    const float* values = view.as<float>();
    return {values, values + view.size()};
}

TEST(TorchScript, PredictsFromBytes) {
    const auto model = load_bytes(scripted(product));
    const Outputs out = model->predict(TensorView::matrix(three_rows.data(), 3, 2));
    EXPECT_EQ(floats(out.at("y0")), answers);
    EXPECT_EQ(model->backend(), "torch");
    EXPECT_EQ(model->arithmetic(), "torch-" + built_for() + "/cpu");
}

TEST(TorchScript, DerivesASignature) {
    const Signature one = load_bytes(scripted(product, 2, at::kDouble))->signature();
    EXPECT_EQ(one.inputs, (std::vector<TensorSpec>{{"x", DType::float64, {-1, -1}, ""}}));
    EXPECT_EQ(one.outputs, (std::vector<TensorSpec>{{"y0", DType::float64, {-1, -1}, ""}}));
    EXPECT_EQ(one.prediction, "y0");
    const Signature two = load_bytes(scripted("def forward(self, a, b): return (a + b, a - b)"))->signature();
    EXPECT_EQ(two.inputs,
              (std::vector<TensorSpec>{{"a", DType::float32, {-1, 1}, ""}, {"b", DType::float32, {-1, 1}, ""}}));
    EXPECT_EQ(two.outputs.size(), 2U);
}

TEST(TorchScript, TakesTheSignatureThatTheFileHolds) {
    Signature signature;
    signature.inputs = {{"X", DType::float32, {-1, 2}, ""}};
    signature.outputs = {{"price", DType::float32, {-1}, "USD"}};
    signature.features = {"rooms", "age"};
    signature.prediction = "price";
    const auto model =
        load_bytes(scripted(product, 2, at::kFloat, {{"holdfast.signature", signature.to_json().canonical()}}));
    EXPECT_EQ(model->signature(), signature);
    Table table;
    table.add("age", Column::of(std::vector<double>{2, 4})).add("rooms", Column::of(std::vector<std::int64_t>{1, 3}));
    const Outputs out = model->predict(table);
    EXPECT_EQ(floats(out.at("price")), (std::vector<float>{5, 11}));
    EXPECT_EQ(out.at("price").rank(), 1);
}

TEST(TorchScript, ConvertsNumbersAndFollowsStrides) {
    const auto model = load_bytes(scripted(product));
    const std::array<std::int64_t, 6> by_columns{1, 3, 5, 2, 4, 6};
    const std::array<std::int64_t, 2> shape{3, 2}, strides{1, 3}, backwards{-2, 1};
    const TensorView columns(by_columns.data(), DType::int64, shape, strides, false);
    EXPECT_EQ(floats(model->predict(columns).at("y0")), answers);
    const TensorView reversed(three_rows.data() + 4, DType::float32, shape, backwards, false);
    EXPECT_EQ(floats(model->predict(reversed).at("y0")), (std::vector<float>{17, 11, 5}));
}

TEST(TorchScript, WritesIntoTheCallersMemory) {
    const auto model = load_bytes(scripted(product));
    std::array<float, 6> memory{};
    const std::array<std::int64_t, 2> shape{3, 1}, strides{-2, 1};
    model->predict_into(TensorView::matrix(three_rows.data(), 3, 2),
                        TensorView(memory.data() + 4, DType::float32, shape, strides, true));
    EXPECT_EQ(memory, (std::array<float, 6>{17, 0, 11, 0, 5, 0}));
    std::array<double, 3> wrong{};
    EXPECT_THROW(
        model->predict_into(TensorView::matrix(three_rows.data(), 3, 2), TensorView::matrix(wrong.data(), 3, 1)),
        InvalidArgument);
}

TEST(TorchScript, LeavesAnInputToAModelThatKeepsIt) {
    const auto model =
        load_bytes(scripted("def forward(self, x):\n    last = self.w\n    self.w = x\n    return last", 2));
    const std::array<float, 2> first{1, 2}, second{3, 4}, third{5, 6};
    const auto call = [&](const std::array<float, 2>& x) {
        return floats(model->predict(TensorView::matrix(x.data(), 2, 1)).at("y0"));
    };
    static_cast<void>(call(first));
    EXPECT_EQ(call(second), (std::vector<float>{1, 2}));
    EXPECT_EQ(call(third), (std::vector<float>{3, 4}));
}

TEST(TorchScript, NeverWritesIntoItsInputs) {
    const auto model = load_bytes(scripted("def forward(self, x): return x.add_(1).matmul(self.w)"));
    std::array<float, 2> row{1, 2};
    EXPECT_EQ(floats(model->predict(TensorView::matrix(row.data(), 1, 2)).at("y0")), std::vector<float>{8});
    EXPECT_EQ(row, (std::array<float, 2>{1, 2}));
}

TEST(TorchScript, FindsSeveralInputsByName) {
    const auto model = load_bytes(scripted("def forward(self, a, b): return a - b"));
    Table table;
    table.add("b", Column::of(std::vector<double>{1, 2})).add("a", Column::of(std::vector<float>{5, 7}, {true, false}));
    const Outputs out = model->predict(table);
    EXPECT_EQ(out.at("y0").as<float>()[0], 4.0F);
    EXPECT_TRUE(std::isnan(out.at("y0").as<float>()[1]));
}

TEST(TorchScript, NamesOutputsByTheSignature) {
    Signature signature;
    signature.inputs = {{"x", DType::float32, {-1, 2}, ""}};
    signature.outputs = {{"label", DType::int64, {-1}, ""}, {"score", DType::float64, {-1, 1}, ""}};
    signature.prediction = "label";
    const std::string dict =
        "def forward(self, x):\n  y = x.matmul(self.w)\n  return {'score': y, 'label': y.gt(6).squeeze(1)}";
    const auto model = load_bytes(scripted(dict), trusted(signature));
    const Outputs out = model->run(TensorView::matrix(three_rows.data(), 3, 2));
    EXPECT_EQ(out.at("score").as<double>()[2], 17.0);
    EXPECT_EQ(out.at("label").as<std::int64_t>()[0], 0);
    EXPECT_EQ(out.at("label").as<std::int64_t>()[1], 1);
    signature.outputs[1].name = "other";
    const auto wrong = load_bytes(scripted(dict), trusted(signature));
    EXPECT_NE(message_of<InvalidArgument>([&] {
                  (void)wrong->run(TensorView::matrix(three_rows.data(), 3, 2));
              }).find("\"other\""),
              std::string::npos);
    EXPECT_NE(message_of<InvalidArgument>([&] { (void)load_bytes(scripted(dict)); }).find("give a signature"),
              std::string::npos);
}

TEST(TorchScript, HoldsADerivedSignatureToWhatItSays) {
    const auto model = load_bytes(scripted("def forward(self, x): return x.argmax(1)"));
    const std::string message =
        message_of<InvalidArgument>([&] { (void)model->predict(TensorView::matrix(three_rows.data(), 3, 2)); });
    EXPECT_NE(message.find("int64[3]"), std::string::npos) << message;
    EXPECT_NE(message.find("float32[rows, any]"), std::string::npos) << message;
}

TEST(TorchScript, SaysInOneLineWhyACallFailed) {
    const auto model = load_bytes(scripted(product));
    const std::string message =
        message_of<InvalidArgument>([&] { (void)model->predict(TensorView::matrix(three_rows.data(), 2, 3)); });
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_NE(message.find("shapes cannot be multiplied"), std::string::npos) << message;
    EXPECT_NE(message.find("\"net.pt\""), std::string::npos) << message;
}

TEST(TorchScript, RefusesWhatIsNoTorchScript) {
    Bytes bytes = scripted(product);
    bytes.resize(bytes.size() / 2);
    EXPECT_EQ(message_of<CorruptArtifact>([&] { (void)load_bytes(bytes); }).find('\n'), std::string::npos);
    EXPECT_THROW((void)load_bytes({}), CorruptArtifact);
    EXPECT_THROW((void)load_bytes(Bytes(100, std::byte{7})), CorruptArtifact);
    EXPECT_THROW((void)load_bytes(Bytes(100, std::byte{7}), trusted(), "net.pt2"), CorruptArtifact);
    EXPECT_THROW((void)load_bytes(scripted(product), trusted(), "net.pt2"), CorruptArtifact);
}

TEST(TorchScript, LoadsOnlyWhenTrustedOrAllowed) {
    const Bytes bytes = scripted(product);
    EXPECT_THROW((void)load_bytes(bytes, {}), Unsupported);
    LoadOptions allowed;
    allowed.allowed_sha256 = {sha256(bytes)};
    EXPECT_NO_THROW((void)load_bytes(bytes, allowed));
}

TEST(TorchScript, RefusesOptionsByName) {
    const Bytes bytes = scripted(product);
    LoadOptions options = trusted();
    options.device = "abacus";
    EXPECT_NE(message_of<InvalidArgument>([&] { (void)load_bytes(bytes, options); }).find("\"abacus\""),
              std::string::npos);
    options.device = "cpu";
    options.threads = 0;
    EXPECT_THROW((void)load_bytes(bytes, options), InvalidArgument);
    Signature two;
    two.inputs = {{"a", DType::float32, {-1}, ""}, {"b", DType::float32, {-1}, ""}};
    two.outputs = {{"y", DType::float32, {-1}, ""}};
    EXPECT_THROW((void)load_bytes(bytes, trusted(two)), InvalidArgument);
}

TEST(TorchScript, RefusesArgumentsThatAreNoTensors) {
    EXPECT_NE(message_of<Unsupported>([] {
                  (void)load_bytes(scripted("def forward(self, x, n: int): return x * n"));
              }).find("\"n\""),
              std::string::npos);
    EXPECT_NO_THROW((void)load_bytes(scripted("def forward(self, x, n: int = 2): return x * n")));
}

TEST(TorchScript, ThreadsHaveInputsOfTheirOwn) {
    const auto model = load_bytes(scripted(product));
    std::atomic<int> wrong = 0;
    const auto call = [&](float first) {
        const std::array<float, 2> x{first, 1};
        std::array<float, 1> y{};
        for (int i = 0; i < 2'000; ++i) {
            model->predict_into(TensorView::matrix(x.data(), 1, 2), TensorView::matrix(y.data(), 1, 1));
            wrong += y[0] == first + 2 ? 0 : 1;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(call, static_cast<float>(i));
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(TorchScript, LeavesTheThreadsNumberOfThreads) {
    const auto model = load_bytes(scripted(product));
    at::set_num_threads(2);
    (void)model->predict(TensorView::matrix(three_rows.data(), 3, 2));
    EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(TorchScript, AnswersNoRows) {
    const auto model = load_bytes(scripted(product));
    EXPECT_EQ(model->predict(TensorView::matrix(three_rows.data(), 0, 2)).at("y0").rows(), 0);
}

}  // namespace
}  // namespace holdfast::torch_backend::test

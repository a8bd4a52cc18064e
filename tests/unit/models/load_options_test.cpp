// What LoadOptions say holds for every format of native models.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>
#include <holdfast/models/save.hpp>

#include "support/models.hpp"

namespace holdfast {
namespace {

class LoadOptionsTest : public testing::TestWithParam<const char*> {
  protected:
    LoadOptionsTest()
        : folder_(std::filesystem::temp_directory_path() / ("holdfast-load-" + std::to_string(::getpid()))) {
        std::filesystem::create_directory(folder_);
        path_ = folder_ / (std::string("m") + GetParam());
        const auto model = test::linear_model({2.0, 1.0}, 0.5);
        if (std::string(GetParam()) == ".hfm") {
            save_hfm(*model, path_);
        } else {
            static_cast<void>(save_onnx(*model, path_));
        }
    }
    ~LoadOptionsTest() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_, path_;
};

TEST_P(LoadOptionsTest, DevicesBesideTheProcessorAreRefused) {
    LoadOptions options;
    options.device = "cuda:0";
    try {
        static_cast<void>(load_model_file(path_, options));
        FAIL();
    } catch (const Unsupported& error) {
        EXPECT_NE(std::string(error.what()).find("\"cuda:0\" given"), std::string::npos) << error.what();
    }
}

TEST_P(LoadOptionsTest, ThreadsAreOneOrMore) {
    LoadOptions options;
    options.threads = 0;
    EXPECT_THROW(static_cast<void>(load_model_file(path_, options)), InvalidArgument);
    options.threads = 3;
    const std::vector<double> x{1.0, 2.0};
    const Outputs out = load_model_file(path_, options)->predict(TensorView::matrix(x.data(), 1, 2));
    EXPECT_EQ(out.at("y").as<double>()[0], 4.5);
}

TEST_P(LoadOptionsTest, ASignatureOverridesTheFilesAndMustFit) {
    Signature signature = test::linear_graph({2.0, 1.0}, 0.5).signature;
    signature.features = {"area", "rooms"};
    LoadOptions options;
    options.signature = std::make_shared<const Signature>(signature);
    EXPECT_EQ(load_model_file(path_, options)->signature().features, signature.features);
    signature.outputs[0].shape = {-1, 2};
    options.signature = std::make_shared<const Signature>(signature);
    EXPECT_THROW(static_cast<void>(load_model_file(path_, options)), InvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Formats, LoadOptionsTest, testing::Values(".hfm", ".onnx"));

}  // namespace
}  // namespace holdfast

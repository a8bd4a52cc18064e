#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>
#include <holdfast/models/callable.hpp>
#include <holdfast/models/load.hpp>

#include "models/hfm/layout.hpp"
#include "support/every_form.hpp"
#include "support/every_form_v2.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

std::string message(const std::vector<std::byte>& bytes) {
    try {
        static_cast<void>(decode_hfm(bytes, "a.hfm"));
    } catch (const CorruptArtifact& error) {
        return error.what();
    }
    return "";
}

class HfmFile : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("holdfast_hfm_" + std::to_string(::getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_;
};

TEST(Hfm, KeepsEveryForm) {
    const Graph graph = test::every_form();
    const auto bytes = encode_hfm(graph);
    const Graph back = decode_hfm(bytes, "a.hfm");
    EXPECT_EQ(back, graph);
    EXPECT_EQ(encode_hfm(back), bytes);
}

/// Writes length and checksum anew, as someone who knows the format would.
std::vector<std::byte> sealed(std::vector<std::byte> bytes) {
    const std::uint64_t length = bytes.size() - hfm::head_size;
    std::memcpy(bytes.data() + 16, &length, sizeof length);
    const std::span<const std::byte> all(bytes);
    const Digest digest = Sha256().update(all.first(hfm::digest_at)).update(all.subspan(hfm::head_size)).finish();
    std::memcpy(bytes.data() + hfm::digest_at, digest.bytes.data(), digest.bytes.size());
    return bytes;
}

std::uint32_t version_of(const std::vector<std::byte>& bytes) {
    std::uint32_t version = 0;
    std::memcpy(&version, bytes.data() + hfm::magic.size(), sizeof version);
    return version;
}

TEST(Hfm, WhatVersion1CanSayIsWrittenInIt) {
    EXPECT_EQ(version_of(encode_hfm(test::every_form())), 1U);
    EXPECT_EQ(version_of(encode_hfm(test::stump_graph(3, 1, 0.1))), 1U);
}

/// A stump with one thing that version 1 did not have.
std::vector<Graph> stumps_of_version_2() {
    std::vector<Graph> graphs(4, test::stump_graph(2, 1, 0.5));
    const auto trees = [&](std::size_t i) -> forms::Trees& { return std::get<forms::Trees>(graphs[i].nodes[0].form); };
    trees(0).missings = {forms::Missing::nan, forms::Missing::none, forms::Missing::none};
    trees(0).default_left = {1, 0, 0};
    trees(1).missing = forms::Missing::nan_as_zero;
    trees(1).default_left = {0, 0, 0};
    trees(2).comparison = forms::Comparison::not_in_set;
    trees(2).threshold = {0, 0, 0};
    trees(2).set_begin = {0, 2};
    trees(2).sets = {1, 5};
    trees(3).linear_begin = {0, 0, 1, 2};
    trees(3).linear_feature = {0, 1};
    trees(3).linear_weight = {0.1, 1e-310};
    trees(3).linear_constant = {0, -0.0, 3};
    trees(3).leaf_begin = {0, 0, 1, 2};
    trees(3).leaf_output = {0, 1};
    trees(3).leaf_value = {1, 2};
    return graphs;
}

TEST(Hfm, WhatIsNewIsWrittenInVersion2) {
    for (const Graph& graph : stumps_of_version_2()) {
        const auto bytes = encode_hfm(graph);
        EXPECT_EQ(version_of(bytes), 2U);
        const Graph back = decode_hfm(bytes, "a.hfm");
        EXPECT_EQ(back, graph);
        EXPECT_EQ(encode_hfm(back), bytes);
    }
    const Graph all = test::every_form_v2();
    EXPECT_EQ(version_of(encode_hfm(all)), 2U);
    EXPECT_EQ(decode_hfm(encode_hfm(all), "a.hfm"), all);
}

TEST(Hfm, WhatIsNewIsRefusedInAFileOfVersion1) {
    for (const Graph& graph : stumps_of_version_2()) {
        auto bytes = encode_hfm(graph);
        bytes[hfm::magic.size()] = std::byte{1};
        EXPECT_THROW(static_cast<void>(decode_hfm(sealed(bytes), "a.hfm")), CorruptArtifact);
    }
}

TEST(Hfm, EveryFlippedByteIsFound) {
    const auto bytes = encode_hfm(test::stump_graph(2, 1, 0.5));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto flipped = bytes;
        flipped[i] ^= std::byte{0x10};
        EXPECT_THROW(static_cast<void>(decode_hfm(flipped, "a.hfm")), CorruptArtifact) << i;
    }
}

TEST(Hfm, EveryTruncationIsFound) {
    const auto bytes = encode_hfm(test::stump_graph(2, 1, 0.5));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::string text = message({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)});
        EXPECT_NE(text.find("a.hfm"), std::string::npos) << size;
    }
}

TEST(Hfm, ANewerVersionIsNamed) {
    auto bytes = encode_hfm(test::linear_graph({1}, 0));
    bytes[8] = std::byte{7};
    try {
        static_cast<void>(decode_hfm(sealed(bytes), "a.hfm"));
        FAIL();
    } catch (const Unsupported& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("version 7"), std::string::npos);
        EXPECT_NE(text.find("version 2"), std::string::npos);
    }
}

TEST(Hfm, HostileBytesUnderAGoodChecksumAreRefused) {
    const auto bytes = encode_hfm(test::every_form());
    int refused = 0;
    for (std::size_t i = hfm::head_size; i < bytes.size(); ++i) {
        constexpr std::array<unsigned char, 3> flips{0x01, 0x80, 0xff};
        auto hostile = bytes;
        hostile[i] ^= std::byte{flips[i % 3]};
        try {
            const auto model = compile(decode_hfm(sealed(hostile), "a.hfm"));
            const std::vector<double> x(30, 0.5);
            if (model->signature().inputs[0].dtype == DType::float64)
                static_cast<void>(model->run(TensorView::matrix(x.data(), 10, 3)));
        } catch (const Error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
}

TEST_F(HfmFile, SavedAndLoadedGivesTheSameBits) {
    const auto model = compile(test::every_form());
    const fs::path path = folder_ / "every.hfm";
    save_hfm(*model, path);
    const auto back = load_model_file(path);
    EXPECT_EQ(*back->graph(), *model->graph());
    const std::vector<double> x{0.1, 0.2, 0.3, 4, 5, 6};
    const Outputs a = model->run(TensorView::matrix(x.data(), 2, 3)), b = back->run(TensorView::matrix(x.data(), 2, 3));
    EXPECT_EQ(std::memcmp(a.at("svm").data(), b.at("svm").data(), 6 * sizeof(double)), 0);
}

TEST_F(HfmFile, FilesThatCannotBeLoaded) {
    EXPECT_THROW(static_cast<void>(load_model_file(folder_ / "absent.hfm")), NotFound);
    write_file_atomically(folder_ / "foreign.hfm", "{\"model\": 1}");
    EXPECT_THROW(static_cast<void>(load_model_file(folder_ / "foreign.hfm")), CorruptArtifact);
    write_file_atomically(folder_ / "model.pickle", "x");
    EXPECT_THROW(static_cast<void>(load_model_file(folder_ / "model.pickle")), Unsupported);
    write_file_atomically(folder_ / "big.hfm", "0123456789");
    LoadOptions options;
    options.max_bytes = 5;
    EXPECT_THROW(static_cast<void>(load_model_file(folder_ / "big.hfm", options)), InvalidArgument);
    const auto callable = callable_model(test::linear_graph({1}, 0).signature, [](const Batch&, Outputs&) {});
    EXPECT_THROW(save_hfm(*callable, folder_ / "callable.hfm"), Unsupported);
    EXPECT_FALSE(fs::exists(folder_ / "callable.hfm"));
}

TEST_F(HfmFile, BackendsThatCarryCodeWantTrust) {
    register_backend({"test_code", {".testcode"}, true, [](const ModelFile&, const LoadOptions&) {
                          return test::linear_model({1}, 0);
                      }});
    EXPECT_THROW(register_backend({"test_code",
                                   {".other"},
                                   true,
                                   [](const ModelFile&, const LoadOptions&) { return test::linear_model({1}, 0); }}),
                 Conflict);
    EXPECT_THROW(register_backend({"another",
                                   {".hfm"},
                                   true,
                                   [](const ModelFile&, const LoadOptions&) { return test::linear_model({1}, 0); }}),
                 Conflict);
    const fs::path path = folder_ / "m.testcode";
    write_file_atomically(path, "code");
    EXPECT_THROW(static_cast<void>(load_model_file(path)), Unsupported);
    LoadOptions trusted;
    trusted.trusted = true;
    EXPECT_NE(load_model_file(path, trusted), nullptr);
    LoadOptions allowed;
    allowed.allowed_sha256 = {sha256("code")};
    EXPECT_NE(load_model_file(path, allowed), nullptr);
    allowed.allowed_sha256 = {sha256("other code")};
    EXPECT_THROW(static_cast<void>(load_model_file(path, allowed)), Unsupported);
}

TEST_F(HfmFile, ABackendThatKnowsItsFilesSharesAnEnding) {
    const auto model_of = [](double weight) {
        return [weight](const ModelFile&, const LoadOptions&) { return test::linear_model({weight}, 0); };
    };
    const auto fits = [](std::span<const std::byte> bytes) { return !bytes.empty() && bytes[0] == std::byte{'a'}; };
    register_backend({"test_of_a", {".testshared"}, false, model_of(1), fits});
    const auto load = [](const std::string& text) { return load_model_bytes(as_bytes(text), "m.testshared"); };
    EXPECT_THROW(static_cast<void>(load("b")), Unsupported);
    register_backend({"test_of_others", {".testshared"}, false, model_of(2)});
    EXPECT_THROW(register_backend({"test_third", {".testshared"}, false, model_of(3)}), Conflict);
    const std::vector<double> x{1.0};
    const auto answer = [&](const std::string& text) {
        return *load(text)->predict(TensorView::matrix(x.data(), 1, 1)).at("y").as<double>();
    };
    EXPECT_EQ(answer("a file"), 1.0);
    EXPECT_EQ(answer("b file"), 2.0);
    EXPECT_EQ(answer(""), 2.0);
}

}  // namespace
}  // namespace holdfast

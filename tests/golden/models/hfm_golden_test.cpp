// Files of each version of `.hfm` as they were first written, with the answers they gave then.
//
// HOLDFAST_WRITE_GOLDEN=1 writes the files that are absent; one that is there is never written again.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/base/file.hpp>
#include <holdfast/models/load.hpp>

#include "support/every_form.hpp"
#include "support/every_form_v2.hpp"
#include "support/models.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(HOLDFAST_TEST_DATA) / "golden" / "models";

/// The bytes of all numeric outputs, one after another.
std::vector<std::byte> answers(const Model& model) {
    const std::vector<double> x{0.1, 0.2, 0.3, 4, 0.05, 6, -1, 1e-3, 2};
    const Outputs out = model.run(TensorView::matrix(x.data(), 3, 3));
    std::vector<std::byte> bytes;
    for (const std::string& name : out.names()) {
        const TensorView& view = out.at(name);
        if (view.dtype() == DType::string) {
            for (std::int64_t i = 0; i < view.size(); ++i) {
                const auto text = as_bytes(view.as<std::string_view>()[i]);
                bytes.insert(bytes.end(), text.begin(), text.end());
                bytes.push_back(std::byte{0});
            }
        } else {
            const auto* from = static_cast<const std::byte*>(view.data());
            bytes.insert(bytes.end(), from, from + view.size() * size_of(view.dtype()));
        }
    }
    return bytes;
}

void write_where_absent(const Graph& graph, const std::string& name) {
    if (std::getenv("HOLDFAST_WRITE_GOLDEN") == nullptr) return;
    const fs::path model = folder / (name + ".hfm"), answer = folder / (name + ".answers");
    if (!fs::exists(model)) save_hfm(*compile(graph), model);
    if (!fs::exists(answer)) write_file_atomically(answer, std::span<const std::byte>(answers(*compile(graph))));
}

void expect_golden(const Graph& graph, const std::string& name) {
    write_where_absent(graph, name);
    const auto model = load_model_file(folder / (name + ".hfm"));
    EXPECT_EQ(*model->graph(), graph);
    EXPECT_EQ(encode_hfm(graph), read_file(folder / (name + ".hfm")));
    EXPECT_EQ(answers(*model), read_file(folder / (name + ".answers")));
}

TEST(HfmGolden, EveryFormVersion1) { expect_golden(test::every_form(), "every_form_v1"); }
TEST(HfmGolden, EveryFormVersion2) { expect_golden(test::every_form_v2(), "every_form_v2"); }
TEST(HfmGolden, StumpVersion1) { expect_golden(test::stump_graph(3, 1, 0.1), "stump_v1"); }
TEST(HfmGolden, LinearVersion1) { expect_golden(test::linear_graph({0.1, 0.2, 0.3}, 0.7), "linear_v1"); }

}  // namespace
}  // namespace holdfast

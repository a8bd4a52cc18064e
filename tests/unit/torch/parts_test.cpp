#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "torch/call_spec.hpp"
#include "torch/failure.hpp"
#include "torch/private_file.hpp"

namespace holdfast::torch_backend {
namespace {

TEST(TorchFailure, IsOneLine) {
    EXPECT_EQ(brief("first\nsecond"), "first");
    EXPECT_EQ(brief("\n first"), "first");
    EXPECT_EQ(brief(""), "no reason given");
    EXPECT_EQ(brief("The following operation failed.\nTraceback of TorchScript (most recent call last):\n  x.mm(y)\n"
                    "RuntimeError: shapes differ\nwhere they met"),
              "RuntimeError: shapes differ");
}

const std::string leaf = R"({"type": null, "context": null, "children_spec": []})";

std::string dict(const std::string& keys, const std::string& children) {
    return R"({"type": "builtins.dict", "context": ")" + keys + R"(", "children_spec": [)" + children + "]}";
}

TEST(CallSpec, NamesLeaves) {
    const std::string tuple =
        R"({"type": "builtins.tuple", "context": "null", "children_spec": [)" + leaf + ", " + leaf + "]}";
    using Names = std::vector<std::string>;
    EXPECT_EQ(leaf_names("[1, " + leaf + "]", "y"), Names{"y0"});
    EXPECT_EQ(leaf_names("[1, " + tuple + "]", "y"), (Names{"y0", "y1"}));
    EXPECT_EQ(leaf_names("[1, " + dict(R"([\"a\", \"b\"])", leaf + ", " + leaf) + "]", "y"), (Names{"a", "b"}));
    EXPECT_EQ(leaf_names("[1, " + dict("[1]", leaf) + "]", "y"), Names{"y0"});
}

TEST(CallSpec, RefusesWhatIsNone) {
    EXPECT_THROW((void)leaf_names("", "y"), CorruptArtifact);
    EXPECT_THROW((void)leaf_names("[1]", "y"), CorruptArtifact);
    EXPECT_THROW((void)leaf_names(R"([1, {"type": "builtins.tuple"}])", "y"), CorruptArtifact);
    std::string deep = leaf;
    for (int i = 0; i < 40; ++i) deep = dict("[]", deep);
    EXPECT_THROW((void)leaf_names("[1, " + deep + "]", "y"), CorruptArtifact);
}

TEST(PrivateFile, IsTheOwnersAloneAndGoes) {
    std::filesystem::path path;
    {
        const PrivateFile file(as_bytes("bytes"), "model.pt2");
        path = file.path();
        struct ::stat seen{};
        ASSERT_EQ(::stat(path.c_str(), &seen), 0);
        EXPECT_EQ(seen.st_mode & 0777, 0600U);
        ASSERT_EQ(::stat(path.parent_path().c_str(), &seen), 0);
        EXPECT_EQ(seen.st_mode & 0777, 0700U);
        EXPECT_EQ(as_text(read_file(path)), "bytes");
    }
    EXPECT_FALSE(std::filesystem::exists(path.parent_path()));
}

}  // namespace
}  // namespace holdfast::torch_backend

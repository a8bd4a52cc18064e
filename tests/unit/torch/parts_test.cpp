#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "torch/call_spec.hpp"
#include "torch/dtypes.hpp"
#include "torch/failure.hpp"
#include "torch/kept_tensor.hpp"
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

TEST(KeptTensor, IsKeptWhereNobodyElseHoldsIt) {
    const std::array<float, 2> first{1, 2}, second{3, 4};
    KeptTensor kept;
    const auto over = [&](const std::array<float, 2>& memory, auto&& look) {
        LentTensor lent(kept);
        look(lent.over(TensorView::matrix(memory.data(), 1, 2)));
    };
    const c10::TensorImpl* made = nullptr;
    over(first, [&](const at::Tensor& tensor) { made = tensor.unsafeGetTensorImpl(); });
    over(second, [&](const at::Tensor& tensor) {
        EXPECT_EQ(tensor.unsafeGetTensorImpl(), made);
        EXPECT_EQ(tensor.const_data_ptr(), second.data());
        LentTensor meanwhile(kept);
        EXPECT_EQ(meanwhile.over(TensorView::matrix(first.data(), 1, 2)).const_data_ptr(), first.data());
        EXPECT_EQ(tensor.const_data_ptr(), second.data());
    });
    for (const bool whole : {true, false}) {
        at::Tensor held;
        over(first, [&](const at::Tensor& tensor) { held = whole ? tensor : tensor.unsqueeze(0); });
        over(second, [](const at::Tensor&) {});
        EXPECT_EQ(held.const_data_ptr(), first.data());
    }
}

TEST(KeptTensor, HasTheShapeAndTypeOfTheView) {
    const std::array<double, 2> numbers{1, 2};
    const std::array<std::int64_t, 2> whole{3, 4};
    KeptTensor kept;
    const auto lend = [&](const TensorView& view) {
        LentTensor lent(kept);
        const at::Tensor& tensor = lent.over(view);
        EXPECT_EQ(tensor.sizes(), (c10::IntArrayRef{view.shape().data(), view.shape().size()}));
        EXPECT_EQ(tensor.scalar_type(), scalar_type(view.dtype()));
        EXPECT_EQ(tensor.const_data_ptr(), view.data());
    };
    lend(TensorView::matrix(numbers.data(), 1, 2));
    lend(TensorView::matrix(numbers.data(), 2, 1));
    lend(TensorView::matrix(whole.data(), 2, 1));
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

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <holdfast/base/error.hpp>

#include "unit/torch/small_modules.hpp"

namespace holdfast::torch_backend::test {
namespace {

const std::array<float, 2> row{1, 2};

/// The status of a child that runs `f`, which returns it; a minute at most.
template <class F>
int in_child(F&& f) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(60);
        int status = 99;
        try {
            status = f();
        } catch (...) {
        }
        ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(TorchFork, AModelOfTheParentRefusesInTheChild) {
    const auto model = load_bytes(scripted(product));
    (void)model->predict(TensorView::matrix(row.data(), 1, 2));
    EXPECT_EQ(in_child([&] {
                  try {
                      (void)model->predict(TensorView::matrix(row.data(), 1, 2));
                      return 1;
                  } catch (const UsedAfterFork& error) {
                      return std::string(error.what()).find("\"net.pt\"") != std::string::npos ? 0 : 2;
                  }
              }),
              0);
}

TEST(TorchFork, AModelLoadedInTheChildComputesOnOneThread) {
    const Bytes bytes = scripted("def forward(self, x): return x.matmul(self.w) + x.sum()", 512);
    LoadOptions options = trusted();
    options.threads = 2;
    const std::vector<float> many(512 * 512, 1.0F);
    const auto batch = TensorView::matrix(many.data(), 512, 512);
    const auto model = load_bytes(bytes, options);
    (void)model->predict(batch);  // OpenMP has its threads now
    EXPECT_EQ(in_child([&] { return load_bytes(bytes, options)->predict(batch).at("y0").rows() == 512 ? 0 : 1; }), 0);
}

}  // namespace
}  // namespace holdfast::torch_backend::test

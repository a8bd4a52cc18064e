// LibTorch's own forward of a file beside Model::predict_into of the same file, in turns, one row of 8 float32 at a
// time.
//
//     bench_torch_predict network.pt network.pt2
//
// writes the medians as JSON: nanoseconds of the processor a call. Without arguments it does nothing.
#include <algorithm>
#include <array>
#include <ctime>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <holdfast/torch/backend.hpp>

namespace {

using namespace holdfast;

constexpr int rounds = 41;
constexpr int calls = 2'000;

double processor_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double nanoseconds(const std::function<void()>& call) {
    const double start = processor_ns();
    for (int i = 0; i < calls; ++i) call();
    return (processor_ns() - start) / calls;
}

double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + rounds / 2);
    return values[rounds / 2];
}

/// LibTorch's own call, of a tensor that is there already; the answer stays a tensor.
std::function<void()> raw_call(const std::string& path, const at::Tensor& tensor) {
    if (path.ends_with(".pt2")) {
        auto package = std::make_shared<torch::inductor::AOTIModelPackageLoader>(path, "model", false, 1, -1);
        return [package, tensor] { package->run({tensor}); };
    }
    auto module = std::make_shared<torch::jit::Module>(torch::jit::load(path));
    module->eval();
    return [module, tensor] { module->forward({tensor}); };
}

void compare(const std::string& path) {
    std::array<float, 8> x{1, 2, 3, 4, 5, 6, 7, 8};
    float y = 0;
    const TensorView batch = TensorView::matrix(static_cast<const float*>(x.data()), 1, 8);
    const TensorView out = TensorView::matrix(&y, 1, 1);
    LoadOptions options;
    options.trusted = true;
    const auto model = load_model_file(path, options);
    const c10::InferenceMode inference;
    const auto raw = raw_call(path, at::from_blob(x.data(), {1, 8}));
    std::vector<double> theirs, ours;
    for (int round = 0; round < rounds; ++round) {
        theirs.push_back(nanoseconds(raw));
        ours.push_back(nanoseconds([&] { model->predict_into(batch, out); }));
    }
    std::cout << "{\"file\": \"" << path << "\", \"forward_ns\": " << median(theirs)
              << ", \"predict_into_ns\": " << median(ours) << "}\n";
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) return 0;
    at::set_num_threads(1);
    torch_backend::register_backends();
    for (int i = 1; i < count; ++i) compare(arguments[i]);
    torch_backend::close_unused_packages();
}

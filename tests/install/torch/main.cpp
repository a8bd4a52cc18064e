// A host of the installed torch component: loads the TorchScript file that it is given and predicts, with no Python in
// the process. Exits with 0, or with the line of what went wrong. Without a file it answers for the library alone.
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>
#include <holdfast/torch/backend.hpp>

namespace {

#define WANT(condition)                                         \
    do {                                                        \
        if (!(condition)) {                                     \
            std::printf("line %d: %s\n", __LINE__, #condition); \
            std::exit(1);                                       \
        }                                                       \
    } while (false)

/// The file holds y = 2 a + 0.5 b + 1.
void predict(const std::string& path) {
    const std::array<float, 6> rows{1, 2, 3, 4, 5, 6};
    const auto batch = holdfast::TensorView::matrix(rows.data(), 3, 2);
    const auto model = holdfast::load_model_file(path, {.trusted = true});
    const holdfast::Outputs out = model->predict(batch);
    const holdfast::TensorView& y = out.at(model->signature().prediction);
    WANT(y.rows() == 3);
    const std::array<float, 3> wanted{4, 9, 14};
    for (std::size_t i = 0; i < wanted.size(); ++i) WANT(std::abs(y.as<float>()[i] - wanted[i]) < 1e-5F);
    std::printf("%s predicts with %s\n", path.c_str(), model->arithmetic().c_str());
}

void is_refused_unless_trusted(const std::string& path) {
    try {
        (void)holdfast::load_model_file(path);
        WANT(false);
    } catch (const holdfast::Unsupported& error) {
        std::printf("refused: %s\n", error.what());
    }
}

}  // namespace

int main(int count, char** arguments) {
    holdfast::torch_backend::register_backends();
    holdfast::torch_backend::register_backends();  // does nothing
    WANT(!holdfast::torch_backend::built_for().empty());
    if (count > 1) {
        is_refused_unless_trusted(arguments[1]);
        predict(arguments[1]);
    }
    return 0;
}

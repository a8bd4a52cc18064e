// Any bytes are a model of XGBoost, or refused as damaged or not covered; what loads, predicts.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace holdfast;
    try {
        const auto model = load_model_bytes(std::as_bytes(std::span(data, size)), "fuzz.ubj");
        const std::int64_t columns = model->signature().inputs[0].shape[1];
        if (columns > 4096) return 0;
        const std::vector<float> x(static_cast<std::size_t>(columns), 0.5F);
        static_cast<void>(model->run(TensorView::matrix(x.data(), 1, columns)));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) std::abort();
    }
    return 0;
}

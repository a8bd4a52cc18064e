// Any bytes are an ONNX model, or refused as damaged or not covered; what loads, predicts.
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
        const auto model = load_model_bytes(std::as_bytes(std::span(data, size)), "fuzz.onnx");
        const Signature& signature = model->signature();
        if (signature.inputs.size() != 1 || signature.inputs[0].dtype != DType::float32) return 0;
        std::vector<std::int64_t> shape = signature.inputs[0].shape;
        shape[0] = 1;
        std::int64_t columns = 1;
        for (const std::int64_t extent : shape) columns *= extent;
        if (columns > 4096) return 0;
        const std::vector<float> x(static_cast<std::size_t>(columns), 0.5F);
        static_cast<void>(model->run(TensorView(static_cast<const void*>(x.data()), DType::float32, shape)));
    } catch (const Error& error) {
        if (error.code() == ErrorCode::internal) std::abort();
    }
    return 0;
}

/// What the fuzzers of model files share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include <holdfast/base/error.hpp>
#include <holdfast/models/load.hpp>

namespace holdfast::fuzz {

/// Any bytes are a model of the kind that `name` ends in, or refused as damaged or not covered; what loads, predicts.
inline int load_and_predict(const std::uint8_t* data, std::size_t size, const char* name) {
    try {
        const auto model = load_model_bytes(std::as_bytes(std::span(data, size)), name);
        const Signature& signature = model->signature();
        if (signature.inputs.size() != 1 || signature.inputs[0].dtype == DType::string) return 0;
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

}  // namespace holdfast::fuzz

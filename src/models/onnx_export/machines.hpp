/// What a file has of a kernel machine, and what its loss is reckoned from.
#pragma once

#include <cstdint>
#include <vector>

#include <holdfast/models/forms.hpp>

namespace holdfast::onnx_export {

/// Support vectors about their mean.
struct Centred {
    std::vector<double> centre;
    std::vector<double> vectors;  ///< without it, one after the other
    std::vector<double> lengths;  ///< squared, one a vector
};
[[nodiscard]] Centred centred(const forms::Kernels& form);

/// What each kernel value counts in each decision: (vectors, decisions).
[[nodiscard]] std::vector<double> decision_weights(const forms::Kernels& form, std::int64_t vectors);

}  // namespace holdfast::onnx_export

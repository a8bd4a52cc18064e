/// Which signature a file's model has, and how its arguments and results map to it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/models/load.hpp>
#include <holdfast/models/signature.hpp>

namespace holdfast::torch_backend {

/// The key under which a file keeps its own signature, as JSON.
inline constexpr const char* signature_key = "holdfast.signature";

/// What a file says about itself.
struct Description {
    std::vector<std::string> arguments;               ///< names, in the order of the call
    std::optional<std::vector<std::string>> results;  ///< names, in order; empty for a dict or a list of any length
    std::optional<DType> dtype;                       ///< of the first floating-point parameter
    std::string signature;                            ///< JSON, or ""
};

struct Chosen {
    Signature signature;
    bool derived = false;
    std::vector<std::size_t> inputs;  ///< argument i of the call is input inputs[i] of the signature
    std::vector<std::size_t>
        outputs;  ///< output i of the signature is result outputs[i]; empty where results are unknown
};

/// LoadOptions::signature, else the file's own, else a derived one. InvalidArgument where it does not go with the file.
[[nodiscard]] Chosen choose_signature(const Description& description, const LoadOptions& options,
                                      const std::string& what);

}  // namespace holdfast::torch_backend

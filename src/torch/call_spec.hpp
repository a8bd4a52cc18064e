/// Names of an AOTInductor package's arguments and results, out of the call specification that it holds.
#pragma once

#include <string>
#include <vector>

namespace holdfast::torch_backend {

/// Names of the leaves of a pytree specification as torch.export writes it, in order: the key of a dict where there is
/// one and no leaf before has it, else `prefix` and the leaf's number. CorruptArtifact where it is no specification.
[[nodiscard]] std::vector<std::string> leaf_names(const std::string& specification, const std::string& prefix);

}  // namespace holdfast::torch_backend

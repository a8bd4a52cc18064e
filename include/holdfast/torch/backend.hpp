/// The torch backend: TorchScript `.pt` and AOTInductor `.pt2`, a component of its own (libholdfast_torch).
///
/// Both kinds of file carry code and load only when trusted or of an allowed hash. TorchScript does not say its shapes:
/// give LoadOptions::signature, or take the one that is derived (inputs "x0", ..., outputs "y0", ..., any extents).
///
/// Thread safety: all calls are safe from several threads. LibTorch's inference in the forked child of a process that
/// used OpenMP is refused (UsedAfterFork).
#pragma once

#include <string>

#include <holdfast/torch/export.hpp>

namespace holdfast::torch_backend {

/// Registers `.pt` and `.pt2`; a second call does nothing.
HOLDFAST_TORCH_EXPORT void register_backends();
/// The LibTorch this library was built for: "2.13.0".
[[nodiscard]] HOLDFAST_TORCH_EXPORT std::string built_for();

}  // namespace holdfast::torch_backend

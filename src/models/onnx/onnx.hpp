/// The ONNX backend: a decoder of the protobuf bytes and a translator into Holdfast's own forms. No runtime is linked.
///
/// What is covered is listed in docs/models.md; anything else is refused by name. Numbers that a file keeps in float32
/// stay float32; sums run in double and are rounded once, which is at most as far from the exact answer as ONNX
/// Runtime's.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <holdfast/models/graph.hpp>

namespace holdfast::onnx {

/// The entry of a file's metadata that holds the signature of the model that was saved in it, as JSON.
inline constexpr std::string_view signature_key = "holdfast.signature";

/// CorruptArtifact (truncated, foreign, inconsistent) or Unsupported (an operator or attribute, by name).
[[nodiscard]] Graph read_graph(std::span<const std::byte> bytes);

}  // namespace holdfast::onnx

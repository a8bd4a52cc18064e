/// Saving models: `.hfm`, which keeps every bit, and `.onnx`, an export for other runtimes that says what it loses.
///
/// ONNX files are written in operators that compute in float64, of operator set 18 (19 where text is compared) and
/// `ai.onnx.ml` 3 (4 where keys are float64). What they compute is the graph's own function with its own roundings; the
/// order of float64 sums and the last place of elementary functions are the runtime's. What is lost beyond that is
/// returned, with bounds that are proven in src/models/onnx_export/losses.cpp. docs/models.md has the table.
///
/// Errors: Unsupported names the form and the option that cannot be said, or the file's ending; IoError and the like as
/// write_file_atomically. Nothing half-written is left.
///
/// Thread safety: pure functions, and files that are renamed into place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/models/load.hpp>

namespace holdfast {

/// An output of the saved file is within absolute + relative * |value| of the model's own value, in every row whose
/// comparisons (splits, votes, ties of labels) of inexact values are no closer than these values' own errors.
struct ExportLoss {
    std::string output;     ///< its name
    std::string what;       ///< "sums of 500 float32 leaves in another order"
    double absolute = 0.0;  ///< in the output's unit; infinity where no bound is known
    double relative = 0.0;
    bool operator==(const ExportLoss&) const = default;
};

struct OnnxFile {
    std::vector<std::byte> bytes;
    std::vector<ExportLoss> losses;  ///< none: nothing is lost
};

/// The bytes are a pure function of the graph.
[[nodiscard]] HOLDFAST_EXPORT OnnxFile encode_onnx(const Graph& graph);
/// Writes `.onnx` atomically; Unsupported where the model has no graph. What is lost.
HOLDFAST_EXPORT std::vector<ExportLoss> save_onnx(const Model& model, const std::filesystem::path& path);
/// Writes the file that the path's ending names: `.hfm`, which loses nothing, or `.onnx`.
HOLDFAST_EXPORT std::vector<ExportLoss> save_model(const Model& model, const std::filesystem::path& path);

}  // namespace holdfast

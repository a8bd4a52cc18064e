/// Loading model files: the backend registry and its hook.
///
/// A backend claims files by their ending and opens them from bytes that were read (and hashed) once. Backends are
/// registered by an explicit call; the native `.hfm`, `onnx`, `catboost`, `xgboost` and `lightgbm` ones are there from
/// the start.
///
/// Errors: NotFound, PermissionDenied, IoError (the file), CorruptArtifact (truncated, foreign), Unsupported (an
/// operator, a newer format, a file that carries code and is not trusted, an ending that no backend claims, by name).
///
/// Thread safety: all calls are safe from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/hash.hpp>
#include <holdfast/export.hpp>
#include <holdfast/models/graph.hpp>
#include <holdfast/models/model.hpp>

namespace holdfast {

struct LoadOptions {
    bool trusted = false;                ///< load files that carry code (TorchScript, AOTInductor, joblib)
    std::vector<Digest> allowed_sha256;  ///< or those of these hashes only
    std::string device = "cpu";          ///< torch: "cpu", "cuda:0"
    /// Inside one call, 1 or more. Native models share big batches out, as far as processors are free, and the answer's
    /// bits stay the same; a call that does allocates.
    int threads = 1;
    /// What the file cannot say about itself (TorchScript has no names): overrides what it says.
    std::shared_ptr<const Signature> signature;
    std::int64_t max_bytes = std::int64_t{4} << 30;
};

struct ModelFile {
    /// Bytes behind `bytes` that may be read where `padded` says so, whatever they hold.
    static constexpr std::size_t padding = 64;

    std::filesystem::path path;        ///< for messages; torch opens a private copy of `bytes`, never the path again
    std::span<const std::byte> bytes;  ///< the whole file, valid during the call
    bool padded = false;

    [[nodiscard]] Digest sha256() const { return holdfast::sha256(bytes); }
};

struct Backend {
    std::string name;                  ///< "onnx"
    std::vector<std::string> endings;  ///< ".onnx"
    bool carries_code = false;         ///< loads only when trusted or of an allowed hash
    std::function<std::shared_ptr<const Model>(const ModelFile&, const LoadOptions&)> load;
    /// Whether the bytes are of a file of its own, where it shares an ending with a backend that takes all others.
    std::function<bool(std::span<const std::byte> bytes)> fits = {};
};

/// Conflict where a backend of that name is there, or one with one of its endings and neither has `fits`.
HOLDFAST_EXPORT void register_backend(Backend backend);
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::string> backend_names();
/// What a backend whose files hold a graph does: compiles what `read` gives, with the options' signature and threads.
/// Errors of `read` get the file's name; Unsupported for a device other than "cpu".
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<const Model> load_graph(const ModelFile& file, const LoadOptions& options,
                                                                      std::string backend,
                                                                      const std::function<Graph()>& read);

[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<const Model> load_model_file(const std::filesystem::path& path,
                                                                           const LoadOptions& options = {});
/// The same from bytes; `path` gives the ending and the name in messages.
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<const Model> load_model_bytes(std::span<const std::byte> bytes,
                                                                            const std::filesystem::path& path,
                                                                            const LoadOptions& options = {});

/// The native file: `.hfm`, lossless. The bytes are a pure function of the graph.
[[nodiscard]] HOLDFAST_EXPORT std::vector<std::byte> encode_hfm(const Graph& graph);
[[nodiscard]] HOLDFAST_EXPORT Graph decode_hfm(std::span<const std::byte> bytes, std::string_view name);
/// Writes `.hfm` atomically; Unsupported where the model has no graph.
HOLDFAST_EXPORT void save_hfm(const Model& model, const std::filesystem::path& path);

}  // namespace holdfast

/// Package: a model with everything that lets others trust it: `manifest.json` (signature, metrics, lineage, size and
/// SHA-256 of every other file), the model file, `reference.profile`. A directory or a zip, with one identity: the
/// SHA-256 of the canonical manifest.
///
/// Errors: NotFound, PermissionDenied, IoError; CorruptArtifact (a file missing, unlisted, of another size or hash, a
/// path that leaves the folder, a link, a zip bomb, a signature that is not this package's); Unsupported (a newer
/// format); InvalidArgument (what a caller asked for).
///
/// Thread safety: Package is immutable once made; safe from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/base/ed25519.hpp>
#include <holdfast/base/hash.hpp>
#include <holdfast/base/json.hpp>
#include <holdfast/export.hpp>
#include <holdfast/models/load.hpp>
#include <holdfast/models/model.hpp>
#include <holdfast/stats/profile.hpp>
#include <holdfast/stats/types.hpp>

namespace holdfast {

struct FileEntry {
    std::int64_t size = 0;
    Digest sha256;
    bool operator==(const FileEntry&) const = default;
};

/// Canonical JSON when stored; its SHA-256 is the package's identity.
struct HOLDFAST_EXPORT Manifest {
    static constexpr std::int64_t format = 1;

    std::string name;
    Signature signature;
    std::string model_file;                             ///< "model.hfm", "model.onnx", "model.pt2"
    std::map<std::string, stats::MetricValue> metrics;  ///< computed by Holdfast on the reloaded file
    Json lineage = Json::object({});         ///< parent version, sample hash, trainer, parameters, seed: what is known
    std::map<std::string, FileEntry> files;  ///< every file but the manifest, by relative path

    [[nodiscard]] Json to_json() const;
    [[nodiscard]] static Manifest from_json(const Json& json);  ///< CorruptArtifact naming the member
    [[nodiscard]] Digest identity() const;
};

class HOLDFAST_EXPORT Package {
  public:
    static constexpr std::int64_t default_max_bytes = std::int64_t{4} << 30;
    /// Opens and verifies a directory or a zip; every listed file is there with its size and hash, and no other is.
    /// InvalidArgument where the files are larger than `max_bytes` together.
    [[nodiscard]] static Package open(const std::filesystem::path& path, std::int64_t max_bytes = default_max_bytes);
    /// `name` is for messages.
    [[nodiscard]] static Package from_zip_bytes(std::vector<std::byte> bytes, std::string_view name,
                                                std::int64_t max_bytes = default_max_bytes);

    [[nodiscard]] const Manifest& manifest() const noexcept { return *manifest_; }
    [[nodiscard]] Digest identity() const noexcept { return identity_; }
    /// Bytes of a listed file; NotFound.
    [[nodiscard]] std::span<const std::byte> file(std::string_view name) const;
    [[nodiscard]] const stats::Profile& reference() const;  ///< NotFound where the package has none
    [[nodiscard]] bool has_reference() const noexcept;
    /// Loads the model from the bytes that were verified. `allowed_sha256` may name the package's identity, which
    /// commits to its files.
    [[nodiscard]] std::shared_ptr<const Model> load(const LoadOptions& options = {}) const;

    /// Deterministic: sorted names, fixed times and modes, no compression; written atomically.
    void save_zip(const std::filesystem::path& path) const;
    void save_directory(const std::filesystem::path& path) const;  ///< Conflict where something is there
    [[nodiscard]] std::vector<std::byte> zip_bytes() const;
    /// Signed, too, with an Ed25519 private key (PEM): the signature says this identity, which stays the same, and
    /// travels as `signatures.json` beside the manifest. A lineage that is added later makes another, unsigned package.
    [[nodiscard]] Package sign(std::string_view private_key_pem) const;
    [[nodiscard]] const std::vector<KeySignature>& signatures() const noexcept { return signatures_; }  ///< by key
    /// With these signatures and no others; CorruptArtifact where one is not this package's.
    [[nodiscard]] Package with_signatures(std::vector<KeySignature> signatures) const;
    /// The same files under a manifest whose lineage has these members too: another identity.
    [[nodiscard]] Package with_lineage(const Json& members) const;

  private:
    friend class PackageBuilder;
    /// By name, `manifest.json` among them.
    using Files = std::map<std::string, std::vector<std::byte>, std::less<>>;
    Package(Manifest manifest, Files files);
    [[nodiscard]] std::shared_ptr<const Files> files_to_save() const;

    std::shared_ptr<const Manifest> manifest_;
    Digest identity_;
    std::shared_ptr<const Files> files_;
    std::shared_ptr<const stats::Profile> reference_;
    std::vector<KeySignature> signatures_;
};

/// PermissionDenied, naming the keys seen and those wanted, unless one of `trusted` signed the package of this
/// identity.
HOLDFAST_EXPORT void require_signed(std::string_view name, const Digest& identity,
                                    std::span<const KeySignature> signatures, std::span<const PublicKey> trusted);

/// Labelled data that metrics are computed on: features, and the truth in the order of its rows.
struct Evaluation {
    Table features;
    Column truth;
    std::vector<std::string> metrics;
};

class HOLDFAST_EXPORT PackageBuilder {
  public:
    explicit PackageBuilder(std::string name);
    /// Takes the bytes of a model file; `file_name` gives the backend by its ending.
    PackageBuilder& model_file(std::string file_name, std::vector<std::byte> bytes);
    /// A model with a graph, as `model.hfm`.
    PackageBuilder& model(const Model& model);
    PackageBuilder& reference(stats::Profile profile);  ///< written without items of few rows
    PackageBuilder& lineage(Json lineage);
    /// Metrics of the model reloaded from the packaged bytes, on these rows.
    PackageBuilder& evaluate(Evaluation evaluation);
    PackageBuilder& load_options(LoadOptions options);  ///< for files that carry code
    PackageBuilder& file(std::string name, std::vector<std::byte> bytes);

    [[nodiscard]] Package build() const;

  private:
    std::string name_;
    std::string model_file_;
    std::map<std::string, std::vector<std::byte>, std::less<>> files_;
    std::optional<stats::Profile> reference_;
    Json lineage_ = Json::object({});
    std::vector<Evaluation> evaluations_;
    LoadOptions options_;
};

/// What a labelled table says about a model: predictions and probabilities as scores want them, classes as positions.
struct HOLDFAST_EXPORT Judged {
    std::vector<double> truth, prediction, probability;
    std::int64_t classes = 0;
};
/// Truth as class positions (classification; a label the model does not know is NaN) or values.
[[nodiscard]] HOLDFAST_EXPORT std::vector<double> truth_values(const Signature& signature, const Column& truth);
[[nodiscard]] HOLDFAST_EXPORT Judged judge(const Model& model, const Table& features, const Column& truth);

/// SHA-256 of a table's canonical bytes (names, types, validity, values; a NaN is one NaN): which rows a model has
/// seen, whatever frame they came in.
[[nodiscard]] HOLDFAST_EXPORT Digest table_sha256(const Table& table);

/// Opens a package (directory or zip, by the ending .zip) and loads its model, or passes a bare model file down.
[[nodiscard]] HOLDFAST_EXPORT std::shared_ptr<const Model> load_model(const std::filesystem::path& path,
                                                                      const LoadOptions& options = {});

}  // namespace holdfast

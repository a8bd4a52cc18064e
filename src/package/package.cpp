#include <holdfast/package/package.hpp>

#include <system_error>

#include <holdfast/base/error.hpp>
#include <holdfast/base/file.hpp>

#include "package/layout.hpp"

namespace holdfast {
namespace {

namespace fs = std::filesystem;

fs::file_status status_of(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
        throw NotFound("package \"" + path.string() + "\": no such file or folder");
    if (error) throw_system_error(error.value(), "open the package", path);
    return status;
}

std::shared_ptr<const stats::Profile> read_reference(const detail::PackageFiles& files) {
    const auto found = files.find(detail::reference_name);
    if (found == files.end()) return nullptr;
    return std::make_shared<const stats::Profile>(stats::Profile::decode(found->second, detail::reference_name));
}

}  // namespace

Package::Package(Manifest manifest, Files files)
    : manifest_(std::make_shared<const Manifest>(std::move(manifest))),
      identity_(sha256(files.find(detail::manifest_name)->second)),
      files_(std::make_shared<const Files>(std::move(files))),
      reference_(read_reference(*files_)) {}

Package Package::open(const fs::path& path, std::int64_t max_bytes) {
    if (fs::is_directory(status_of(path))) {
        auto [manifest, files, signatures] = detail::read_directory(path, max_bytes);
        return Package(std::move(manifest), std::move(files)).with_signatures(std::move(signatures));
    }
    return from_zip_bytes(read_file(path, max_bytes), path.string(), max_bytes);
}

Package Package::from_zip_bytes(std::vector<std::byte> bytes, std::string_view name, std::int64_t max_bytes) {
    auto [manifest, files, signatures] = detail::read_zip(bytes, name, max_bytes);
    return Package(std::move(manifest), std::move(files)).with_signatures(std::move(signatures));
}

std::span<const std::byte> Package::file(std::string_view name) const {
    const auto found = files_->find(name);
    if (found == files_->end())
        throw NotFound("package \"" + manifest_->name + "\": no file \"" + std::string(name) + "\" in it");
    return found->second;
}

bool Package::has_reference() const noexcept { return reference_ != nullptr; }

const stats::Profile& Package::reference() const {
    if (reference_ == nullptr) throw NotFound("package \"" + manifest_->name + "\": no reference profile in it");
    return *reference_;
}

std::shared_ptr<const Model> Package::load(const LoadOptions& options) const {
    const std::string& file_name = manifest_->model_file;
    LoadOptions passed = options;
    for (const Digest& allowed : options.allowed_sha256)
        if (allowed == identity_) passed.allowed_sha256.push_back(manifest_->files.at(file_name).sha256);
    // The native file says all of its signature itself; others may have been given one when they were packaged.
    const bool native = fs::path(file_name).extension() == ".hfm";
    if (passed.signature == nullptr && !native)
        passed.signature = std::make_shared<const Signature>(manifest_->signature);
    auto model = load_model_bytes(file(file_name), file_name, passed);
    if (options.signature == nullptr && model->signature() != manifest_->signature)
        throw CorruptArtifact("package \"" + manifest_->name + "\": the signature in manifest.json is not that of \"" +
                              file_name + "\"");
    return model;
}

Package Package::with_lineage(const Json& members) const {
    if (!members.is_object()) throw InvalidArgument("package: lineage: a JSON object wanted");
    Manifest manifest = *manifest_;
    for (const auto& [key, value] : members.as_object()) manifest.lineage[key] = value;
    Files files = *files_;
    const std::string text = manifest.to_json().canonical();
    const auto bytes = as_bytes(text);
    files.find(detail::manifest_name)->second.assign(bytes.begin(), bytes.end());
    return {std::move(manifest), std::move(files)};
}

std::vector<std::byte> Package::zip_bytes() const { return detail::write_zip(*files_to_save()); }

}  // namespace holdfast

/// Registry: named models and their versions: pending, approved, rejected, archived.
///
/// A version is named "b1" (the latest approved), "b1@3" (that one) or "b1@champion" (where the alias points).
///
/// Errors: NotFound (model, version, alias), Conflict (a state that forbids it), CorruptArtifact, PermissionDenied (the
/// workspace trusts keys, and none of them signed the package).
///
/// Thread safety: all calls are safe from several threads and processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/export.hpp>
#include <holdfast/package/package.hpp>
#include <holdfast/store/store.hpp>

namespace holdfast {

/// A snapshot of one registered package.
struct Version {
    std::string model;
    std::int64_t number = 0;
    std::string state;
    Digest package;
    Manifest manifest;
    Time registered{};
};

class HOLDFAST_EXPORT Registry {
  public:
    /// Pending; the same package again is the same version. The model's name is the manifest's.
    Version register_package(const Package& package);
    Version approve(std::string_view model, std::int64_t version, std::string_view by, std::string_view note = {});
    Version reject(std::string_view model, std::int64_t version, std::string_view by, std::string_view note = {});
    Version archive(std::string_view model, std::int64_t version, std::string_view by, std::string_view note = {});

    [[nodiscard]] Version version(std::string_view model, std::int64_t version) const;
    [[nodiscard]] std::optional<Version> latest_approved(std::string_view model) const;
    [[nodiscard]] std::vector<Version> versions(std::string_view model = {}) const;
    [[nodiscard]] std::vector<store::ApprovalRow> history(std::string_view model, std::int64_t version) const;
    /// The version of that name.
    [[nodiscard]] Version resolve(std::string_view name) const;
    /// Points an alias at a version, or takes it away; every move is kept.
    void alias(std::string_view model, std::string_view alias, std::optional<std::int64_t> version, std::string_view by,
               std::string_view note = {});
    [[nodiscard]] std::map<std::string, std::int64_t> aliases(std::string_view model) const;
    [[nodiscard]] std::vector<store::AliasRow> alias_history(std::string_view model) const;  ///< oldest first

    /// The version, the one whose package its lineage names as parent, and so on to the root, or to a parent that is
    /// not registered here.
    [[nodiscard]] std::vector<Version> lineage(std::string_view model, std::int64_t version) const;

    /// The stored package, verified, with its signatures.
    [[nodiscard]] Package package(const Version& version) const;
    /// The same as a zip at `path`.
    void export_package(const Version& version, const std::filesystem::path& path) const;

    // The same, as part of a transaction that does more. `store_package` before it keeps the transaction short.
    void store_package(const Package& package);
    Version register_package(store::Session& session, const Package& package);
    /// PermissionDenied unless a trusted key signed the version's package; nothing where no keys are trusted.
    void require_trusted(const store::Session& session, const store::VersionRow& version) const;
    Version set_state(store::Session& session, std::string_view model, std::int64_t version, std::string_view state,
                      std::string_view by, std::string_view note);

  private:
    friend class Workspace;
    Registry(std::shared_ptr<store::Store> store, std::vector<PublicKey> trusted)
        : store_(std::move(store)), trusted_(std::make_shared<const std::vector<PublicKey>>(std::move(trusted))) {}
    void require_trusted(std::string_view model, const Digest& package, std::span<const KeySignature> signatures) const;

    std::shared_ptr<store::Store> store_;
    std::shared_ptr<const std::vector<PublicKey>> trusted_;  ///< none: whoever made it
};

}  // namespace holdfast
